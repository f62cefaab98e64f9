//! Incidents as pages and the API show them.

use serde::{Deserialize, Serialize};

use super::agent::RollbackBadge;
use super::audit::AuditRow;
use crate::environment::Environment;
use crate::incident::{IncidentCause, IncidentState, QuarantineState};

/// One incident in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentRow {
    pub number: i64,
    pub agent: String,
    pub team: String,
    pub environment: Environment,
    /// The deployment that was live when it was opened.
    pub deployment: Option<i64>,
    pub cause: IncidentCause,
    pub state: IncidentState,
    pub title: String,
    pub opened_by: String,
    /// RFC 3339.
    pub opened_at: String,
    pub owner: Option<String>,
}

/// A quarantine of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineRow {
    pub deployment: i64,
    pub state: QuarantineState,
    pub asked_by: String,
    pub reason: String,
    pub asked_at: String,
    pub in_force_at: Option<String>,
    pub over_at: Option<String>,
    /// Why the outside did not do it yet.
    pub last_error: Option<String>,
}

/// What is live now where the incident is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentLive {
    pub number: i64,
    pub version: String,
    pub rollback: RollbackBadge,
}

/// One incident with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentDetail {
    pub row: IncidentRow,
    pub mitigation: Option<String>,
    pub mitigated_at: Option<String>,
    pub lesson: Option<String>,
    pub closed_by: Option<String>,
    pub closed_at: Option<String>,
    pub live: Option<IncidentLive>,
    /// Newest first.
    pub quarantines: Vec<QuarantineRow>,
    /// What happened to the agent since it was opened, newest first, at most 100.
    pub timeline: Vec<AuditRow>,
    /// The actor may act on it.
    pub can_act: bool,
    /// The actor looks after it.
    pub yours: bool,
}

impl IncidentDetail {
    /// The quarantine that is not over.
    #[must_use]
    pub fn quarantine(&self) -> Option<&QuarantineRow> {
        self.quarantines
            .iter()
            .find(|q| !matches!(q.state, QuarantineState::Released | QuarantineState::Over))
    }
}
