//! Waivers and freezes as pages and the API show them.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::gate::Gate;
use crate::waiver::WaiverState;

/// One waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaiverRow {
    pub number: i64,
    pub state: WaiverState,
    pub agent: String,
    pub team: String,
    pub environment: Environment,
    pub gate: Gate,
    /// Id of the rule, advisory or case.
    pub finding: String,
    pub location: String,
    /// The deployment in whose report it stood.
    pub deployment: i64,
    pub reason: String,
    /// The first moment after it, RFC 3339.
    pub ends_at: String,
    pub given_by: String,
    pub given_at: String,
    pub revoked_by: Option<String>,
    pub revoked_at: Option<String>,
    pub revoke_reason: Option<String>,
}

/// One waiver with what leans on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaiverDetail {
    pub row: WaiverRow,
    /// Numbers of the deployments whose gate it satisfies, newest first, at most 100.
    pub leaning: Vec<i64>,
    pub can_revoke: bool,
}

/// What a form for a waiver is about, before it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverQuestion {
    pub deployment: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    pub gate: Gate,
    pub finding: String,
    pub location: String,
    /// What the report says of it.
    pub message: String,
    /// The last day that the policy allows.
    pub latest: String,
    /// Why the actor cannot give it.
    pub refused: Option<String>,
}

/// One time of a freeze, with whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeRow {
    /// `Everybody`, or the team and the risk.
    pub whom: String,
    pub reason: String,
    pub from: String,
    /// The first moment after it.
    pub until: String,
    /// It is open now.
    pub now: bool,
}

/// What is frozen now and in the next 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeCalendar {
    /// The policy that says it.
    pub policy: String,
    pub from: String,
    pub until: String,
    /// In order of their beginning, at most 200.
    pub rows: Vec<FreezeRow>,
    /// There are more.
    pub more: bool,
}
