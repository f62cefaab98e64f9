//! Saved views of the audit trail as the page and the API show them.

use serde::{Deserialize, Serialize};

use crate::form::query::AuditQuery;

/// The person's own views, and those that others share, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedViews {
    pub own: Vec<SavedView>,
    pub shared: Vec<SavedView>,
    /// May the reader keep views? A token may not.
    pub can_save: bool,
}

/// One view: filters under a name. It shows each reader what that reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    pub id: String,
    pub name: String,
    pub filters: AuditQuery,
    pub shared: bool,
    /// Name of whose it is.
    pub owner: String,
    /// May the reader remove it? Their own, and a shared one if they administer.
    pub can_remove: bool,
}
