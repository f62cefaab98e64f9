//! Reads `clearance.yaml` strictly: unknown keys and bad values are problems with line and column.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{
    AgentManifest, ConfigSection, Framework, MANIFEST_FILE, MANIFEST_MAX_BYTES, ManifestProblem,
    McpServer, Model, Risk, RuntimeSection, SKILL_MAX, SKILLS_MAX, Setting, SuiteRef, TAGS_MAX,
    Tool, is_inner_path, is_tag,
};
use crate::environment::Environment;
use crate::gate::Gate;
use crate::name::{check_slug, is_scope};
use crate::version::VersionLine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema: Spanned<u32>,
    agent: Spanned<String>,
    #[serde(default)]
    description: Option<Spanned<String>>,
    #[serde(default)]
    version: Option<Spanned<String>>,
    framework: Spanned<String>,
    #[serde(default)]
    risk: Option<Spanned<String>>,
    #[serde(default)]
    data_classes: Vec<Spanned<String>>,
    #[serde(default)]
    skills: Vec<Spanned<String>>,
    #[serde(default)]
    tags: Vec<Spanned<String>>,
    #[serde(default)]
    scopes: Vec<Spanned<String>>,
    runtime: RawRuntime,
    #[serde(default)]
    config: RawConfig,
    #[serde(default)]
    evaluation: RawEvaluation,
    #[serde(default)]
    agent_card: Option<Spanned<String>>,
    #[serde(default)]
    watch: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRuntime {
    entrypoint: Spanned<String>,
    #[serde(default)]
    requirements: Option<Spanned<String>>,
    #[serde(default)]
    memory_mb: Option<Spanned<u32>>,
    #[serde(default)]
    start_timeout_seconds: Option<Spanned<u32>>,
    #[serde(default)]
    invoke_timeout_seconds: Option<Spanned<u32>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default)]
    model: Option<Model>,
    #[serde(default)]
    prompts: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    settings: BTreeMap<String, Setting>,
    #[serde(default)]
    tools: Vec<Spanned<Tool>>,
    #[serde(default)]
    mcp_servers: Vec<Spanned<McpServer>>,
    #[serde(default)]
    secrets: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    bindings: BTreeMap<Environment, BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawEvaluation {
    #[serde(default)]
    suites: Vec<RawSuite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuite {
    gate: Spanned<String>,
    file: Spanned<String>,
}

/// Collects problems, so that one look at the page shows them all.
struct Problems(Vec<ManifestProblem>);

impl Problems {
    fn add<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        let line = u32::try_from(at.referenced.line()).unwrap_or(0);
        let column = u32::try_from(at.referenced.column()).unwrap_or(0);
        self.0.push(ManifestProblem {
            file: MANIFEST_FILE.to_owned(),
            line,
            column,
            message: message.into(),
        });
    }

    fn word<T: std::str::FromStr>(
        &mut self,
        at: &Spanned<String>,
        what: &str,
        choices: &str,
        otherwise: T,
    ) -> T {
        at.value.parse().unwrap_or_else(|_| {
            self.add(
                at,
                format!(
                    "`{}` is not a {what}. Write one of {choices}.",
                    crate::text::cut(&at.value, 40)
                ),
            );
            otherwise
        })
    }

    fn path(&mut self, at: &Spanned<String>) -> String {
        if !is_inner_path(&at.value) {
            self.add(
                at,
                "Write a path inside the agent's folder, without `..` or a leading slash.",
            );
        }
        at.value.clone()
    }

    fn range(&mut self, at: Option<&Spanned<u32>>, low: u32, high: u32, default: u32) -> u32 {
        let Some(at) = at else { return default };
        if !(low..=high).contains(&at.value) {
            self.add(at, format!("Write a whole number from {low} to {high}."));
        }
        at.value
    }
}

impl AgentManifest {
    /// Parses and checks a manifest.
    ///
    /// # Errors
    /// Everything that is wrong, with line and column, in file order where the YAML itself is sound.
    pub fn parse(text: &str) -> Result<Self, Vec<ManifestProblem>> {
        let whole = |message: String| ManifestProblem {
            file: MANIFEST_FILE.to_owned(),
            line: 0,
            column: 0,
            message,
        };
        if text.len() > MANIFEST_MAX_BYTES {
            return Err(vec![whole(
                "The manifest is larger than 64 KiB.".to_owned(),
            )]);
        }
        let raw: Raw = serde_saphyr::from_str(text).map_err(|error| vec![yaml_problem(&error)])?;
        let mut problems = Problems(Vec::new());
        let manifest = check(raw, &mut problems);
        if problems.0.is_empty() {
            Ok(manifest)
        } else {
            Err(problems.0)
        }
    }
}

fn yaml_problem(error: &serde_saphyr::Error) -> ManifestProblem {
    let (line, column, message) = crate::yaml::problem(error, "The file is not valid YAML.");
    ManifestProblem {
        file: MANIFEST_FILE.to_owned(),
        line,
        column,
        message,
    }
}

fn check(raw: Raw, problems: &mut Problems) -> AgentManifest {
    if raw.schema.value != 1 {
        problems.add(&raw.schema, "This Clearance reads schema 1.");
    }
    if let Err(problem) = check_slug(&raw.agent.value) {
        problems.add(&raw.agent, problem.message());
    }
    if let Some(description) = raw
        .description
        .as_ref()
        .filter(|d| d.value.chars().count() > 500)
    {
        problems.add(description, "Keep the description to 500 characters.");
    }
    let line = match &raw.version {
        None => VersionLine { major: 1, minor: 0 },
        Some(version) => version.value.parse().unwrap_or_else(|_| {
            problems.add(
                version,
                "Write major.minor in quotes, such as \"2.3\". Clearance gives the third number.",
            );
            VersionLine { major: 1, minor: 0 }
        }),
    };
    let framework = problems.word(
        &raw.framework,
        "framework",
        "langgraph, crewai, strands, lyzr, custom",
        Framework::Custom,
    );
    let risk = raw.risk.as_ref().map_or(Risk::Medium, |r| {
        problems.word(r, "risk", "low, medium, high", Risk::Medium)
    });
    let scopes = scopes(&raw.scopes, problems);
    AgentManifest {
        agent: raw.agent.value.clone(),
        description: raw.description.map(|d| d.value).unwrap_or_default(),
        line,
        framework,
        risk,
        data_classes: data_classes(&raw.data_classes, problems),
        skills: skills(&raw.skills, problems),
        tags: tags(&raw.tags, problems),
        runtime: runtime(&raw.runtime, problems),
        config: config(raw.config, &scopes, problems),
        scopes,
        suites: suites(&raw.evaluation.suites, problems),
        agent_card: raw.agent_card.as_ref().map(|card| problems.path(card)),
        watch: raw.watch.iter().map(|w| problems.path(w)).collect(),
    }
}

fn scopes(raw: &[Spanned<String>], problems: &mut Problems) -> Vec<String> {
    for scope in raw.iter().filter(|s| !is_scope(&s.value)) {
        problems.add(
            scope,
            "Write a scope as resource:verb, such as orders:read.",
        );
    }
    let mut scopes: Vec<String> = raw.iter().map(|s| s.value.clone()).collect();
    scopes.sort();
    scopes.dedup();
    if let Some(first) = raw.first().filter(|_| scopes.len() > 100) {
        problems.add(first, "An agent has at most 100 scopes.");
    }
    scopes
}

fn data_classes(raw: &[Spanned<String>], problems: &mut Problems) -> Vec<String> {
    for class in raw {
        let plain = !class.value.is_empty()
            && class
                .value
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_');
        if !plain || class.value.len() > 40 {
            problems.add(
                class,
                "Write a data class in lower-case letters, such as personal.",
            );
        }
    }
    raw.iter().map(|c| c.value.clone()).collect()
}

fn skills(raw: &[Spanned<String>], problems: &mut Problems) -> Vec<String> {
    let mut skills: Vec<String> = Vec::new();
    for skill in raw {
        let text = skill.value.trim();
        let readable =
            !text.chars().any(char::is_control) && text.chars().any(char::is_alphanumeric);
        if !readable || text.chars().count() > SKILL_MAX {
            problems.add(
                skill,
                "Write a skill in a few words, up to 80 characters, such as look up orders.",
            );
        }
        if !skills.iter().any(|known| known == text) {
            skills.push(text.to_owned());
        }
    }
    if let Some(first) = raw.first().filter(|_| skills.len() > SKILLS_MAX) {
        problems.add(first, "An agent has at most 40 skills.");
    }
    skills
}

fn tags(raw: &[Spanned<String>], problems: &mut Problems) -> Vec<String> {
    for tag in raw {
        if !is_tag(&tag.value) {
            problems.add(
                tag,
                "Write a tag in lower-case letters, digits and hyphens, such as customer-care.",
            );
        }
    }
    let mut tags: Vec<String> = raw.iter().map(|tag| tag.value.clone()).collect();
    tags.sort();
    tags.dedup();
    if let Some(first) = raw.first().filter(|_| tags.len() > TAGS_MAX) {
        problems.add(first, "An agent has at most 20 tags.");
    }
    tags
}

fn runtime(raw: &RawRuntime, problems: &mut Problems) -> RuntimeSection {
    RuntimeSection {
        entrypoint: problems.path(&raw.entrypoint),
        requirements: raw.requirements.as_ref().map(|r| problems.path(r)),
        memory_mb: problems.range(raw.memory_mb.as_ref(), 64, 8_192, 512),
        start_timeout_seconds: problems.range(raw.start_timeout_seconds.as_ref(), 1, 600, 60),
        invoke_timeout_seconds: problems.range(raw.invoke_timeout_seconds.as_ref(), 1, 600, 30),
    }
}

fn config(raw: RawConfig, scopes: &[String], problems: &mut Problems) -> ConfigSection {
    for (name, secret) in &raw.secrets {
        let reference = secret.value.split_once(':').is_some_and(|(kind, rest)| {
            matches!(kind, "env" | "file" | "vault") && !rest.is_empty()
        });
        if !reference {
            // The value is not repeated: it may be the secret itself.
            problems.add(
                secret,
                format!("{name} must be a reference, such as env:CRM_TOKEN, never a value."),
            );
        }
    }
    for tool in &raw.tools {
        for scope in tool.value.scopes.iter().filter(|s| !scopes.contains(s)) {
            problems.add(
                tool,
                format!(
                    "Tool {} needs the scope {scope}, which is not under scopes.",
                    tool.value.name
                ),
            );
        }
    }
    for server in &raw.mcp_servers {
        let fits = match server.value.transport.as_str() {
            "http" => server
                .value
                .url
                .as_deref()
                .is_some_and(|u| u.starts_with("https://") || u.starts_with("http://")),
            "stdio" => server.value.package.is_some(),
            _ => false,
        };
        if !fits {
            problems.add(
                server,
                "Write transport: http with a url, or transport: stdio with a package.",
            );
        }
    }
    ConfigSection {
        model: raw.model,
        prompts: raw
            .prompts
            .iter()
            .map(|(name, file)| (name.clone(), problems.path(file)))
            .collect(),
        settings: raw.settings,
        tools: raw.tools.into_iter().map(|t| t.value).collect(),
        mcp_servers: raw.mcp_servers.into_iter().map(|s| s.value).collect(),
        secrets: raw
            .secrets
            .into_iter()
            .map(|(name, secret)| (name, secret.value))
            .collect(),
        bindings: raw.bindings,
    }
}

fn suites(raw: &[RawSuite], problems: &mut Problems) -> Vec<SuiteRef> {
    raw.iter()
        .map(|suite| {
            let gate = problems.word(
                &suite.gate,
                "gate with suites",
                "relevance, hallucination, responsible_ai",
                Gate::Relevance,
            );
            if !gate.needs_agent() || gate == Gate::Health {
                problems.add(
                    &suite.gate,
                    "Suites belong to relevance, hallucination or responsible_ai.",
                );
            }
            SuiteRef {
                gate,
                file: problems.path(&suite.file),
            }
        })
        .collect()
}
