//! `clearance.yaml`: strict, with line and column for what is wrong, and safe against files made to hurt.

use domain::agent::{AgentManifest, MANIFEST_MAX_BYTES, ManifestProblem, is_inner_path};
use domain::environment::Environment;
use domain::gate::Gate;

const SOUND: &str = r#"schema: 1
agent: sales-qualifier
description: Finds out whether a lead is worth a call.
version: "2.3"
framework: langgraph
risk: high
data_classes: [personal, sales]
scopes: [crm:read, crm:write, crm:read]
skills: [score leads, " look up a lead ", score leads]
tags: [sales, inbound, sales]
runtime:
  entrypoint: agent.py
  requirements: requirements.txt
  memory_mb: 1024
config:
  model: {provider: offline, name: qualifier-1}
  prompts:
    system: prompts/system.md
  settings: {temperature: 0.5, max_tokens: 200, strict: true, tone: plain}
  tools:
    - {name: read_lead, description: Reads a lead., scopes: [crm:read]}
  mcp_servers:
    - {name: crm, transport: http, url: "https://crm.example/mcp"}
  secrets: {CRM_TOKEN: "env:CRM_TOKEN"}
  bindings:
    production: {CRM_URL: "https://crm.example"}
evaluation:
  suites:
    - {gate: relevance, file: evaluation/relevance.jsonl}
watch: [prompts]
"#;

fn problems(text: &str) -> Vec<ManifestProblem> {
    AgentManifest::parse(text).expect_err("it is wrong")
}

/// The one problem of a manifest in which a piece of text was replaced.
fn with(old: &str, new: &str) -> ManifestProblem {
    assert!(SOUND.contains(old), "{old}");
    let mut found = problems(&SOUND.replacen(old, new, 1));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn place(problem: &ManifestProblem) -> (u32, u32) {
    (problem.line, problem.column)
}

#[test]
fn a_sound_manifest_says_everything() {
    let manifest = AgentManifest::parse(SOUND).unwrap();
    assert_eq!(manifest.agent, "sales-qualifier");
    assert_eq!(manifest.line.to_string(), "2.3");
    assert_eq!(manifest.scopes, ["crm:read", "crm:write"], "sorted, once");
    assert_eq!(manifest.skills, ["score leads", "look up a lead"]);
    assert_eq!(manifest.tags, ["inbound", "sales"], "sorted, once");
    assert_eq!(manifest.runtime.memory_mb, 1024);
    assert_eq!(manifest.runtime.start_timeout_seconds, 60, "the default");
    assert_eq!(manifest.suites[0].gate, Gate::Relevance);
    let bound = &manifest.config.bindings[&Environment::Production];
    assert_eq!(bound["CRM_URL"], "https://crm.example");
}

#[test]
fn the_shortest_manifest_needs_four_things() {
    let short = "schema: 1\nagent: tiny\nframework: custom\nruntime: {entrypoint: agent.py}\n";
    let manifest = AgentManifest::parse(short).unwrap();
    assert_eq!(manifest.line.to_string(), "1.0");
    assert!(manifest.scopes.is_empty());
    for line in short.lines() {
        let without = short.replacen(&format!("{line}\n"), "", 1);
        assert_eq!(problems(&without).len(), 1, "without {line}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        ("schema: 1", "schema: 2", (1, 9), "schema 1"),
        ("sales-qualifier", "Sales Qualifier", (2, 8), "lower-case"),
        ("\"2.3\"", "\"2.3.4\"", (4, 10), "major.minor"),
        (
            "langgraph",
            "abacus",
            (5, 12),
            "`abacus` is not a framework",
        ),
        ("risk: high", "risk: none", (6, 7), "`none` is not a risk"),
        (
            "[personal, sales]",
            "[Personal, sales]",
            (7, 16),
            "data class",
        ),
        ("crm:write", "write", (8, 20), "resource:verb"),
        (
            "score leads, \"",
            "\"?!\", \"",
            (9, 10),
            "skill in a few words",
        ),
        (
            "inbound",
            "In bound",
            (10, 15),
            "lower-case letters, digits",
        ),
        ("1024", "9", (14, 14), "64 to 8192"),
    ];
    for (old, new, at, words) in cases {
        let problem = with(old, new);
        assert!(problem.message.contains(words), "{problem:?}");
        assert_eq!(place(&problem), at, "{problem:?}");
        assert_eq!(problem.file, "clearance.yaml");
    }
}

#[test]
fn skills_and_tags_are_bounded() {
    let many = |name: &str, most: usize| {
        let all: Vec<String> = (0..=most).map(|n| format!("{name}-{n}")).collect();
        all.join(", ")
    };
    let long = "a".repeat(81);
    for (old, new, words) in [
        (
            "[sales, inbound, sales]",
            format!("[{}]", many("tag", 20)),
            "at most 20 tags",
        ),
        (
            "[sales, inbound, sales]",
            format!("[{}]", "t".repeat(41)),
            "lower-case letters",
        ),
        (
            "score leads, \" look",
            format!("{}, \" look", many("skill", 40)),
            "at most 40 skills",
        ),
        (
            "score leads, \" look",
            format!("{long}, \" look"),
            "up to 80 characters",
        ),
    ] {
        let problem = with(old, &new);
        assert!(problem.message.contains(words), "{problem:?}");
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = SOUND
        .replace("langgraph", "abacus")
        .replace("risk: high", "risk: none")
        .replace("crm:write", "write");
    assert_eq!(problems(&text).len(), 3);
}

#[test]
fn unknown_and_repeated_keys_are_refused_at_any_depth() {
    let unknown = [
        ("risk: high", "risk: high\ncolour: red", "colour"),
        ("  memory_mb: 1024", "  memory_mb: 1024\n  cpu: 4", "cpu"),
        ("{name: read_lead,", "{name: read_lead, sudo: true,", "sudo"),
        ("transport: http,", "transport: http, token: x,", "token"),
    ];
    for (old, new, key) in unknown {
        let problem = with(old, new);
        assert!(problem.message.contains(key), "{problem:?}");
        assert!(problem.line > 0, "{problem:?}");
    }
    let twice = with("risk: high", "risk: high\nrisk: low");
    assert!(twice.line == 7 || twice.line == 6, "{twice:?}");
}

#[test]
fn a_path_that_leads_out_of_the_folder_is_refused_wherever_it_stands() {
    let bad = [
        "../agent.py",
        "/etc/passwd",
        "a/../../b",
        "a//b",
        "./agent.py",
        "a\\\\b",
        ".git/config",
    ];
    for path in bad {
        for (old, new) in [
            ("entrypoint: agent.py", format!("entrypoint: \"{path}\"")),
            ("prompts/system.md", format!("\"{path}\"")),
            ("evaluation/relevance.jsonl", format!("\"{path}\"")),
            ("watch: [prompts]", format!("watch: [\"{path}\"]")),
        ] {
            let problem = with(old, &new);
            assert!(problem.message.contains("inside"), "{path}: {problem:?}");
        }
    }
    assert!(is_inner_path("a/b.c/d-e_f"));
    assert!(!is_inner_path(&"a".repeat(301)));
    assert!(!is_inner_path("a\nb"));
}

#[test]
fn a_secret_is_a_reference_and_its_value_is_never_repeated() {
    for value in ["sk-live-4f9a8d7c", "plain:text", "ENV:NAME", "file:"] {
        let problem = with("env:CRM_TOKEN", value);
        assert!(problem.message.contains("CRM_TOKEN"), "{problem:?}");
        assert!(problem.message.contains("reference"), "{problem:?}");
        assert!(!problem.message.contains(value), "{problem:?}");
    }
}

#[test]
fn a_tool_needs_a_scope_that_the_agent_has() {
    let problem = with("scopes: [crm:read]}", "scopes: [mail:send]}");
    assert!(problem.message.contains("mail:send"), "{problem:?}");
}

#[test]
fn a_server_and_a_suite_must_fit() {
    let cases = [
        ("transport: http", "transport: stdio"),
        ("https://crm.example/mcp", "file:///etc"),
        ("gate: relevance", "gate: health"),
        ("gate: relevance", "gate: static_analysis"),
    ];
    for (old, new) in cases {
        with(old, new);
    }
}

#[test]
fn a_manifest_that_is_too_large_is_not_read() {
    let text = format!("{SOUND}# {}\n", "x".repeat(MANIFEST_MAX_BYTES));
    let found = problems(&text);
    assert!(found[0].message.contains("64 KiB"), "{found:?}");
}

#[test]
fn files_made_to_hurt_are_refused() {
    let deep_flow = format!("schema: {}", "[".repeat(20_000));
    let deep_block: String = (0..2_000)
        .map(|at| format!("{}-\n", " ".repeat(at % 30)))
        .collect();
    let nested: String = (0..240)
        .map(|at| format!("{}a:\n", " ".repeat(at)))
        .collect();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for at in 1..12 {
        let before = format!("*a{}", at - 1);
        let list = vec![before; 10].join(", ");
        bomb.push_str(&format!("a{at}: &a{at} [{list}]\n"));
    }
    let bomb_inside = format!("{SOUND}extra: &a [1]\nmore: [*a, *a]\n");
    let cases = [
        deep_flow,
        deep_block,
        nested,
        bomb,
        bomb_inside,
        String::new(),
        "\0".to_owned(),
        "schema: 1\n\tagent: tab\n".to_owned(),
        "--- \n- a\n--- \n- b\n".to_owned(),
        "schema: !!binary aGk=\n".to_owned(),
        "[]".to_owned(),
    ];
    for text in cases {
        let found = problems(&text);
        assert!(!found.is_empty());
        // The message is for a page: short, and without the picture of the file.
        assert!(found[0].message.chars().count() <= 300);
        assert!(!found[0].message.contains('\n'));
    }
}
