//! The registry and one agent.

use serde::{Deserialize, Serialize};

use crate::agent::{Framework, ManifestProblem, Risk, Tool};
use crate::delivery::PushState;
use crate::deployment::{DeploymentKind, DeploymentState};
use crate::environment::Environment;
use crate::identity::IdentityState;
use crate::rollback::Readiness;
use crate::runtime::RuntimeHealth;
use crate::view::break_glass::BreakGlassMark;

/// One row of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentRow {
    pub slug: String,
    pub description: String,
    pub team: String,
    pub framework: Option<Framework>,
    pub risk: Option<Risk>,
    pub repository: String,
    pub branch: String,
    /// Live in non-prod and in production, newest facts.
    pub non_prod: Option<LiveCell>,
    pub production: Option<LiveCell>,
    /// The newest deployment, whatever became of it.
    pub last: Option<DeploymentCell>,
    pub decommissioned: bool,
}

/// What is live in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveCell {
    pub number: i64,
    pub version: String,
    pub since: String,
    /// Why it no longer complies with the policy in force.
    pub lacks: Vec<String>,
}

/// A deployment as other rows mention it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentCell {
    pub number: i64,
    pub version: String,
    pub environment: Environment,
    pub kind: DeploymentKind,
    pub state: DeploymentState,
    pub at: String,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentDetail {
    pub id: String,
    pub slug: String,
    pub description: String,
    pub team: String,
    pub team_id: String,
    pub framework: Option<Framework>,
    pub risk: Option<Risk>,
    pub repository: String,
    pub branch: String,
    pub path: String,
    pub connection: String,
    pub onboarded_at: String,
    pub onboarded_by: String,
    /// Who answers for it.
    pub owner: Option<OwnerView>,
    /// Whom the reader may name as the owner: id and name of everybody with a role in its team. Empty for who may not.
    pub owners: Vec<(String, String)>,
    pub decommissioned_at: Option<String>,
    pub environments: Vec<EnvironmentCard>,
    /// Newest first, at most 30.
    pub lineage: Vec<LineageRow>,
    /// Newest first, at most 10.
    pub pushes: Vec<PushRow>,
    /// What one person let through and nobody reviewed yet.
    pub break_glasses: Vec<BreakGlassMark>,
    /// What it can do by the manifest of what is live, or of the newest version; nothing before the first.
    pub does: Option<Does>,
    /// A deployment that waits for approval.
    pub waiting: Option<DeploymentCell>,
    /// A non-prod version that is proven and not yet asked for in production.
    pub promotable: Option<DeploymentCell>,
}

/// What a version can do, as its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Does {
    pub version: String,
    pub skills: Vec<String>,
    pub tags: Vec<String>,
    pub tools: Vec<Tool>,
    /// Names of MCP servers.
    pub servers: Vec<String>,
}

/// Who answers for an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnerView {
    pub id: String,
    pub name: String,
    /// Has no role in the agent's team any more.
    pub left: bool,
}

/// What runs in one environment, under which identity, and what could be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnvironmentCard {
    pub environment: Environment,
    pub live: Option<LiveCard>,
    pub rollback: RollbackBadge,
}

/// The live deployment of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveCard {
    pub number: i64,
    pub version: String,
    pub commit: String,
    pub image_digest: String,
    pub config_digest: String,
    pub manifest_digest: String,
    pub since: String,
    /// Number of the approval, where there was one.
    pub approval: Option<i64>,
    pub client_id: String,
    pub identity_state: IdentityState,
    pub scopes: Vec<String>,
    pub endpoint: String,
    pub health: RuntimeHealth,
    /// Why it no longer complies with the policy in force.
    pub lacks: Vec<String>,
}

/// Can we get back, and to what?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RollbackBadge {
    /// "Rollback ready".
    Ready {
        number: i64,
        version: String,
        /// How long it takes, by past rollbacks there. None before the first.
        about_seconds: Option<i64>,
    },
    /// "Rollback not ready: image was removed".
    NotReady {
        number: i64,
        version: String,
        reason: Readiness,
    },
    /// "No rollback target yet".
    NoTarget,
}

/// One version in the lineage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineageRow {
    pub version: String,
    pub commit: String,
    pub author: String,
    pub subject: String,
    pub cut_at: String,
    /// Set after a rollback, until a person lifts it.
    pub held: bool,
    /// Newest first.
    pub deployments: Vec<DeploymentCell>,
}

/// One movement of the watched branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushRow {
    pub commit: String,
    pub state: PushState,
    /// `delivery` or `poll`.
    pub trigger: String,
    pub at: String,
    pub note: Option<String>,
    pub problems: Vec<ManifestProblem>,
}

/// What an agent answered from the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskAnswer {
    pub status: u16,
    pub body: String,
    pub latency_ms: u64,
    /// "refund-assistant v1.0.0 …, authorised under approval #12".
    pub attribution: String,
}
