//! Saved views of the audit trail and of the registry as the page and the API show them.

use serde::{Deserialize, Serialize};

use crate::form::query::{AgentQuery, AuditQuery};

/// The person's own views, and those that others share, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedViews {
    pub own: Vec<SavedView>,
    pub shared: Vec<SavedView>,
    /// May the reader keep views? A token may not.
    pub can_save: bool,
}

impl SavedViews {
    /// Those of the registry, or those of the audit trail.
    #[must_use]
    pub fn of_registry(mut self, registry: bool) -> Self {
        let of = |view: &SavedView| view.agents.is_some() == registry;
        self.own.retain(of);
        self.shared.retain(of);
        self
    }
}

/// One view: filters under a name. It shows each reader what that reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    pub id: String,
    pub name: String,
    /// Of the audit trail.
    pub filters: AuditQuery,
    /// Of the registry, where it is a view of that.
    pub agents: Option<AgentQuery>,
    pub shared: bool,
    /// Name of whose it is.
    pub owner: String,
    /// May the reader remove it? Their own, and a shared one if they administer.
    pub can_remove: bool,
}
