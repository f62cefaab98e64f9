//! MCP servers: in settings under `mcpServers` or `mcp_servers`, and in code that starts or calls one.

use std::collections::BTreeMap;

use domain::agent::McpServer;
use domain::detection::{FoundServer, Place};
use serde_json::{Map, Value};

use super::{MAX_FACTS, shown};
use crate::mcp;
use crate::python::facts::Facts;
use crate::report::line_at;

/// Levels of a settings file below which no servers are looked for.
const MAX_DEPTH: usize = 16;

/// How a server is reached, as it stands somewhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Empty where it has none.
    pub(crate) name: String,
    pub(crate) command: Option<String>,
    pub(crate) args: Vec<String>,
    pub(crate) url: Option<String>,
    pub(crate) line: u32,
}

/// Servers of the settings that were read so far.
#[derive(Debug, Default)]
pub(super) struct Servers(Vec<(String, Told)>);

impl Servers {
    /// Reads a settings file.
    pub(super) fn settings(&mut self, name: &str, text: &str) {
        if !text.to_ascii_lowercase().contains("mcp") {
            return;
        }
        let value: Option<Value> = if name.ends_with(".json") {
            serde_json::from_str(text).ok()
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            serde_saphyr::from_str(text).ok()
        } else {
            None
        };
        if let Some(value) = value {
            self.within(name, text, &value, 0);
        }
    }

    fn within(&mut self, file: &str, text: &str, value: &Value, depth: usize) {
        let Some(object) = value.as_object().filter(|_| depth < MAX_DEPTH) else {
            return;
        };
        for (key, inner) in object {
            match inner.as_object() {
                Some(servers) if matches!(key.as_str(), "mcpServers" | "mcp_servers") => {
                    for (name, server) in servers
                        .iter()
                        .filter_map(|(name, one)| Some((name, one.as_object()?)))
                    {
                        let line = text
                            .find(&format!("{name}\""))
                            .or_else(|| text.find(name.as_str()));
                        let line = line.map_or(0, |at| line_at(text, at));
                        self.0.push((file.to_owned(), told(name, server, line)));
                    }
                }
                Some(_) => self.within(file, text, inner, depth + 1),
                None => {}
            }
        }
    }

    /// All of them, those of the code among them. What cannot be told in the manifest's words is said.
    pub(super) fn found(
        &self,
        python: &BTreeMap<String, Facts>,
        unsure: &mut Vec<String>,
    ) -> Vec<FoundServer> {
        let code = python
            .iter()
            .flat_map(|(name, facts)| facts.servers.iter().map(move |one| (name, one)));
        let all = self.0.iter().map(|(name, one)| (name, one)).chain(code);
        let mut found: Vec<FoundServer> = Vec::new();
        for (file, told) in all {
            let at = Place {
                file: shown(file),
                line: told.line,
            };
            match server(told) {
                Some(server) if found.iter().any(|one| one.server == server) => {}
                Some(server) if found.len() < MAX_FACTS => found.push(FoundServer { server, at }),
                Some(_) => break,
                None => unsure.push(format!(
                    "An MCP server is used at {at}, and how it is reached could not be told."
                )),
            }
        }
        found.sort_by(|one, two| one.server.name.cmp(&two.server.name));
        unsure.truncate(MAX_FACTS);
        found
    }
}

fn told(name: &str, server: &Map<String, Value>, line: u32) -> Told {
    let text = |key: &str| server.get(key).and_then(Value::as_str).map(str::to_owned);
    let args = server.get("args").and_then(Value::as_array);
    Told {
        name: name.to_owned(),
        command: text("command"),
        args: args
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        url: ["url", "serverUrl", "endpoint"].into_iter().find_map(text),
        line,
    }
}

fn server(told: &Told) -> Option<McpServer> {
    if let Some(url) = &told.url {
        let plain = without_credentials(url)?;
        let host = plain.split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', ':', '?', '#']).next().unwrap_or_default();
        return Some(McpServer {
            name: shown(if told.name.is_empty() {
                host
            } else {
                &told.name
            }),
            transport: "http".to_owned(),
            url: Some(shown(&plain)),
            package: None,
            version: None,
        });
    }
    let args: Vec<&str> = told.args.iter().map(String::as_str).collect();
    let (package, version) = mcp::fetched(told.command.as_deref()?, &args)?;
    Some(McpServer {
        name: shown(if told.name.is_empty() {
            package
        } else {
            &told.name
        }),
        transport: "stdio".to_owned(),
        url: None,
        package: Some(shown(package)),
        version: version.map(shown),
    })
}

/// An address as it may be kept: neither a user nor a query, in which keys are handed over.
fn without_credentials(url: &str) -> Option<String> {
    let (scheme, rest) = url
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    (!host.is_empty()).then(|| format!("{scheme}://{host}{path}"))
}
