//! What differs between two config bundles.

use std::collections::BTreeMap;

use super::ConfigBundle;
use crate::agent::McpServer;
use crate::agent_card::AgentCard;
use crate::view::diff::{Change, ChangeKind};

impl ConfigBundle {
    /// What differs from `old` to `self`, riskiest part first: tools, servers, model, prompts, secrets, settings, bindings; then
    /// the card.
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
        compare_cards(old.card().as_ref(), self.card().as_ref(), &mut out);
        out
    }

    /// What its card says. None without one, and for one that this program cannot read.
    #[must_use]
    pub fn card(&self) -> Option<AgentCard> {
        AgentCard::parse(self.agent_card.as_deref()?, "agent card").ok()
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

fn compare_cards(old: Option<&AgentCard>, new: Option<&AgentCard>, out: &mut Vec<Change>) {
    let lines = |card: Option<&AgentCard>| card.map(AgentCard::lines).unwrap_or_default();
    for ((part, before), (other, after)) in lines(old).iter().zip(&lines(new)) {
        // Without a card there is no name of a part either.
        let part = if part.is_empty() { other } else { part };
        compare(part, before, after, out);
    }
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
