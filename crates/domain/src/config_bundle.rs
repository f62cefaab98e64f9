//! Config bundles: content-addressed settings, prompts, model, tools and secret references of a version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agent::{ConfigSection, McpServer, Model, Setting, Tool};
use crate::environment::Environment;
use crate::view::diff::{Change, ChangeKind};

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
}

impl ConfigBundle {
    /// The bundle of a manifest's config section, with the prompts' texts read from the repository.
    #[must_use]
    pub fn new(section: &ConfigSection, prompts: BTreeMap<String, String>) -> Self {
        Self {
            schema: 1,
            model: section.model.clone(),
            prompts,
            settings: section.settings.clone(),
            tools: section.tools.clone(),
            mcp_servers: section.mcp_servers.clone(),
            secrets: section.secrets.clone(),
            bindings: section.bindings.clone(),
        }
    }

    /// What differs from `old` to `self`, riskiest part first: tools, servers, model, prompts, secrets, settings, bindings.
    #[must_use]
    pub fn changes_since(&self, old: &Self) -> Vec<Change> {
        let mut out = Vec::new();
        let tools = |b: &Self| {
            b.tools
                .iter()
                .map(|t| {
                    (
                        t.name.clone(),
                        format!("{} [{}]", t.description, t.scopes.join(", ")),
                    )
                })
                .collect()
        };
        let servers = |b: &Self| {
            b.mcp_servers
                .iter()
                .map(|s| (s.name.clone(), server_line(s)))
                .collect()
        };
        let model = |b: &Self| {
            b.model
                .iter()
                .map(|m| ("model".to_owned(), format!("{} {}", m.provider, m.name)))
                .collect()
        };
        let settings = |b: &Self| {
            b.settings
                .iter()
                .map(|(k, v)| (k.clone(), v.to_string()))
                .collect()
        };
        let bindings = |b: &Self| {
            b.bindings
                .iter()
                .flat_map(|(env, map)| {
                    map.iter()
                        .map(move |(k, v)| (format!("{env} {k}"), v.clone()))
                })
                .collect()
        };
        compare("Tool", &tools(old), &tools(self), &mut out);
        compare("MCP server", &servers(old), &servers(self), &mut out);
        compare("Model", &model(old), &model(self), &mut out);
        compare("Prompt", &old.prompts, &self.prompts, &mut out);
        compare("Secret reference", &old.secrets, &self.secrets, &mut out);
        compare("Setting", &settings(old), &settings(self), &mut out);
        compare("Binding", &bindings(old), &bindings(self), &mut out);
        out
    }
}

fn server_line(server: &McpServer) -> String {
    let place = server
        .url
        .as_deref()
        .or(server.package.as_deref())
        .unwrap_or("");
    format!(
        "{} {place} {}",
        server.transport,
        server.version.as_deref().unwrap_or("unpinned")
    )
}

fn compare(
    part: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    out: &mut Vec<Change>,
) {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let (before, after) = (old.get(name), new.get(name));
        let kind = match (before, after) {
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(a), Some(b)) if a != b => ChangeKind::Changed,
            (Some(_), Some(_)) | (None, None) => continue,
        };
        out.push(Change {
            part: part.to_owned(),
            name: name.clone(),
            kind,
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}
