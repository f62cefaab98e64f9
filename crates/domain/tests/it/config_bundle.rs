//! Config bundles: what differs, riskiest first, and a name that is the content.

use std::collections::BTreeMap;

use domain::agent::{AgentManifest, Setting};
use domain::canonical;
use domain::config_bundle::ConfigBundle;
use domain::view::diff::ChangeKind;

const OLD: &str = r#"schema: 1
agent: one
framework: custom
scopes: [a:read, a:write]
runtime: {entrypoint: agent.py}
config:
  model: {provider: p, name: small}
  prompts: {system: s.md}
  settings: {temperature: 0.5, max: 3}
  tools: [{name: look, scopes: [a:read]}]
  mcp_servers: [{name: crm, transport: http, url: "https://old.example"}]
  secrets: {TOKEN: "env:OLD"}
  bindings: {production: {URL: "https://a.example"}}
"#;

fn bundle(text: &str, prompt: &str) -> ConfigBundle {
    let manifest = AgentManifest::parse(text).unwrap();
    let prompts = BTreeMap::from([("system".to_owned(), prompt.to_owned())]);
    ConfigBundle::new(&manifest.config, prompts, None)
}

#[test]
fn nothing_differs_from_itself() {
    let one = bundle(OLD, "Be kind.");
    assert_eq!(one.changes_since(&one), []);
}

#[test]
fn every_part_that_differs_is_named_riskiest_first() {
    let new = OLD
        .replace("scopes: [a:read]}]", "scopes: [a:read, a:write]}]")
        .replace("https://old.example", "https://new.example")
        .replace("name: small", "name: large")
        .replace("env:OLD", "env:NEW")
        .replace("max: 3", "max: 4")
        .replace("https://a.example", "https://b.example");
    let changes = bundle(&new, "Be quick.").changes_since(&bundle(OLD, "Be kind."));
    let parts: Vec<&str> = changes.iter().map(|c| c.part.as_str()).collect();
    assert_eq!(
        parts,
        [
            "Tool",
            "MCP server",
            "Model",
            "Prompt",
            "Secret reference",
            "Setting",
            "Binding"
        ]
    );
    assert!(changes.iter().all(|c| c.kind == ChangeKind::Changed));
    assert_eq!(changes[5].before.as_deref(), Some("3"));
    assert_eq!(changes[5].after.as_deref(), Some("4"));
}

#[test]
fn what_came_and_what_went_is_told_apart() {
    let new = OLD.replace("temperature: 0.5, max: 3", "max: 3, strict: true");
    let changes = bundle(&new, "Be kind.").changes_since(&bundle(OLD, "Be kind."));
    let kinds: Vec<(&str, ChangeKind)> =
        changes.iter().map(|c| (c.name.as_str(), c.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("strict", ChangeKind::Added),
            ("temperature", ChangeKind::Removed)
        ]
    );
}

#[test]
fn the_name_is_the_content_and_nothing_else() {
    let digest = |b: &ConfigBundle| canonical::digest_of(b).unwrap();
    let one = bundle(OLD, "Be kind.");
    let reordered = OLD.replace(
        "settings: {temperature: 0.5, max: 3}",
        "settings: {max: 3, temperature: 0.5}",
    );
    assert_eq!(digest(&one), digest(&bundle(&reordered, "Be kind.")));
    assert_ne!(digest(&one), digest(&bundle(OLD, "Be kind. ")));
    let kept: ConfigBundle = serde_json::from_str(&canonical::to_json(&one).unwrap()).unwrap();
    assert_eq!(kept, one);
    assert_eq!(digest(&kept), digest(&one));
    assert_eq!(kept.settings["max"], Setting::Whole(3));
}
