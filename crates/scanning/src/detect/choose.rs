//! Which of several candidates it is. Where two are as good, the first by name is taken and the other is named.

use domain::agent::Framework;
use domain::detection::{FoundFramework, FoundRequirements, FoundTool, Place, Said};

use super::{Look, MAX_FACTS, said, shown};
use crate::python::facts::Facts;

/// Packages by which a framework is known, by the first part of what is imported.
const FRAMEWORKS: &[(Framework, &[&str])] = &[
    (Framework::LangGraph, &["langgraph"]),
    (Framework::CrewAi, &["crewai"]),
    (Framework::Strands, &["strands"]),
    (
        Framework::Lyzr,
        &["lyzr", "lyzr_automata", "lyzr_agent_api", "lyzr_python_sdk"],
    ),
];
/// Packages that say something about an agent, by the beginning of their names.
const OF_NOTE: &[&str] = &[
    "anthropic",
    "autogen",
    "bedrock-agentcore",
    "boto3",
    "chromadb",
    "crewai",
    "fastapi",
    "fastmcp",
    "flask",
    "google-genai",
    "haystack",
    "langchain",
    "langgraph",
    "litellm",
    "llama-index",
    "lyzr",
    "mcp",
    "mistralai",
    "ollama",
    "openai",
    "pinecone",
    "pydantic-ai",
    "qdrant",
    "semantic-kernel",
    "smolagents",
    "starlette",
    "strands",
    "transformers",
    "uvicorn",
    "weaviate",
];
/// File names that people give to what they run, the likeliest first.
const NAMES: &[&str] = &[
    "agent.py",
    "main.py",
    "app.py",
    "run.py",
    "server.py",
    "__main__.py",
];

/// The framework whose package is imported. Of several, the one that most files import.
pub(super) fn framework(look: &Look, unsure: &mut Vec<String>) -> Option<FoundFramework> {
    let mut found: Vec<(usize, FoundFramework)> = Vec::new();
    for (framework, packages) in FRAMEWORKS {
        let mut places = look.python.iter().filter_map(|(name, facts)| {
            let line = packages
                .iter()
                .find_map(|package| facts.imports.get(*package))?;
            Some(Place {
                file: shown(name),
                line: *line,
            })
        });
        if let Some(at) = places.next() {
            found.push((
                places.count() + 1,
                FoundFramework {
                    framework: *framework,
                    at,
                },
            ));
        }
    }
    // The order of the list decides between equals.
    found.sort_by_key(|(files, _)| std::cmp::Reverse(*files));
    if let [(_, first), (_, second), ..] = found.as_slice() {
        unsure.push(format!(
            "Both {} and {} are imported ({}, {}): the framework is the one that runs the agent.",
            first.framework.label(),
            second.framework.label(),
            first.at,
            second.at
        ));
    }
    if let Some((_, first)) = found.into_iter().next() {
        return Some(first);
    }
    let (name, _) = look.python.iter().next()?;
    if let Some(package) = look.packages.iter().find_map(|one| {
        let plain = one.value.to_ascii_lowercase().replace('_', "-");
        FRAMEWORKS
            .iter()
            .find(|(_, names)| names.iter().any(|name| plain == name.replace('_', "-")))?;
        Some(one)
    }) {
        unsure.push(format!(
            "{} is required ({}) and imported nowhere, so the agent counts as custom code.",
            package.value, package.at
        ));
    }
    let at = entry(look)
        .first()
        .map_or_else(|| name.clone(), |(_, name)| (*name).clone());
    Some(FoundFramework {
        framework: Framework::Custom,
        at: Place {
            file: shown(&at),
            line: 0,
        },
    })
}

/// Files that could be run, the likeliest first, each with how likely.
fn entry(look: &Look) -> Vec<(u32, &String)> {
    let mut all: Vec<(u32, &String)> = look
        .python
        .iter()
        .filter(|(name, _)| domain::agent::is_inner_path(name))
        .map(|(name, facts)| (likely(name, facts), name))
        .filter(|(score, _)| *score > 0)
        .collect();
    all.sort_by_key(|(score, name)| (std::cmp::Reverse(*score), name.matches('/').count(), *name));
    all
}

fn likely(name: &str, facts: &Facts) -> u32 {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.starts_with("test_") || last == "setup.py" || last == "__init__.py" {
        return 0;
    }
    let named = NAMES
        .iter()
        .rev()
        .position(|one| *one == last)
        .map_or(0, |at| u32::try_from(at).unwrap_or(0) + 1);
    let runs = if facts.runs.is_some() { 20 } else { 0 };
    let top = if name.contains('/') { 0 } else { 5 };
    // A module that is neither run nor named like what people run is a part of another.
    if runs == 0 && named == 0 {
        0
    } else {
        runs + named + top
    }
}

/// The file that is run.
pub(super) fn entrypoint(look: &Look, unsure: &mut Vec<String>) -> Option<Said> {
    let all = entry(look);
    let (score, name) = all.first()?;
    let facts = look.python.get(*name)?;
    if facts.runs.is_none() {
        unsure.push(format!("{name} is taken for the entry point by its name: nothing was seen that runs when it is started as python3 {name}."));
    }
    // A name tells files apart where both are run; without one, it is a guess.
    if let Some((_, other)) = all.get(1).filter(|(second, _)| *second == *score) {
        unsure.push(format!(
            "{other} could be the entry point as well as {name}."
        ));
    }
    Some(said(name, name, facts.runs.unwrap_or(0)))
}

/// Tools by name. Those of one name in two files count once.
pub(super) fn tools(look: &Look, unsure: &mut Vec<String>) -> Vec<FoundTool> {
    let mut tools: Vec<FoundTool> = Vec::new();
    for (name, facts) in &look.python {
        for tool in &facts.tools {
            tools.push(FoundTool {
                name: shown(&tool.name),
                description: shown(&tool.description),
                at: Place {
                    file: shown(name),
                    line: tool.line,
                },
            });
        }
    }
    // A name that a list gives and another file defines has its description there.
    tools.sort_by(|one, two| {
        (&one.name, one.description.is_empty()).cmp(&(&two.name, two.description.is_empty()))
    });
    tools.dedup_by(|one, two| one.name == two.name);
    if tools.len() > MAX_FACTS {
        unsure.push(format!(
            "There are {} tools; the first {MAX_FACTS} by name are listed.",
            tools.len()
        ));
        tools.truncate(MAX_FACTS);
    }
    if let Some(silent) = tools.iter().find(|one| one.description.is_empty()) {
        unsure.push(format!(
            "{} has no description ({}): the model and its approvers read one.",
            silent.name, silent.at
        ));
    }
    tools
}

/// What is installed and says something; without a requirements file, what is imported and does.
pub(super) fn dependencies(look: &Look, requirements: Option<&FoundRequirements>) -> Vec<Said> {
    let of_note = |name: &str| {
        let plain = name.to_ascii_lowercase().replace(['_', '.'], "-");
        OF_NOTE.iter().any(|one| plain.starts_with(one))
    };
    let mut found: Vec<Said> = match requirements {
        Some(file) => look
            .packages
            .iter()
            .filter(|one| one.at.file == shown(&file.file))
            .cloned()
            .collect(),
        None => look
            .python
            .iter()
            .flat_map(|(name, facts)| {
                facts
                    .imports
                    .iter()
                    .map(move |(package, line)| said(package, name, *line))
            })
            .collect(),
    };
    found.retain(|one| of_note(&one.value));
    found.sort_by(|one, two| one.value.cmp(&two.value));
    found.dedup_by(|one, two| one.value == two.value);
    found.truncate(MAX_FACTS);
    found
}
