//! `clearance identities`: which agents can act, on what, and how to stop one, over a running server's API.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::binding::BindingProvider;
use domain::identity::IdentityState;
use domain::view::identity::{IdentityDetail, IdentityRow};
use domain::view::page::Page;
use serde_json::{Value, json};

use super::print_json;
use super::remote::{READS, Remote, encoded, known, print_lines, print_list, query};

/// How a command that acts is authorised and ends, for its help.
const ACTS: &str = "Asks a running server with the API token in CLEARANCE_TOKEN (scopes read write; its person may roll back).\n\
    Exit status: 0 done, 2 refused or not answered.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List identities, newest first; those that were not revoked unless a state is asked for
    #[command(after_help = READS)]
    List(List),
    /// Show one identity: what entitles it, what it may do, and when it last did
    #[command(after_help = READS)]
    Show(Show),
    /// Suspend an identity until somebody lets it act again; its agent goes on running
    #[command(after_help = ACTS)]
    Suspend(Act),
    /// Let a suspended identity act again
    #[command(after_help = ACTS)]
    Resume(Act),
    /// Give an identity another key
    #[command(after_help = ACTS)]
    Rotate(Act),
    /// Say what a runtime's provider calls an identity, so that its log leads here
    #[command(after_help = ACTS)]
    Bind(Bind),
    /// Say that a runtime's provider calls an identity so no more
    #[command(after_help = ACTS)]
    Unbind(Bind),
    /// Revoke an identity for good
    #[command(after_help = ACTS)]
    Revoke(Act),
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    remote: Remote,
    /// Only those of this agent
    #[arg(long, default_value = "", hide_default_value = true)]
    agent: String,
    /// Only those of this team's agents
    #[arg(long, default_value = "", hide_default_value = true)]
    team: String,
    /// provisioning, active, suspended, revoked or any
    #[arg(long, default_value = "", hide_default_value = true)]
    state: String,
    /// Go on after this place, as the list before says it
    #[arg(long, default_value = "", hide_default_value = true)]
    cursor: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Client id, such as refund-assistant-4471
    client_id: String,
    #[command(flatten)]
    remote: Remote,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Act {
    /// Client id, such as refund-assistant-4471
    client_id: String,
    #[command(flatten)]
    remote: Remote,
    /// Why, at least 10 characters
    #[arg(long)]
    reason: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Bind {
    /// Client id, such as refund-assistant-4471
    client_id: String,
    #[command(flatten)]
    remote: Remote,
    /// Who gave the name: `aws_workload_identity` or `gcp_agent_identity`
    #[arg(long)]
    provider: String,
    /// The whole name that the provider uses, as it stands in its log
    #[arg(long)]
    principal: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(list) => self::list(list).await,
        Command::Show(show) => self::show(show).await,
        Command::Suspend(act) => self::act(act, "suspend", "Suspended.").await,
        Command::Resume(act) => {
            let told = "Asked. It can act again as soon as its provider has answered.";
            self::act(act, "resume", told).await
        }
        Command::Rotate(act) => {
            let told =
                "Asked. Once its provider has the new key, nothing that the old one signs counts.";
            self::act(act, "rotate", told).await
        }
        Command::Bind(bind) => self::bind(bind, "bind", "Bound.").await,
        Command::Unbind(bind) => self::bind(bind, "unbind", "Unbound.").await,
        Command::Revoke(act) => self::act(act, "revoke", "Revoked.").await,
    }
}

async fn list(list: List) -> Result<ExitCode> {
    let states = IdentityState::ALL.iter().map(|state| state.as_str());
    let states: Vec<&str> = states.chain(["any"]).collect();
    known("state", &list.state, &states)?;
    let server = list.remote.by_token()?;
    let asked = query(&[
        ("agent", &list.agent),
        ("team", &list.team),
        ("state", &list.state),
        ("cursor", &list.cursor),
    ]);
    let path = format!("/api/v1/identities?{asked}");
    let print =
        |page: Page<IdentityRow>| print_list(page.rows.iter().map(row), page.next.as_deref());
    server.show(&path, list.json, print).await
}

/// "refund-assistant-2  Active  refund-assistant v2.3.0 (customer-care) in production  #2, approval #2  1 scope  last used …".
fn row(row: &IdentityRow) -> String {
    let approval = row
        .approval
        .map_or_else(String::new, |number| format!(", approval #{number}"));
    format!(
        "{}  {}  {} v{} ({}) in {}  #{}{approval}  {} scopes  last used {}",
        row.client_id,
        row.state.label(),
        row.agent,
        row.version,
        row.team,
        row.environment,
        row.deployment,
        row.scopes,
        row.last_used_at.as_deref().unwrap_or("never, as reported"),
    )
}

async fn show(show: Show) -> Result<ExitCode> {
    let server = show.remote.by_token()?;
    let path = format!("/api/v1/identities/{}", encoded(&show.client_id));
    let print = |found: IdentityDetail| print_lines(lines(&found));
    server.show(&path, show.json, print).await
}

fn lines(found: &IdentityDetail) -> Vec<String> {
    let mut lines = vec![row(&found.row)];
    lines.extend(found.suspension.as_ref().map(|one| {
        let (state, at, by) = (one.state.label(), &one.asked_at, &one.asked_by);
        format!("{state}, asked {at} by {by}: {}", one.reason)
    }));
    if found.quarantined {
        lines.push("In quarantine, with its runtime".to_owned());
    }
    lines.extend(found.tokens_until.as_ref().map(|at| {
        format!("A token given before can pass where only its signature is checked, until {at}")
    }));
    let bound = found.bindings.iter();
    let bound = bound.filter(|one| one.released_at.is_none());
    lines.extend(bound.map(|one| format!("{}: {}", one.provider.label(), one.principal)));
    lines.extend(found.uses.iter().map(|one| {
        let last = one.last_at.as_deref().unwrap_or("no call reported");
        format!("  {}  {} calls  {last}", one.scope, one.calls)
    }));
    lines
}

async fn act(act: Act, verb: &str, told: &str) -> Result<ExitCode> {
    let body = json!({ "reason": act.reason });
    send(&act.remote, (&act.client_id, verb), &body, (act.json, told)).await
}

async fn bind(bind: Bind, verb: &str, told: &str) -> Result<ExitCode> {
    let providers = BindingProvider::ALL.iter().map(|one| one.as_str());
    known("provider", &bind.provider, &providers.collect::<Vec<_>>())?;
    let body = json!({ "provider": bind.provider, "principal": bind.principal });
    let to = (bind.client_id.as_str(), verb);
    send(&bind.remote, to, &body, (bind.json, told)).await
}

async fn send(
    remote: &Remote,
    (client_id, verb): (&str, &str),
    body: &Value,
    (as_json, told): (bool, &str),
) -> Result<ExitCode> {
    let server = remote.by_token()?;
    let path = format!("/api/v1/identities/{}/{verb}", encoded(client_id));
    let answer: Value = server.post(&path, body).await?;
    if as_json {
        print_json(&answer)?;
    } else {
        print_lines([told.to_owned()]);
    }
    Ok(ExitCode::SUCCESS)
}
