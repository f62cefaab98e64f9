//! What an agent's folder turned out to hold when it was looked at before its first version. Each fact says where it stands, and what
//! could not be told is said too. Found by `scanning::detect`; here are its words, the manifest that is proposed from it, and the
//! list of what is missing for the first green deployment.

mod checklist;
mod propose;

use serde::{Deserialize, Serialize};

pub use checklist::{Deployed, SetupCheck, SetupFacts, SetupItem, SetupState, checklist};
pub use propose::propose;

use crate::agent::{AgentManifest, Framework, ManifestProblem, McpServer, Risk};
use crate::gate::Gate;
use crate::state::words;

words! {
    /// How far a look at an agent's source is. `ordered > done | failed`; both may be ordered again (`detections::look_again`), the
    /// worker `look_at_sources` ends it.
    LookState as "state of a look" {
        Ordered = "ordered",
        Done = "done",
        Failed = "failed",
    }
}

words! {
    /// Why nothing could be told of a source.
    LookProblem as "problem of a look" {
        /// The git host answers, and says no; or does not answer after several tries.
        RepositoryUnread = "repository_unread",
        BranchMissing = "branch_missing",
        FolderMissing = "folder_missing",
        /// It was checked out, and looking at it did not come to an end.
        NotAnalysed = "not_analysed",
    }
}

impl LookProblem {
    /// The words people read. What the git host said follows them.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::RepositoryUnread => "The repository could not be read",
            Self::BranchMissing => "The repository has no such branch",
            Self::FolderMissing => "The branch has no such folder",
            Self::NotAnalysed => "The folder could not be looked at",
        }
    }
}

/// Where a fact stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// Relative to the agent's folder.
    pub file: String,
    /// 1-based; 0 where the whole file is meant.
    pub line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// A text that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Said {
    pub value: String,
    pub at: Place,
}

/// What an agent is built with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundFramework {
    pub framework: Framework,
    /// The import that says so; for custom code, the file that is run.
    pub at: Place,
}

/// The file that pip installs from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundRequirements {
    pub file: String,
    /// Packages with an exact version.
    pub pinned: u32,
    /// Packages without one, or from an address.
    pub unpinned: Vec<Said>,
}

/// A function that is handed to the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundTool {
    pub name: String,
    /// The first sentence of its description; empty where it has none.
    pub description: String,
    pub at: Place,
}

/// An MCP server that the agent uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundServer {
    pub server: McpServer,
    pub at: Place,
}

/// A suite of cases beside the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundSuite {
    pub gate: Gate,
    pub file: String,
}

/// The `clearance.yaml` that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundManifest {
    /// The agent that it is of; empty where it cannot be read.
    pub agent: String,
    /// The risk that it declares; none where it cannot be read.
    pub risk: Option<Risk>,
    /// Gates that it names a suite for.
    pub suites: Vec<Gate>,
    /// Everything that would reject a push.
    pub problems: Vec<ManifestProblem>,
}

impl FoundManifest {
    /// One that can be read. Whether the files that it names are there is another question.
    #[must_use]
    pub fn of(manifest: &AgentManifest) -> Self {
        Self {
            agent: manifest.agent.clone(),
            risk: Some(manifest.risk),
            suites: manifest.suites.iter().map(|suite| suite.gate).collect(),
            problems: Vec::new(),
        }
    }

    /// One that cannot be read.
    #[must_use]
    pub const fn unread(problems: Vec<ManifestProblem>) -> Self {
        Self {
            agent: String::new(),
            risk: None,
            suites: Vec::new(),
            problems,
        }
    }
}

/// Everything that a look found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detected {
    /// Files that were looked at.
    pub files: u32,
    /// None where there is no Python.
    pub framework: Option<FoundFramework>,
    /// The file that is run.
    pub entrypoint: Option<Said>,
    pub requirements: Option<FoundRequirements>,
    /// In the order of their names.
    pub tools: Vec<FoundTool>,
    pub mcp_servers: Vec<FoundServer>,
    /// Packages that say something about the agent: frameworks, models, stores.
    pub dependencies: Vec<Said>,
    /// Text files below `prompts/`, by the name that the manifest gives them.
    pub prompts: Vec<Said>,
    pub suites: Vec<FoundSuite>,
    /// Names of environment variables that hold a secret by their name.
    pub secrets: Vec<Said>,
    /// Name that the A2A card gives the agent, and the card's file.
    #[serde(default)]
    pub agent_card: Option<Said>,
    pub manifest: Option<FoundManifest>,
    /// What could not be told, and why, in sentences.
    pub unsure: Vec<String>,
}
