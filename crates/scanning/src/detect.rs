//! What an agent's folder holds, read for its onboarding: framework, entry point, tools, servers, packages, and the manifest that is
//! there already. It is hostile like everything read here: bounded in files, bytes and depth, no link is followed, nothing is run.

mod choose;
mod manifest;
pub(crate) mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::agent::MANIFEST_FILE;
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
        self.suites
            .sort_by(|one, two| (one.gate, &one.file).cmp(&(two.gate, &two.file)));
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
mod tests {
    use std::fs;

    use domain::agent::{AgentManifest, Framework, Risk};
    use domain::detection::propose;
    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn found(files: &[(&str, &str)]) -> Detected {
        detect(folder(files).path()).unwrap()
    }

    fn places(of: &[domain::detection::FoundTool]) -> Vec<(&str, &str, String)> {
        of.iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.description.as_str(),
                    one.at.to_string(),
                )
            })
            .collect()
    }

    #[test]
    fn the_example_agents_are_what_their_manifests_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let mut seen = BTreeSet::new();
        for entry in fs::read_dir(&root).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = fs::read_to_string(path.join(MANIFEST_FILE)) else {
                continue;
            };
            let manifest = AgentManifest::parse(&text).unwrap();
            let found = detect(&path).unwrap();
            let name = &manifest.agent;
            assert_eq!(
                found.framework.as_ref().unwrap().framework,
                manifest.framework,
                "{name}"
            );
            assert_eq!(
                found.entrypoint.as_ref().unwrap().value,
                manifest.runtime.entrypoint,
                "{name}: {:?}",
                found.unsure
            );
            let requirements = found.requirements.as_ref().map(|one| one.file.clone());
            assert_eq!(requirements, manifest.runtime.requirements, "{name}");
            assert_eq!(found.suites.len(), manifest.suites.len(), "{name}");
            assert!(
                found.manifest.as_ref().unwrap().problems.is_empty(),
                "{name}: {:?}",
                found.manifest
            );
            for risk in Risk::ALL {
                let proposal = propose(&found, name, *risk, &[]);
                let proposed = AgentManifest::parse(&proposal)
                    .unwrap_or_else(|why| panic!("{name}: {why:?}\n{proposal}"));
                assert_eq!(
                    (proposed.framework, proposed.risk),
                    (manifest.framework, *risk),
                    "{name}"
                );
                assert_eq!(
                    proposed.runtime.entrypoint, manifest.runtime.entrypoint,
                    "{name}"
                );
                assert_eq!(proposed.suites, manifest.suites, "{name}");
                let prompts: BTreeSet<_> = proposed.config.prompts.values().collect();
                assert!(
                    manifest
                        .config
                        .prompts
                        .values()
                        .all(|file| prompts.contains(file)),
                    "{name}"
                );
            }
            seen.insert(manifest.framework);
        }
        assert_eq!(seen.len(), Framework::ALL.len(), "{seen:?}");
    }

    #[test]
    fn a_tool_is_found_with_its_sentence_and_its_line_in_every_way_of_making_one() {
        let code = r#"from langchain_core.tools import BaseTool, StructuredTool, tool
from strands import Agent

@tool
def look_up(order: str) -> str:
    """Reads one order. It changes nothing.

    Args: order
    """

@tool("send-mail")
async def mail(to: str):
    """Sends a mail."""

class Search(BaseTool):
    name: str = "search"
    description: str = "Searches the shop."

def plain(x):
    """Adds one."""

def listed(x):
    """Takes one away."""

def nothing(x):
    """Is no tool."""

one = StructuredTool.from_function(plain, name="add")
agent = Agent(tools=[look_up, listed])
"#;
        let found = found(&[("agent.py", code)]);
        let expected = [
            ("add", "Adds one.", "agent.py:28"),
            ("listed", "Takes one away.", "agent.py:22"),
            ("look_up", "Reads one order.", "agent.py:5"),
            ("search", "Searches the shop.", "agent.py:15"),
            ("send-mail", "Sends a mail.", "agent.py:12"),
        ];
        let expected = expected.map(|(name, text, at)| (name, text, at.to_owned()));
        assert_eq!(places(&found.tools), expected);
    }

    #[test]
    fn of_two_frameworks_the_one_in_more_files_is_taken_and_the_other_named() {
        let one = "import crewai\nif __name__ == '__main__':\n    pass\n";
        let found = found(&[
            ("agent.py", one),
            ("b.py", "from langgraph.graph import StateGraph\n"),
            ("c.py", "import langgraph\n"),
        ]);
        let framework = found.framework.unwrap();
        assert_eq!(
            (framework.framework, framework.at.to_string().as_str()),
            (Framework::LangGraph, "b.py:1")
        );
        assert!(
            found
                .unsure
                .iter()
                .any(|why| why.contains("CrewAI") && why.contains("agent.py:1")),
            "{:?}",
            found.unsure
        );
    }

    #[test]
    fn what_is_required_and_imported_nowhere_makes_no_framework() {
        let found = found(&[
            (
                "agent.py",
                "import json\nif __name__ == '__main__':\n    pass\n",
            ),
            ("requirements.txt", "httpx==0.28.1\nCrewAI>=1.0\n"),
        ]);
        assert_eq!(found.framework.unwrap().framework, Framework::Custom);
        assert!(
            found
                .unsure
                .iter()
                .any(|why| why.contains("imported nowhere")),
            "{:?}",
            found.unsure
        );
        let requirements = found.requirements.unwrap();
        assert_eq!((requirements.pinned, requirements.unpinned.len()), (1, 1));
        assert_eq!(
            requirements.unpinned[0].at.to_string(),
            "requirements.txt:2"
        );
    }

    #[test]
    fn the_entry_point_is_what_is_run_and_a_second_one_as_good_is_said() {
        let run = "if __name__ == '__main__':\n    pass\n";
        let both = found(&[
            ("one.py", run),
            ("two.py", run),
            ("tests/agent.py", run),
            ("lib.py", "x = 1\n"),
        ]);
        assert_eq!(both.entrypoint.unwrap().value, "one.py");
        assert!(
            both.unsure
                .iter()
                .any(|why| why.contains("two.py could be")),
            "{:?}",
            both.unsure
        );
        let named = found(&[("helper.py", run), ("agent.py", run), ("src/agent.py", run)]);
        assert_eq!(named.entrypoint.unwrap().value, "agent.py");
        let none = found(&[("lib.py", "def f():\n    pass\n")]);
        assert!(none.entrypoint.is_none());
        let guessed = found(&[("main.py", "x = 1\n")]);
        assert_eq!(guessed.entrypoint.unwrap().value, "main.py");
        assert!(
            guessed.unsure.iter().any(|why| why.contains("by its name")),
            "{:?}",
            guessed.unsure
        );
    }

    #[test]
    fn servers_are_found_in_settings_and_code_without_their_keys() {
        let settings = r#"{"mcpServers": {
            "files": {"command": "npx", "args": ["-y", "@scope/files@1.2.3", "--token=hunter2"]},
            "crm": {"url": "https://user:hunter2@crm.example/mcp?key=hunter2"},
            "own": {"command": "python", "args": ["own.py"]}}}"#;
        let code = "from mcp import StdioServerParameters\np = StdioServerParameters(command='uvx', args=['mcp-time==2.0'])\n";
        let found = found(&[("mcp.json", settings), ("agent.py", code)]);
        let told: Vec<_> = found
            .mcp_servers
            .iter()
            .map(|one| {
                (
                    one.server.name.as_str(),
                    one.server.url.as_deref(),
                    one.server.package.as_deref(),
                    one.server.version.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("crm", Some("https://crm.example/mcp"), None, None),
                ("files", None, Some("@scope/files"), Some("1.2.3")),
                ("mcp-time", None, Some("mcp-time"), Some("2.0")),
            ]
        );
        assert!(
            found
                .unsure
                .iter()
                .any(|why| why.contains("could not be told")),
            "{:?}",
            found.unsure
        );
        assert!(!serde_json::to_string(&found).unwrap().contains("hunter2"));
        let proposal = propose(&found, "one", Risk::High, &[]);
        assert_eq!(
            AgentManifest::parse(&proposal)
                .unwrap()
                .config
                .mcp_servers
                .len(),
            3
        );
    }

    #[test]
    fn secrets_are_names_alone() {
        let code = "import os\na = os.environ['CRM_TOKEN']\nb = os.getenv('API_KEY', 'hunter2')\nc = os.environ.get('CLEARANCE_TOKEN')\nd = os.environ['HOME']\n";
        let found = found(&[("agent.py", code)]);
        let names: Vec<_> = found
            .secrets
            .iter()
            .map(|one| (one.value.as_str(), one.at.line))
            .collect();
        assert_eq!(names, [("API_KEY", 3), ("CRM_TOKEN", 2)]);
        assert!(!serde_json::to_string(&found).unwrap().contains("hunter2"));
    }

    #[test]
    fn a_manifest_is_judged_as_a_push_would_be() {
        let manifest = "schema: 1\nagent: one\nframework: custom\nruntime: {entrypoint: gone.py}\n";
        let found = found(&[(MANIFEST_FILE, manifest), ("agent.py", "x = 1\n")]);
        let problems = found.manifest.unwrap().problems;
        assert_eq!((problems.len(), problems[0].line), (1, 4));
        let wrong = super::tests::found(&[(
            MANIFEST_FILE,
            "schema: 2\nagent: one\nframework: x\nruntime: {entrypoint: a.py}\n",
        )]);
        assert_eq!(wrong.manifest.unwrap().problems.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let outside = folder(&[
            ("secret.py", "import crewai\n"),
            ("clearance.yaml", "schema: 1\n"),
        ]);
        let inside = folder(&[("lib.py", "x = 1\n")]);
        std::os::unix::fs::symlink(outside.path(), inside.path().join("all")).unwrap();
        std::os::unix::fs::symlink(
            outside.path().join("clearance.yaml"),
            inside.path().join(MANIFEST_FILE),
        )
        .unwrap();
        let found = detect(inside.path()).unwrap();
        assert_eq!((found.files, found.manifest.is_none()), (1, true));
        assert_eq!(found.framework.unwrap().framework, Framework::Custom);
        assert!(
            found
                .unsure
                .iter()
                .any(|why| why.contains("links were not followed: 2")),
            "{:?}",
            found.unsure
        );
    }

    #[test]
    fn hostile_files_end_and_are_said() {
        let deep = format!("x = {}1{}\n", "(".repeat(50_000), ")".repeat(50_000));
        let large = "x = 1\n".repeat(100_000);
        let nested = format!("{{\"mcp\": {}}}", "{\"a\":".repeat(2_000));
        let hostile = [
            ("deep.py", deep.as_str()),
            ("large.py", large.as_str()),
            ("broken.py", "def (:\n"),
            ("coded.py", "# coding: utf-7\nimport crewai\n"),
            ("mcp.json", nested.as_str()),
            ("b\u{202e}yp.py", "x = 1\n"),
        ];
        let found = found(&hostile);
        assert_eq!(found.framework.unwrap().framework, Framework::Custom);
        for name in ["broken.py", "large.py"] {
            assert!(
                found.unsure.iter().any(|why| why.contains(name)),
                "{name}: {:?}",
                found.unsure
            );
        }
        assert!(!format!("{:?}", found.unsure).contains('\u{202e}'));
    }

    #[test]
    fn more_files_than_are_looked_at_are_said() {
        let folder = TempDir::new().unwrap();
        for number in 0..=MAX_FILES {
            fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
        }
        let found = detect(folder.path()).unwrap();
        assert!(
            found
                .unsure
                .iter()
                .any(|why| why.contains("Only the first")),
            "{:?}",
            found.unsure
        );
    }

    #[test]
    fn an_empty_folder_is_nothing_and_a_missing_one_an_error() {
        let empty = found(&[]);
        assert_eq!(empty, Detected::default());
        assert!(detect(Path::new("/no/such/folder")).is_err());
    }
}
