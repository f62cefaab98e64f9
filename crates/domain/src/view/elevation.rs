//! Elevations, and standing roles that nobody uses.

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::elevation::ElevationState;

/// One elevation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElevationRow {
    pub number: i64,
    pub person: String,
    pub role: Role,
    /// Slug of the team.
    pub team: String,
    pub hours: u32,
    pub reason: String,
    pub state: ElevationState,
    pub requested_at: String,
    /// When the request expires, or the role ends.
    pub until: String,
    pub decided_by: Option<String>,
    pub decision_reason: Option<String>,
    pub ended_at: Option<String>,
    pub ended_by: Option<String>,
    /// The person looking asked for it.
    pub yours: bool,
    /// The person looking may answer it.
    pub can_decide: bool,
    /// The person looking may end it, or take it back.
    pub can_end: bool,
}

/// What the page of elevations shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Elevations {
    /// Requests without an answer, and roles that are held now.
    pub open: Vec<ElevationRow>,
    /// What is over, newest first, one page.
    pub past: Vec<ElevationRow>,
    pub next: Option<String>,
    /// Slugs of the teams that the person looking can ask for.
    pub teams: Vec<String>,
    /// The most hours that the policy allows.
    pub max_hours: u32,
    /// Standing roles over production that were not used for 30 days. Shown to administrators alone.
    pub unused: Option<Vec<UnusedGrant>>,
}

/// A standing role that its person did not use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnusedGrant {
    pub id: String,
    pub person: String,
    pub role: Role,
    /// Slug; `None` where it holds in every team.
    pub team: Option<String>,
    pub granted_at: String,
}

/// A role that the person looking holds for now, for the frame around every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveElevation {
    pub number: i64,
    pub role: Role,
    pub team: String,
    pub until: String,
}
