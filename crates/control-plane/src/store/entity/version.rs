//! An immutable candidate of an agent. Only the image (once) and the hold change.

use domain::id::{AgentId, VersionId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "versions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: VersionId,
    pub(crate) agent_id: AgentId,
    pub(crate) number: String,
    pub(crate) commit_id: String,
    pub(crate) subject: String,
    pub(crate) author_name: String,
    pub(crate) author_email: String,
    pub(crate) committer_name: String,
    pub(crate) committer_email: String,
    pub(crate) config_digest: String,
    pub(crate) manifest_text: String,
    pub(crate) manifest_digest: String,
    pub(crate) scopes: String,
    pub(crate) image_digest: Option<String>,
    pub(crate) sbom_digest: Option<String>,
    pub(crate) packages: Option<String>,
    pub(crate) held_at: Option<DateTimeUtc>,
    pub(crate) hold_reason: Option<String>,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
