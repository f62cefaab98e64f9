//! The proposed `clearance.yaml`: what was found, in the words of the manifest, with comments where only its team knows more. It
//! always parses; whatever was found is quoted, because it was written by others.

use super::Detected;
use crate::agent::{Framework, Risk};
use crate::gate::Gate;
use crate::text::{cut, visible};

/// Gates with suites, in the order in which they are proposed.
const SUITES: [Gate; 3] = [Gate::Relevance, Gate::Hallucination, Gate::ResponsibleAi];
/// Words that YAML reads as something else than text.
const NOT_TEXT: &[&str] = &["n", "no", "null", "off", "on", "true", "false", "y", "yes"];

/// Memory and time to start that a framework needs at the least, MiB and seconds.
const fn needs(framework: Framework) -> (u32, u32) {
    match framework {
        // It loads its stores and an embedding client before it answers.
        Framework::CrewAi => (1_024, 180),
        Framework::LangGraph | Framework::Strands | Framework::Lyzr => (512, 60),
        Framework::Custom => (256, 30),
    }
}

/// The suites that a tier should begin with, whatever the policy asks for by itself.
const fn begins_with(risk: Risk) -> &'static [Gate] {
    match risk {
        Risk::Low => &[Gate::Relevance],
        Risk::Medium => &[Gate::Relevance, Gate::Hallucination],
        Risk::High => &SUITES,
    }
}

const fn tier(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low: answers from what everybody may read, and changes nothing",
        Risk::Medium => {
            "medium: works with data of people or customers, or changes what can be put right"
        }
        Risk::High => "high: decides about people or money, or changes what cannot be put right",
    }
}

/// The manifest for an agent: `gates` are those that the policy asks of this risk. A suite that is not there yet stands in a comment,
/// since a push that names a missing file is rejected.
#[must_use]
pub fn propose(found: &Detected, slug: &str, risk: Risk, gates: &[Gate]) -> String {
    let framework = found
        .framework
        .as_ref()
        .map_or(Framework::Custom, |one| one.framework);
    let mut out = Lines(String::new());
    out.line("# Proposed from what the repository holds. Read it, put right what is not so, and commit it as clearance.yaml.");
    out.line("schema: 1");
    out.line(&format!("agent: {}", word(slug)));
    out.line("description: \"\"                  # one sentence: what it does, and for whom");
    out.line("version: \"1.0\"                   # major.minor; Clearance gives the third number");
    out.line(&format!("framework: {framework}{}", source(found)));
    out.line(&format!(
        "risk: {risk}                        # {}",
        tier(risk)
    ));
    out.line(match risk {
        Risk::Low => "data_classes: []                 # such as internal, order",
        Risk::Medium | Risk::High => "data_classes: []                 # name every class of data that it sees, such as personal, order",
    });
    out.line("scopes: []                       # what its identity may do, as resource:verb, such as orders:read");
    runtime(&mut out, found, framework);
    config(&mut out, found, risk);
    suites(&mut out, found, risk, gates);
    if let Some(card) = &found.agent_card {
        out.line(&format!("agent_card: {}", word(&card.at.file)));
    }
    out.line(
        "watch: []                        # path prefixes that start a deployment; empty for all",
    );
    out.0
}

fn source(found: &Detected) -> String {
    found.framework.as_ref().map_or_else(String::new, |one| {
        format!("                # {}", remark(&one.at.to_string()))
    })
}

fn runtime(out: &mut Lines, found: &Detected, framework: Framework) {
    let (memory, start) = needs(framework);
    out.line("runtime:");
    match &found.entrypoint {
        Some(file) => out.line(&format!("  entrypoint: {}", word(&file.value))),
        None => out.line("  entrypoint: agent.py           # not found: name the file that is run as python3 agent.py"),
    }
    match &found.requirements {
        Some(one) => out.line(&format!("  requirements: {}", word(&one.file))),
        None => out.line("  # requirements: requirements.txt"),
    }
    out.line(&format!("  memory_mb: {memory}"));
    out.line(&format!("  start_timeout_seconds: {start}"));
    out.line("  invoke_timeout_seconds: 30");
}

fn config(out: &mut Lines, found: &Detected, risk: Risk) {
    out.line("config:");
    out.line("  # model: {provider: openai, name: gpt-4o-2024-08-06}   # an exact name, so that it changes by a deployment alone");
    out.list(
        "  prompts:",
        "{}",
        found
            .prompts
            .iter()
            .map(|one| format!("    {}: {}", word(&one.value), word(&one.at.file))),
    );
    out.line("  settings: {}");
    let scopes = if risk == Risk::Low {
        ""
    } else {
        "   # name the scopes that it needs: scopes: [orders:read]"
    };
    out.list(
        "  tools:",
        "[]",
        found.tools.iter().map(|tool| {
            format!(
                "    - {{name: {}, description: {}}}{scopes}",
                word(&tool.name),
                quoted(&tool.description)
            )
        }),
    );
    out.list(
        "  mcp_servers:",
        "[]",
        found.mcp_servers.iter().map(|one| server(&one.server)),
    );
    out.line("  secrets: {}                    # references, never values");
    for secret in &found.secrets {
        let name = remark(&secret.value);
        out.line(&format!(
            "  #  {name}: env:{name}   # read in {}",
            remark(&secret.at.to_string())
        ));
    }
    out.line("  bindings: {}                   # what differs by environment: non_prod: {URL: …}, production: {URL: …}");
}

fn server(one: &crate::agent::McpServer) -> String {
    let mut parts = vec![
        format!("name: {}", word(&one.name)),
        format!("transport: {}", word(&one.transport)),
    ];
    for (key, value) in [
        ("url", &one.url),
        ("package", &one.package),
        ("version", &one.version),
    ] {
        if let Some(value) = value {
            parts.push(format!("{key}: {}", quoted(value)));
        }
    }
    format!("    - {{{}}}", parts.join(", "))
}

fn suites(out: &mut Lines, found: &Detected, risk: Risk, gates: &[Gate]) {
    let missing: Vec<Gate> = SUITES
        .into_iter()
        .filter(|gate| gates.contains(gate) || begins_with(risk).contains(gate))
        .filter(|gate| !found.suites.iter().any(|one| one.gate == *gate))
        .collect();
    out.line("evaluation:");
    out.list(
        "  suites:",
        "[]",
        found
            .suites
            .iter()
            .map(|one| format!("    - {{gate: {}, file: {}}}", one.gate, word(&one.file))),
    );
    if !missing.is_empty() {
        out.line("  # Still to be written. Take the # away once the file is there; without it the gate is inconclusive.");
    }
    for gate in missing {
        let why = if gates.contains(&gate) {
            "   # the policy asks for it"
        } else {
            ""
        };
        out.line(&format!(
            "  #  - {{gate: {gate}, file: evaluation/{gate}.jsonl}}{why}"
        ));
    }
}

struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn list(&mut self, key: &str, empty: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        if items.is_empty() {
            self.line(&format!("{key} {empty}"));
        } else {
            self.line(key);
            items.iter().for_each(|item| self.line(item));
        }
    }
}

/// A plain word where it is one for every reader of YAML, else quoted.
fn word(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/')
        })
        && !NOT_TEXT.contains(&text);
    if plain { text.to_owned() } else { quoted(text) }
}

/// A double-quoted scalar. Everything but plain characters is escaped, so that nothing in it ends the line or the quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Others' text in a comment: on one line, nothing hidden.
fn remark(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|c| {
            if c.is_whitespace() || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect();
    cut(&visible(&flat), 120)
}

#[cfg(all(test, feature = "formats"))]
mod tests {
    use super::*;
    use crate::agent::{AgentManifest, McpServer};
    use crate::detection::{
        FoundFramework, FoundRequirements, FoundServer, FoundSuite, FoundTool, Place, Said,
    };

    fn said(value: &str, file: &str) -> Said {
        Said {
            value: value.to_owned(),
            at: Place {
                file: file.to_owned(),
                line: 3,
            },
        }
    }

    fn full(framework: Framework, hostile: &str) -> Detected {
        Detected {
            framework: Some(FoundFramework {
                framework,
                at: Place {
                    file: hostile.to_owned(),
                    line: 1,
                },
            }),
            entrypoint: Some(said("src/Agent.py", "src/Agent.py")),
            requirements: Some(FoundRequirements {
                file: "requirements.txt".to_owned(),
                pinned: 1,
                unpinned: Vec::new(),
            }),
            tools: vec![FoundTool {
                name: hostile.to_owned(),
                description: hostile.to_owned(),
                at: Place {
                    file: "a.py".to_owned(),
                    line: 9,
                },
            }],
            mcp_servers: vec![FoundServer {
                server: McpServer {
                    name: hostile.to_owned(),
                    transport: "stdio".to_owned(),
                    url: None,
                    package: Some(hostile.to_owned()),
                    version: Some("1.0".to_owned()),
                },
                at: Place {
                    file: "a.py".to_owned(),
                    line: 9,
                },
            }],
            prompts: vec![said("true", "prompts/system.md")],
            agent_card: Some(said(hostile, ".well-known/agent-card.json")),
            suites: vec![FoundSuite {
                gate: Gate::Relevance,
                file: "evaluation/relevance.jsonl".to_owned(),
            }],
            secrets: vec![said(hostile, hostile)],
            ..Detected::default()
        }
    }

    #[test]
    fn every_proposal_parses_whatever_was_found() {
        let hostile = [
            "look_up",
            "null",
            "a: b # c",
            "\"}\nrisk: low\nagent: other",
            "' - {gate: x} \u{2028}\u{85}\u{feff}\u{202e}\r\n\t\0",
            "*anchor &x !!tag %",
            "",
        ];
        for framework in Framework::ALL {
            for risk in Risk::ALL {
                for text in hostile {
                    let found = full(*framework, text);
                    let proposal = propose(&found, "refund-assistant", *risk, &SUITES);
                    let manifest = AgentManifest::parse(&proposal)
                        .unwrap_or_else(|why| panic!("{why:?}\n{proposal}"));
                    assert_eq!((manifest.framework, manifest.risk), (*framework, *risk));
                    assert_eq!(manifest.agent, "refund-assistant");
                    assert_eq!(manifest.config.tools[0].name, text);
                    assert_eq!(manifest.config.tools[0].description, text);
                    assert_eq!(
                        manifest.config.mcp_servers[0].package.as_deref(),
                        Some(text)
                    );
                    assert_eq!(manifest.config.prompts["true"], "prompts/system.md");
                    assert_eq!(manifest.runtime.entrypoint, "src/Agent.py");
                    assert!(manifest.config.secrets.is_empty());
                }
            }
        }
    }

    #[test]
    fn nothing_found_is_proposed_as_custom_code_with_what_is_missing_in_comments() {
        let proposal = propose(&Detected::default(), "null", Risk::High, &[]);
        let manifest = AgentManifest::parse(&proposal).unwrap();
        assert_eq!(
            (manifest.agent.as_str(), manifest.framework),
            ("null", Framework::Custom)
        );
        assert!(manifest.suites.is_empty());
        assert!(proposal.contains("#  - {gate: responsible_ai"));
    }

    #[test]
    fn a_tier_asks_for_its_suites_and_for_those_of_the_policy() {
        let of = |risk, gates: &[Gate]| {
            let text = propose(&Detected::default(), "one", risk, gates);
            SUITES.map(|gate| text.contains(&format!("#  - {{gate: {gate},")))
        };
        assert_eq!(of(Risk::Low, &[]), [true, false, false]);
        assert_eq!(of(Risk::Medium, &[]), [true, true, false]);
        assert_eq!(of(Risk::High, &[]), [true, true, true]);
        assert_eq!(of(Risk::Low, &[Gate::ResponsibleAi]), [true, false, true]);
    }
}
