//! Legal holds as the page and the API show them.

use serde::{Deserialize, Serialize};

/// Holds, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegalHoldList {
    pub rows: Vec<LegalHoldRow>,
    /// May the reader place and release them?
    pub can_change: bool,
}

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegalHoldRow {
    pub id: String,
    /// Slug of the agent; none for everything.
    pub agent: Option<String>,
    pub reason: String,
    pub placed_by: String,
    /// RFC 3339.
    pub placed_at: String,
    pub released_by: Option<String>,
    pub release_reason: Option<String>,
    pub released_at: Option<String>,
}
