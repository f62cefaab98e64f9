//! The evaluation report of a deployment: every gate's evidence in one page.

use serde::{Deserialize, Serialize};

use crate::deployment::DeploymentState;
use crate::environment::Environment;
use crate::gate::{AccuracyFigure, Gate, Measure, Report, Verdict};

/// Reports of all gates of one deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluationReport {
    pub number: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    pub state: DeploymentState,
    pub gates: Vec<GateReport>,
    /// That the reports were removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<RemovedEvidence>,
}

/// That evidence was removed, because the policy kept it no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemovedEvidence {
    pub at: String,
    /// The version of the policy that said so.
    pub policy_version: i32,
    /// For how many days it was kept.
    pub days: i32,
}

/// One gate's stored report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateReport {
    pub verdict: Verdict,
    pub evidence_digest: String,
    pub settled_at: String,
    pub carried_from: Option<i64>,
    /// A signed statement of the run is kept. False for runs that are older than statements.
    #[serde(default)]
    pub attested: bool,
    /// The signer outside Clearance who handed the result in, by the name that the policy gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// What the version that was live came to, measure by measure: the measures of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveMeasures>,
    /// What its engine was measured to do, where that is known.
    #[serde(default)]
    pub accuracy: Vec<AccuracyFigure>,
    pub report: Report,
}

/// How the scores of an agent moved, from version to version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    pub agent: String,
    /// One for each measure that any of the versions was judged by.
    pub series: Vec<Series>,
}

/// One measure over the versions, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub gate: Gate,
    pub measure: String,
    pub points: Vec<Point>,
}

/// What one version came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub version: String,
    /// The deployment that was judged.
    pub number: i64,
    pub at: String,
    pub measure: Measure,
}

/// A result that was taken from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandedIn {
    pub number: i64,
    pub gate: Gate,
    pub verdict: Verdict,
    /// Who signed it, by the name that the policy gives them.
    pub signer: String,
    /// `sha256:` of the envelope as it is kept.
    pub envelope: String,
}

/// The same gate of the version that is live, or was when this one was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveMeasures {
    pub version: String,
    pub number: i64,
    pub measures: Vec<Measure>,
}
