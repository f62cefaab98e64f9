//! The evaluation report of a deployment: every gate's evidence in one page.

use serde::{Deserialize, Serialize};

use crate::deployment::DeploymentState;
use crate::gate::{Report, Verdict};

/// Reports of all gates of one deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluationReport {
    pub number: i64,
    pub agent: String,
    pub version: String,
    pub state: DeploymentState,
    pub gates: Vec<GateReport>,
}

/// One gate's stored report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateReport {
    pub verdict: Verdict,
    pub evidence_digest: String,
    pub settled_at: String,
    pub carried_from: Option<i64>,
    pub report: Report,
}
