//! How changes of agents reach production: the four measures.

use serde::{Deserialize, Serialize};

/// The measures of a period.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Performance {
    /// At or after it, RFC 3339.
    pub from: String,
    /// Before it.
    pub to: String,
    /// Slug of the one team that was asked for.
    pub team: Option<String>,
    /// Of every team that was asked for together.
    pub all: Measures,
    /// Of each team that had changes.
    pub teams: Vec<TeamMeasures>,
    /// Every week that the period touches, oldest first.
    pub weeks: Vec<Week>,
    /// The changes that did harm, the newest first.
    pub failed: Vec<Failed>,
    /// Slugs of the teams that can be asked for.
    pub choices: Vec<String>,
}

/// The four measures of some changes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measures {
    /// Changes that went live in production.
    pub changes: usize,
    pub a_week: f64,
    /// Median from push to live, seconds; `None` without changes.
    pub lead_seconds: Option<i64>,
    /// Changes that did harm.
    pub failed: usize,
    /// Median of the harm that ended, seconds.
    pub restore_seconds: Option<i64>,
    /// Of those that did harm, where it lasts.
    pub not_restored: usize,
}

/// The measures of one team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamMeasures {
    /// Slug.
    pub team: String,
    pub measures: Measures,
}

/// The changes of one week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Week {
    /// Its first day, such as 2026-03-02.
    pub monday: String,
    pub changes: usize,
    /// Of these, how many did harm, whenever they did.
    pub failed: usize,
}

/// A change that did harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failed {
    pub agent: String,
    /// Number of the deployment.
    pub number: i64,
    pub team: String,
    /// RFC 3339.
    pub began_at: String,
    /// `None` while it lasts.
    pub restored_at: Option<String>,
}
