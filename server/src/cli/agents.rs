//! `clearance agents`: what is registered, and what a folder holds that could be.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use domain::agent::Risk;
use domain::detection::{Detected, Place, propose};
use domain::name::check_slug;
use domain::policy::Policy;
use domain::view::agent::{AgentRow, LiveCell};
use domain::view::page::Page;

use super::print_json;
use super::remote::{READS, Remote, plain, print_lines, print_list, query};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List agents by name. A filter takes several values with commas between them, of which one must hold
    #[command(after_help = READS)]
    List(List),
    /// Say what an agent's folder holds, and propose its clearance.yaml. Needs no server, and runs nothing of the folder
    #[command(
        after_help = "What was found goes to standard error and the proposed file to standard output, so that it can be kept: \
        clearance agents detect . > proposed.yaml\n\
        Exit status: 0 found, 1 framework or entry point could not be told, 2 the folder cannot be read."
    )]
    Detect(Detect),
}

#[derive(Debug, Args)]
pub(super) struct Detect {
    /// The agent's folder
    folder: PathBuf,
    /// The slug that the agent is onboarded under; else what its manifest says, else the folder's name
    #[arg(long, value_parser = slug)]
    agent: Option<String>,
    /// low, medium or high; else what its manifest says, else medium
    #[arg(long, value_parser = risk)]
    risk: Option<Risk>,
    /// Answer in JSON: what was found, and the proposal
    #[arg(long)]
    json: bool,
}

fn slug(text: &str) -> Result<String, String> {
    check_slug(text)
        .map(|()| text.to_owned())
        .map_err(|problem| problem.message().to_owned())
}

fn risk(text: &str) -> Result<Risk, String> {
    text.parse()
        .map_err(|_| "write low, medium or high".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Beginnings of words of the name, purpose, skills, tags, tools, MCP servers or owner: the best comes first
    #[arg(long, default_value = "", hide_default_value = true)]
    q: String,
    /// production, `non_prod` (and not in production), quarantined, never (deployed), decommissioned
    #[arg(long, default_value = "", hide_default_value = true)]
    status: String,
    /// Slugs of teams
    #[arg(long, default_value = "", hide_default_value = true)]
    team: String,
    /// langgraph, crewai, strands, lyzr, custom, unknown
    #[arg(long, default_value = "", hide_default_value = true)]
    framework: String,
    /// low, medium, high, unknown
    #[arg(long, default_value = "", hide_default_value = true)]
    risk: String,
    /// Labels that people gave in the registry
    #[arg(long, default_value = "", hide_default_value = true)]
    label: String,
    /// name or -name
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    sort: String,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    let list = match command {
        Command::List(list) => list,
        Command::Detect(args) => return detect(&args),
    };
    let server = list.remote.by_token()?;
    let asked = query(&[
        ("q", &list.q),
        ("status", &list.status),
        ("team", &list.team),
        ("framework", &list.framework),
        ("risk", &list.risk),
        ("label", &list.label),
        ("sort", &list.sort),
        ("cursor", &list.cursor),
    ]);
    let path = format!("/api/v1/agents?{asked}");
    let print = |page: Page<AgentRow>| print_list(page.rows.iter().map(row), page.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "refund-assistant  care  production v1.0.0  non-prod v1.1.0  Answers refund questions  (Skill: explain refunds)".
fn row(row: &AgentRow) -> String {
    let live = |cell: &Option<LiveCell>| {
        let version = cell.as_ref().map(|cell| format!("v{}", cell.version));
        version.unwrap_or_else(|| "not live".to_owned())
    };
    let why = row.why.as_ref();
    let why = why.map(|why| format!("  ({}: {})", why.field.label(), why.text));
    format!(
        "{}  {}  production {}  non-prod {}  {}{}",
        row.slug,
        row.team,
        live(&row.production),
        live(&row.non_prod),
        row.description,
        why.unwrap_or_default()
    )
}

fn detect(args: &Detect) -> Result<ExitCode> {
    let shown = args.folder.display();
    let found =
        scanning::detect(&args.folder).with_context(|| format!("{shown} cannot be read"))?;
    let declared = found.manifest.as_ref();
    let risk = args
        .risk
        .or_else(|| declared.and_then(|one| one.risk))
        .unwrap_or(Risk::Medium);
    let agent = args
        .agent
        .clone()
        .or_else(|| {
            declared
                .map(|one| one.agent.clone())
                .filter(|slug| !slug.is_empty())
        })
        .unwrap_or_else(|| named_like(args));
    // The policy of a server may ask for more; this is the one that Clearance comes with.
    let policy =
        Policy::standard().map_err(|_| anyhow::anyhow!("the standard policy does not parse"))?;
    let gates = policy.effective("", risk).non_prod.gates;
    let gates: Vec<_> = gates.into_iter().filter(|gate| gate.has_suites()).collect();
    let proposal = propose(&found, &agent, risk, &gates);
    if args.json {
        print_json(
            &serde_json::json!({ "agent": agent, "risk": risk, "found": found, "proposal": proposal }),
        )?;
    } else {
        for line in facts(&found) {
            eprintln!("{}", plain(&line));
        }
        print_lines(proposal.lines().map(str::to_owned));
    }
    Ok(if found.framework.is_some() && found.entrypoint.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The folder's name as a slug; `agent` where nothing of it can be one.
fn named_like(args: &Detect) -> String {
    let folder = args
        .folder
        .canonicalize()
        .unwrap_or_else(|_| args.folder.clone());
    let name = folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let words: Vec<&str> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let slug: String = words
        .join("-")
        .chars()
        .take(domain::name::SLUG_MAX)
        .collect();
    let slug = slug.trim_end_matches('-').to_owned();
    if check_slug(&slug).is_ok() {
        slug
    } else {
        "agent".to_owned()
    }
}

/// What was found, a line each with its place.
fn facts(found: &Detected) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say =
        |what: &str, value: &str, at: &Place| lines.push(format!("{what}: {value} ({at})"));
    if let Some(one) = &found.framework {
        say("framework", one.framework.label(), &one.at);
    }
    if let Some(one) = &found.entrypoint {
        say("entry point", &one.value, &one.at);
    }
    for one in &found.tools {
        say(
            "tool",
            &format!("{}: {}", one.name, one.description),
            &one.at,
        );
    }
    for one in &found.mcp_servers {
        say("MCP server", &one.server.name, &one.at);
    }
    for one in &found.dependencies {
        say("package", &one.value, &one.at);
    }
    for one in &found.secrets {
        say("secret", &one.value, &one.at);
    }
    if let Some(one) = &found.requirements {
        lines.push(format!("requirements: {}, {} pinned", one.file, one.pinned));
        lines.extend(
            one.unpinned
                .iter()
                .map(|one| format!("not pinned: {} ({})", one.value, one.at)),
        );
    }
    match &found.manifest {
        None => lines.push("clearance.yaml: none yet".to_owned()),
        Some(one) if one.problems.is_empty() => {
            lines.push(format!("clearance.yaml: valid, of {}", one.agent))
        }
        Some(one) => lines.extend(one.problems.iter().map(|one| {
            format!(
                "clearance.yaml, line {}, column {}: {}",
                one.line, one.column, one.message
            )
        })),
    }
    lines.extend(found.unsure.iter().map(|why| format!("not sure: {why}")));
    lines
}
