//! What is found in folders that people and strangers wrote.

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

@app.route("/mail")
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
        ("add", "Adds one.", "agent.py:29"),
        ("listed", "Takes one away.", "agent.py:23"),
        ("look_up", "Reads one order.", "agent.py:5"),
        ("search", "Searches the shop.", "agent.py:16"),
        ("send-mail", "Sends a mail.", "agent.py:13"),
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
