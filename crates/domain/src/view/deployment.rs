//! Deployments: the list and one of them.

use serde::{Deserialize, Serialize};

use crate::deployment::{DeploymentKind, DeploymentState, LogLevel, Step};
use crate::environment::Environment;
use crate::gate::{Finding, Gate, Verdict};
use crate::ledger::{Origin, Receipt, ResourceKind, ResourceState};
use crate::tone::Tone;
use crate::view::break_glass::{BreakGlassMark, BreakGlassOffer};

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentRow {
    pub number: i64,
    pub agent: String,
    pub team: String,
    pub version: String,
    pub environment: Environment,
    pub kind: DeploymentKind,
    pub state: DeploymentState,
    pub commit: String,
    pub requested_by: String,
    pub requested_at: String,
    pub updated_at: String,
}

/// One deployment, with all that its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentDetail {
    pub row: DeploymentRow,
    pub team_id: String,
    /// Optimistic lock for actions on this page.
    pub revision: i64,
    pub subject: String,
    pub author: String,
    pub branch: String,
    pub config_digest: String,
    pub image_digest: Option<String>,
    pub manifest_digest: Option<String>,
    pub target: String,
    /// What is live in this environment now.
    pub replaces: Option<(i64, String)>,
    pub reason: Option<String>,
    /// Why it ended, in words.
    pub failure: Option<Failure>,
    pub stages: Vec<Stage>,
    pub gates: Vec<GateBox>,
    pub ledger: Vec<LedgerRow>,
    pub receipt: Option<Receipt>,
    pub attestations: Vec<Attestation>,
    pub conditions: Vec<Condition>,
    /// "Before this can go live", "Before this can be promoted".
    pub conditions_title: String,
    pub approval: Option<ApprovalCell>,
    pub outgoing: Vec<OutgoingRow>,
    /// The last lines, oldest first, at most 200; earlier ones by `log_before`.
    pub log: Vec<LogLine>,
    pub log_before: Option<i64>,
    pub policy: String,
    pub can_cancel: bool,
    pub can_roll_back: bool,
    pub held: bool,
    /// Live, and why it no longer complies with the policy in force.
    pub lacks: Vec<String>,
    /// It was let through without an approval.
    pub break_glass: Option<BreakGlassMark>,
    /// The person looking could let it through now.
    pub break_glass_offer: Option<BreakGlassOffer>,
}

/// Why a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// The step that ended it.
    pub step: Step,
    /// One sentence.
    pub message: String,
    /// The first findings, worst first, at most 10.
    pub findings: Vec<Finding>,
}

/// One box of the stage graph that is not a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stage {
    pub key: StageKey,
    pub status: StageStatus,
    /// The result in words, inside the box.
    pub note: String,
    /// Seconds it took, once it ended.
    pub seconds: Option<i64>,
}

/// The columns of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StageKey {
    Source,
    Build,
    Approval,
    Deploy,
    Verify,
    Live,
}

impl StageKey {
    /// The name in the box.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Build => "Build",
            Self::Approval => "Approval",
            Self::Deploy => "Deploy",
            Self::Verify => "Verify",
            Self::Live => "Live",
        }
    }
}

/// How a box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StageStatus {
    Done,
    Running,
    Waiting,
    Failed,
    Errored,
    /// Not needed here: a promotion does not build again.
    Skipped,
    NotReached,
}

impl StageStatus {
    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Done => Tone::Ok,
            Self::Running => Tone::Run,
            Self::Waiting => Tone::Wait,
            Self::Failed => Tone::Bad,
            Self::Errored => Tone::Unknown,
            Self::Skipped | Self::NotReached => Tone::Idle,
        }
    }
}

/// One gate in the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateBox {
    pub gate: Gate,
    /// `None` while it waits or runs.
    pub verdict: Option<Verdict>,
    pub running: bool,
    /// "0 findings in 14 files", "11 of 12 cases", "Not reached".
    pub summary: String,
    pub reason: Option<String>,
    pub seconds: Option<i64>,
    pub evidence_digest: Option<String>,
    /// Number of the deployment whose run it is, where a promotion carries results over.
    pub carried_from: Option<i64>,
}

/// One row of the resource ledger, in order of writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LedgerRow {
    pub sequence: i64,
    pub kind: ResourceKind,
    pub name: String,
    pub state: ResourceState,
    pub origin: Origin,
    pub written_at: String,
    pub attempts: i32,
    pub last_error: Option<String>,
}

/// One signed or hashed piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attestation {
    pub label: String,
    pub digest: Option<String>,
    /// Shown in place of the digest while there is none.
    pub pending: String,
}

/// One thing that must be met before this can go live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    pub met: bool,
    pub text: String,
    /// What would meet it, and who can do that; empty where it is met.
    pub remedy: String,
}

/// Why a deployment is not further, or cannot be promoted: everything that is not met, with what would meet it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conditions {
    pub number: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    pub state: DeploymentState,
    /// "Before this can go live", "Before this can be promoted".
    pub title: String,
    /// In the order in which they are met.
    pub conditions: Vec<Condition>,
    /// How many are not met.
    pub open: usize,
}

/// The approval of a deployment as its page mentions it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalCell {
    pub number: i64,
    pub state: crate::approval::ApprovalState,
    pub approvals: u32,
    pub quorum: u32,
    pub expires_at: String,
}

/// Outgoing work of a deployment: git tags and commit statuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutgoingRow {
    /// `Git tag` or `Commit status`.
    pub what: String,
    pub name: String,
    pub done: bool,
    pub attempts: i32,
    pub last_error: Option<String>,
}

/// One line of a deployment's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    pub sequence: i64,
    /// RFC 3339 with milliseconds.
    pub at: String,
    pub step: Step,
    pub level: LogLevel,
    pub text: String,
}
