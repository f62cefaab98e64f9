//! Agents and their manifest, `clearance.yaml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::gate::Gate;
use crate::state::words;
use crate::version::VersionLine;

#[cfg(feature = "formats")]
mod parse;

/// Name of the manifest file in an agent's folder.
pub const MANIFEST_FILE: &str = "clearance.yaml";
/// Largest manifest, bytes.
pub const MANIFEST_MAX_BYTES: usize = 64 * 1024;
/// Most skills of an agent.
pub const SKILLS_MAX: usize = 40;
/// Longest skill, characters.
pub const SKILL_MAX: usize = 80;
/// Most tags of an agent.
pub const TAGS_MAX: usize = 20;
/// Longest tag, characters.
pub const TAG_MAX: usize = 40;

words! {
    /// What an agent is built with.
    Framework as "framework" {
        LangGraph = "langgraph",
        CrewAi = "crewai",
        Strands = "strands",
        Lyzr = "lyzr",
        Custom = "custom",
    }
}

impl Framework {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LangGraph => "LangGraph",
            Self::CrewAi => "CrewAI",
            Self::Strands => "Strands",
            Self::Lyzr => "Lyzr",
            Self::Custom => "Custom code",
        }
    }
}

words! {
    /// How much harm an agent could do, as its team declares.
    Risk as "risk" {
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

impl Risk {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "Low risk",
            Self::Medium => "Medium risk",
            Self::High => "High risk",
        }
    }
}

/// One thing that is wrong in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestProblem {
    /// File, relative to the agent's folder.
    pub file: String,
    /// 1-based; 0 where the whole file is meant.
    pub line: u32,
    /// 1-based; 0 where the whole line is meant.
    pub column: u32,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// A valid `clearance.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentManifest {
    pub agent: String,
    pub description: String,
    pub line: VersionLine,
    pub framework: Framework,
    pub risk: Risk,
    pub data_classes: Vec<String>,
    /// What it can do, in the words of its team; in their order, without repeats.
    pub skills: Vec<String>,
    /// Labels of the registry; sorted, without repeats.
    pub tags: Vec<String>,
    /// Sorted, without repeats.
    pub scopes: Vec<String>,
    pub runtime: RuntimeSection,
    pub config: ConfigSection,
    pub suites: Vec<SuiteRef>,
    /// File of its A2A card, relative to the agent's folder.
    pub agent_card: Option<String>,
    /// Path prefixes inside the agent's folder that trigger a deployment; empty for all.
    pub watch: Vec<String>,
}

/// How the agent is started and limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeSection {
    /// Python file, relative to the agent's folder.
    pub entrypoint: String,
    pub requirements: Option<String>,
    pub memory_mb: u32,
    pub start_timeout_seconds: u32,
    pub invoke_timeout_seconds: u32,
}

/// The declared part of the config bundle. Prompts are file names here; the bundle holds their text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConfigSection {
    pub model: Option<Model>,
    pub prompts: BTreeMap<String, String>,
    pub settings: BTreeMap<String, Setting>,
    pub tools: Vec<Tool>,
    pub mcp_servers: Vec<McpServer>,
    /// Name to reference; never a value.
    pub secrets: BTreeMap<String, String>,
    pub bindings: BTreeMap<Environment, BTreeMap<String, String>>,
}

/// The model an agent uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub provider: String,
    pub name: String,
}

/// One setting's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Setting {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(v) => v.fmt(f),
            Self::Whole(v) => v.fmt(f),
            Self::Number(v) => v.fmt(f),
            Self::Text(v) => f.write_str(v),
        }
    }
}

/// One tool an agent may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// One MCP server an agent may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct McpServer {
    pub name: String,
    /// `stdio` or `http`.
    pub transport: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Is it a tag, which a label of the registry is too? Lower-case letters, digits and hyphens, up to [`TAG_MAX`].
#[must_use]
pub fn is_tag(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=TAG_MAX).contains(&word.len()) && word.bytes().all(plain)
}

/// One evaluation suite in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteRef {
    pub gate: Gate,
    pub file: String,
}

/// True for a path that stays inside the agent's folder: relative, no `..`, no backslash, no empty part.
#[must_use]
pub fn is_inner_path(path: &str) -> bool {
    !path.is_empty()
        && path.len() <= 300
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != ".." && part != ".git")
}
