//! The registry and one agent.

use serde::{Deserialize, Serialize};

use crate::agent::{Framework, ManifestProblem, Risk, Tool};
use crate::delivery::PushState;
use crate::deployment::{DeploymentKind, DeploymentState};
use crate::environment::Environment;
use crate::form::query::{Facet, Narrowing};
use crate::identity::IdentityState;
use crate::registry::{Degree, Profile, Shared, UseKind, Why};
use crate::rollback::Readiness;
use crate::runtime::RuntimeHealth;
use crate::view::break_glass::BreakGlassMark;

/// A page of the registry, with the counts beside its filters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AgentList {
    pub rows: Vec<AgentRow>,
    /// Pass as `cursor` to get the rows after these. `None` on the last page.
    pub next: Option<String>,
    /// How many agents fit, on all pages.
    pub fitting: u64,
    /// More fit the words than are looked at: the best of the first ones are shown.
    pub more: bool,
    /// Registered in teams that the reader does not see.
    pub elsewhere: u64,
    /// Runtimes that the reader may know of and that nobody registered, as open findings.
    #[serde(default)]
    pub unregistered: u64,
    /// How many agents would fit with each value of each filter alone, the other filters as they are.
    pub facets: Vec<FacetCount>,
    /// Where nothing fits, the filter that hides most.
    pub narrowest: Option<Narrowing>,
}

/// Agents that fit with one value of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FacetCount {
    pub facet: Facet,
    pub value: String,
    pub agents: u64,
}

impl AgentList {
    /// How many agents would fit with one value of a filter.
    #[must_use]
    pub fn count(&self, facet: Facet, value: &str) -> u64 {
        let mut of = self.facets.iter();
        let found = of.find(|one| one.facet == facet && one.value == value);
        found.map_or(0, |one| one.agents)
    }
}

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
    /// Name of who answers for it; empty for nobody.
    pub owner: String,
    /// Sorted.
    pub labels: Vec<String>,
    /// Why a search found it, where its name does not say it all.
    pub why: Option<Why>,
}

/// Agents that do nearly the same, as far as the reader sees them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarAgents {
    /// The likest first.
    pub agents: Vec<SimilarAgent>,
    /// More of them are in teams that the reader does not see.
    pub elsewhere: u64,
}

/// An agent that does nearly the same as another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarAgent {
    pub slug: String,
    pub team: String,
    pub description: String,
    /// Name of who answers for it; empty for nobody.
    pub owner: String,
    pub degree: Degree,
    pub shared: Shared,
}

/// Pairs of agents that do nearly the same, as far as the reader sees both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarPairs {
    /// The likest first.
    pub pairs: Vec<SimilarPair>,
    /// There are more than these.
    pub more: bool,
}

/// The two that are likest, and how many are as much alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosestPair {
    pub pair: SimilarPair,
    /// Pairs that are nearly the same, this one included; up to a bound.
    pub pairs: u64,
}

/// Two agents that do nearly the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarPair {
    /// Slug and team of each.
    pub one: (String, String),
    pub other: (String, String),
    pub degree: Degree,
    pub shared: Shared,
}

/// Two agents side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentComparison {
    pub one: ComparedAgent,
    pub other: ComparedAgent,
    /// Nothing where they are not alike.
    pub degree: Option<Degree>,
    pub shared: Shared,
}

/// One of two agents that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparedAgent {
    pub row: AgentRow,
    pub profile: Profile,
    /// What its identity may do where it is live, production before non-prod.
    pub scopes: Vec<String>,
}

/// A tool or MCP server that agents use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsedThing {
    pub kind: UseKind,
    pub name: String,
    /// Agents that use it, of those that the reader sees.
    pub agents: u64,
}

/// Who uses a tool or MCP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsedBy {
    pub kind: UseKind,
    pub name: String,
    pub rows: Vec<ToolUser>,
    pub next: Option<String>,
}

/// An agent that uses a tool or MCP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolUser {
    pub row: AgentRow,
    /// What its team says of the tool; empty for a server.
    pub description: String,
    /// Scopes that the tool needs by the manifest.
    pub scopes: Vec<String>,
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
    /// What people labelled it with in the registry, sorted.
    pub labels: Vec<String>,
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
    /// Agents that do nearly the same.
    pub similar: SimilarAgents,
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
    /// Has an A2A card.
    pub card: bool,
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
