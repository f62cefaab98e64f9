//! What an agent can reach, as pages and the API show it.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::state::words;

words! {
    /// What kind of thing can be reached.
    ReachKind as "kind of thing" {
        Agent = "agent",
        Tool = "tool",
        McpServer = "mcp_server",
        Model = "model",
        Secret = "secret",
        Scope = "scope",
        Resource = "resource",
    }
}

impl ReachKind {
    /// The words people read, for several of them.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Agent => "Agents",
            Self::Tool => "Tools",
            Self::McpServer => "MCP servers",
            Self::Model => "Models",
            Self::Secret => "Secret references",
            Self::Scope => "Scopes",
            Self::Resource => "Resources",
        }
    }

    /// The words people read, for one of them.
    #[must_use]
    pub const fn one(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Tool => "Tool",
            Self::McpServer => "MCP server",
            Self::Model => "Model",
            Self::Secret => "Secret reference",
            Self::Scope => "Scope",
            Self::Resource => "Resource",
        }
    }
}

/// One thing that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReachNode {
    pub kind: ReachKind,
    pub name: String,
    /// A description, an address, a provider or a reference.
    pub note: String,
    /// Class of the data of a resource, where its owner said it.
    pub data_class: Option<String>,
    /// Slug of the team that looks after a resource.
    pub owner: Option<String>,
    /// How many other agents lie between; 0 for what the agent reaches itself.
    pub hops: u32,
}

/// That one thing leads to another, by their places in the list of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReachEdge {
    pub from: usize,
    pub to: usize,
}

/// What an agent can reach with what is live of it in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reach {
    pub agent: String,
    pub environment: Environment,
    /// What is live there; without it nothing is reached.
    pub live: Option<ReachLive>,
    /// The agent itself first.
    pub nodes: Vec<ReachNode>,
    pub edges: Vec<ReachEdge>,
    /// The classes of data that the manifest says and that the reached resources have.
    pub data_classes: Vec<String>,
    /// How many things are not in the list, because there are too many.
    pub left_out: u32,
}

/// What is live, and the identity that it acts under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReachLive {
    pub deployment: i64,
    pub version: String,
    /// Client id of its identity.
    pub identity: String,
    /// Can the identity act now? Without it no scope counts.
    pub usable: bool,
}
