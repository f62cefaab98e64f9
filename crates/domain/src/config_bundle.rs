//! Config bundles: content-addressed settings, prompts, model, tools and secret references of a version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agent::{ConfigSection, McpServer, Model, Setting, Tool};
use crate::environment::Environment;

#[cfg(feature = "formats")]
mod changes;

/// Everything that configures an agent, without a single secret value. Its digest names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigBundle {
    pub schema: u32,
    pub model: Option<Model>,
    /// Prompt name to prompt text.
    pub prompts: BTreeMap<String, String>,
    pub settings: BTreeMap<String, Setting>,
    pub tools: Vec<Tool>,
    pub mcp_servers: Vec<McpServer>,
    /// Name to reference.
    pub secrets: BTreeMap<String, String>,
    /// The only part that may differ by environment.
    pub bindings: BTreeMap<Environment, BTreeMap<String, String>>,
    /// The A2A card as it is written, byte for byte. Bundles from before cards were read have none, and keep their digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_card: Option<String>,
}

impl ConfigBundle {
    /// The bundle of a manifest's config section, with the prompts' texts and the card read from the repository.
    #[must_use]
    pub fn new(
        section: &ConfigSection,
        prompts: BTreeMap<String, String>,
        agent_card: Option<String>,
    ) -> Self {
        Self {
            schema: 1,
            model: section.model.clone(),
            prompts,
            settings: section.settings.clone(),
            tools: section.tools.clone(),
            mcp_servers: section.mcp_servers.clone(),
            secrets: section.secrets.clone(),
            bindings: section.bindings.clone(),
            agent_card,
        }
    }
}
