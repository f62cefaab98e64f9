//! What an agent's folder holds, read for its onboarding: framework, entry point, tools, servers, packages, and the manifest that is
//! there already. It is hostile like everything read here: bounded in files, bytes and depth, no link is followed, nothing is run.

mod choose;
mod manifest;
pub(crate) mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::agent::MANIFEST_FILE;
use domain::agent_card::{AgentCard, CARD_FILES};
use domain::detection::{Detected, FoundRequirements, FoundSuite, Place, Said};
use domain::gate::Gate;
use domain::text::{cut, visible};

use crate::inventory::lock_files::{self, ProblemKind};
use crate::python::{self, facts::Facts};
use crate::tree::{self, Bounds, File, Skipped};

/// Files of the folder. What lies behind them is said to be unseen.
const MAX_FILES: usize = 2_000;
/// Bytes of one file.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// Bytes of all files.
const MAX_TOTAL_BYTES: u64 = 32 * 1024 * 1024;
/// Python files that are parsed.
const MAX_PYTHON: usize = 500;
/// Facts of one kind.
pub(crate) const MAX_FACTS: usize = 50;
/// Folders that hold other people's code, or none of the running agent.
const OTHERS: &[&str] = &[
    ".venv",
    "venv",
    "env",
    "site-packages",
    "dist",
    "build",
    "tests",
    "test",
    "docs",
    ".github",
    ".tox",
    ".mypy_cache",
];

/// Reads a folder.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn detect(root: &Path) -> std::io::Result<Detected> {
    let bounds = Bounds {
        max_files: MAX_FILES,
        max_file_bytes: MAX_FILE_BYTES,
        max_lock_bytes: MAX_FILE_BYTES,
        max_total_bytes: MAX_TOTAL_BYTES,
    };
    let mut look = Look::default();
    let skipped = tree::walk(root, bounds, |file| look.file(file))?;
    Ok(look.conclude(&skipped))
}

/// What was read so far.
#[derive(Debug, Default)]
struct Look {
    /// Every file that was seen.
    names: BTreeSet<String>,
    python: BTreeMap<String, Facts>,
    requirements: Vec<FoundRequirements>,
    /// Packages by name, with the line of the file that names them.
    packages: Vec<Said>,
    servers: servers::Servers,
    prompts: Vec<Said>,
    suites: Vec<FoundSuite>,
    manifest: Option<String>,
    /// Name in the card, and its file.
    agent_card: Option<Said>,
    /// Why the card is none.
    no_card: Option<String>,
    /// A `pyproject.toml` that names packages.
    project: bool,
    serves: bool,
    not_parsed: Vec<String>,
    cut: Vec<String>,
    parsed: usize,
}

impl Look {
    fn file(&mut self, file: File) {
        let name = shown(&file.name);
        self.names.insert(file.name.clone());
        if name.split('/').any(|part| OTHERS.contains(&part)) || name.ends_with("conftest.py") {
            return;
        }
        // What these hold does not matter here, so neither does how large they are.
        if let Some(prompt) = prompt(&file.name) {
            self.prompts.push(prompt);
        } else if let Some(gate) = suite(&file.name) {
            self.suites.push(FoundSuite {
                gate,
                file: file.name,
            });
        } else if let Ok(text) = String::from_utf8(file.bytes) {
            self.text(&file.name, &text, file.cut);
        }
    }

    fn text(&mut self, name: &str, text: &str, cut: bool) {
        if name == MANIFEST_FILE {
            self.manifest = Some(text.to_owned());
        } else if CARD_FILES.contains(&name) {
            self.card(name, text);
        } else if python::is_python(name, text) {
            self.source(name, text, cut);
        } else if is_requirements(name) {
            self.requirements(name, text);
        } else if name == "pyproject.toml" {
            self.project |= text.contains("dependencies");
        } else if !cut {
            self.servers.settings(name, text);
        }
    }

    fn card(&mut self, name: &str, text: &str) {
        match AgentCard::parse(text, name) {
            Ok(card) => self.agent_card = Some(said(&card.name, name, 0)),
            Err(wrong) => {
                let first = wrong.first().map(|one| shown(&one.message));
                self.no_card = Some(format!("{name}: {}", first.unwrap_or_default()));
            }
        }
    }

    fn source(&mut self, name: &str, text: &str, cut: bool) {
        if cut || self.parsed == MAX_PYTHON {
            self.cut.push(shown(name));
            return;
        }
        self.parsed += 1;
        self.serves |= text.contains("/invocations") || text.contains("BedrockAgentCoreApp");
        match python::facts::of(name, text) {
            Some(facts) => drop(self.python.insert(name.to_owned(), facts)),
            None => self.not_parsed.push(shown(name)),
        }
    }

    fn requirements(&mut self, name: &str, text: &str) {
        let Some(Ok(locked)) = lock_files::read(name, text) else {
            return;
        };
        let open = |kind| matches!(kind, ProblemKind::Unpinned | ProblemKind::FromUrl);
        let unpinned: Vec<Said> = locked
            .problems
            .iter()
            .filter(|one| open(one.kind))
            .take(MAX_FACTS)
            .map(|one| said(&one.package, name, one.line.unwrap_or(0)))
            .collect();
        self.packages.extend(unpinned.iter().cloned());
        for one in &locked.components {
            let line = line_of(text, &one.name);
            self.packages.push(said(&one.name, name, line));
        }
        self.requirements.push(FoundRequirements {
            file: name.to_owned(),
            pinned: u32::try_from(locked.components.len()).unwrap_or(u32::MAX),
            unpinned,
        });
    }

    fn conclude(mut self, skipped: &Skipped) -> Detected {
        let mut unsure = Vec::new();
        self.unseen(skipped, &mut unsure);
        unsure.extend(self.no_card.take());
        let framework = choose::framework(&self, &mut unsure);
        let entrypoint = choose::entrypoint(&self, &mut unsure);
        let tools = choose::tools(&self, &mut unsure);
        let mcp_servers = self.servers.found(&self.python, &mut unsure);
        // The shortest path first: what lies in the folder itself is the agent's.
        self.requirements
            .sort_by_key(|one| (one.file.matches('/').count(), one.file.clone()));
        let requirements = self.requirements.first().cloned();
        if requirements.is_none() && self.project {
            unsure.push("pyproject.toml names packages, and pip installs from a requirements file: write one from your lock file.".to_owned());
        }
        if entrypoint.is_some() && !self.serves {
            unsure.push("Nothing was seen that answers POST /invocations and GET /ping: an agent must, see the manifest's documentation.".to_owned());
        }
        let manifest = self
            .manifest
            .as_deref()
            .map(|text| manifest::read(text, &self.names));
        // Relevance first, as manifests have them.
        self.suites
            .sort_by(|one, two| (two.gate, &one.file).cmp(&(one.gate, &two.file)));
        let mut secrets: Vec<Said> = self
            .python
            .values()
            .flat_map(|one| one.secrets.iter().cloned())
            .collect();
        secrets.sort_by(|one, two| one.value.cmp(&two.value));
        secrets.dedup_by(|one, two| one.value == two.value);
        secrets.truncate(MAX_FACTS);
        Detected {
            files: u32::try_from(self.names.len()).unwrap_or(u32::MAX),
            dependencies: choose::dependencies(&self, requirements.as_ref()),
            framework,
            entrypoint,
            requirements,
            tools,
            mcp_servers,
            prompts: distinct(self.prompts),
            suites: first_of_each(self.suites),
            secrets,
            agent_card: self.agent_card,
            manifest,
            unsure,
        }
    }

    /// What was not read, so that nothing unseen passes for not there.
    fn unseen(&self, skipped: &Skipped, unsure: &mut Vec<String>) {
        if skipped.incomplete {
            unsure.push(format!(
                "Only the first {MAX_FILES} files, 32 MiB and 64 folders deep were looked at."
            ));
        }
        if skipped.links > 0 {
            unsure.push(format!(
                "Symbolic links were not followed: {}.",
                skipped.links
            ));
        }
        for (names, why) in [
            (&self.not_parsed, "is no Python that could be parsed"),
            (&self.cut, "is too large, or one too many, to be looked at"),
        ] {
            if let Some(first) = names.first() {
                let more = match names.len() {
                    1 => String::new(),
                    count => format!(", and {} more", count - 1),
                };
                unsure.push(format!("{first} {why}{more}."));
            }
        }
    }
}

/// A name as people may read it.
pub(crate) fn shown(text: &str) -> String {
    cut(&visible(text), 300)
}

/// A fact with its place.
pub(crate) fn said(value: &str, file: &str, line: u32) -> Said {
    Said {
        value: cut(&visible(value), 200),
        at: Place {
            file: shown(file),
            line,
        },
    }
}

fn is_requirements(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.ends_with(".txt")
        && last.contains("requirements")
        && !last.contains("dev")
        && !last.contains("test")
}

/// A text below `prompts/`, by a name that can be a key.
fn prompt(name: &str) -> Option<Said> {
    let file = name.strip_prefix("prompts/")?;
    let (stem, ending) = file.rsplit_once('.')?;
    let key: String = stem
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    (matches!(ending, "md" | "txt") && !key.is_empty() && domain::agent::is_inner_path(name)).then(
        || Said {
            value: key,
            at: Place {
                file: name.to_owned(),
                line: 0,
            },
        },
    )
}

/// A file of cases, by the gate that its name says.
fn suite(name: &str) -> Option<Gate> {
    let (folder, file) = name.rsplit_once('/')?;
    let evaluates = ["evaluation", "evaluations", "evals", "suites"]
        .iter()
        .any(|one| folder.split('/').next() == Some(one));
    let ending = [".jsonl", ".yaml", ".yml", ".csv", ".json"]
        .iter()
        .any(|one| file.ends_with(one));
    let gate = Gate::ALL
        .iter()
        .copied()
        .find(|gate| gate.has_suites() && file.starts_with(gate.as_str()))?;
    (evaluates && ending && domain::agent::is_inner_path(name)).then_some(gate)
}

/// One prompt a key, the first.
fn distinct(mut prompts: Vec<Said>) -> Vec<Said> {
    prompts.sort_by(|one, two| one.value.cmp(&two.value));
    prompts.dedup_by(|one, two| one.value == two.value);
    prompts.truncate(MAX_FACTS);
    prompts
}

/// The first suite of each gate: others are for their team to name.
fn first_of_each(mut suites: Vec<FoundSuite>) -> Vec<FoundSuite> {
    suites.dedup_by(|one, two| one.gate == two.gate);
    suites
}

/// The line of a requirements file that begins with a package, whatever its spelling. 0 where none does.
fn line_of(text: &str, package: &str) -> u32 {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    let wanted = plain(package);
    let at = (1_u32..).zip(text.lines()).find(|(_, line)| {
        let end = line
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(line.len());
        plain(line.get(..end).unwrap_or_default()) == wanted
    });
    at.map_or(0, |(line, _)| line)
}

#[cfg(test)]
mod tests;
