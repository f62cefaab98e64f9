//! The set-up page of an agent: one reading of its rows, from which the list and the proposal are worked out. Changes nothing.

use domain::agent::Risk;
use domain::detection::{Deployed, Detected, LookState, SetupFacts, checklist, propose};
use domain::environment::Environment;
use domain::error::{FieldProblem, ValidationErrors};
use domain::gate::Gate;
use domain::view::setup::{Look, Setup, SetupQuery, Webhook};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::reading;
use crate::store;
use crate::store::entity::{agent, connection, detection, push};

/// What an agent lacks for its first green deployment, and what its repository holds. Some twelve statements.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read, and the field that is wrong.
pub async fn setup(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    query: &SetupQuery,
) -> Result<Setup, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let row = store::detections::of(db, agent.id).await?;
    let found = row.as_ref().map(found_in).transpose()?.flatten();
    let risk = risk(query, found.as_ref())?;
    let gates = gates(cp, &agent, risk).await?;
    let push = store::pushes::recent(db, agent.id, 1).await?.pop();
    let delivered = store::deliveries::last_about(db, agent.id).await?;
    let deployed = deployed(cp, &agent).await?;
    let facts = SetupFacts {
        branch: &agent.branch,
        look: row.as_ref().map(|row| row.state),
        problem: row.as_ref().and_then(|row| row.problem),
        found: found.as_ref(),
        secret_known: row.as_ref().and_then(|row| row.secret_known),
        delivered: delivered.is_some(),
        head_known: agent.head_commit.is_some(),
        push: push.as_ref().map(|push| push.state),
        push_problems: problems_of(push.as_ref())?,
        gates: &gates,
        owned: store::agent_owners::of(db, agent.id).await?.is_some(),
        deployed,
    };
    let checklist = checklist(&facts);
    let connection = store::connections::get(db, agent.connection_id).await?;
    let connection = connection.ok_or(Error::NotFound { kind: "connection" })?;
    let mut webhook = webhook(cp, &connection);
    webhook.last_delivery_at = store::time::text_opt(delivered);
    if reading::teams(ctx)?.is_some() {
        webhook.secret_reference.clear();
    }
    Ok(Setup {
        proposal: found
            .as_ref()
            .map(|found| propose(found, &agent.slug, risk, &gates)),
        look: row.map(|row| look(row, &agent, found)),
        team_id: agent.team_id.to_string(),
        decommissioned: agent.decommissioned_at.is_some(),
        agent: agent.slug,
        repository: agent.repository,
        branch: agent.branch,
        path: agent.path,
        checklist,
        deployment: deployed.number(),
        webhook,
        risk,
    })
}

/// The proposed `clearance.yaml`, as a file.
///
/// # Errors
/// As [`setup`]; [`Error::NotFound`] before something was found.
pub async fn proposal(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    query: &SetupQuery,
) -> Result<String, Error> {
    let setup = setup(cp, ctx, slug, query).await?;
    setup.proposal.ok_or(Error::NotFound { kind: "proposal" })
}

fn found_in(row: &detection::Model) -> Result<Option<Detected>, Error> {
    row.found.as_deref().map(store::from_json).transpose()
}

/// The risk that is asked for, else the one that the agent's manifest declares.
fn risk(query: &SetupQuery, found: Option<&Detected>) -> Result<Risk, Error> {
    let asked = query.risk.trim();
    if !asked.is_empty() {
        let wrong = |_| ValidationErrors::one("risk", FieldProblem::UnknownChoice);
        return Ok(asked.parse().map_err(wrong)?);
    }
    let declared = found.and_then(|found| found.manifest.as_ref()?.risk);
    Ok(declared.unwrap_or(Risk::Medium))
}

/// Gates with suites that the policy asks for where the agent goes first.
async fn gates(cp: &ControlPlane, agent: &agent::Model, risk: Risk) -> Result<Vec<Gate>, Error> {
    let db = cp.reader();
    let team = store::people::team(db, agent.team_id).await?;
    let team = team.map(|team| team.slug).unwrap_or_default();
    let policy = policies::current(db, &Whom { team, risk }).await?;
    let first = policy.non_prod.gates.iter().copied();
    Ok(first.filter(|gate| gate.has_suites()).collect())
}

fn problems_of(push: Option<&push::Model>) -> Result<usize, Error> {
    let Some(push) = push else {
        return Ok(0);
    };
    let problems: Vec<domain::agent::ManifestProblem> = store::from_json(&push.problems)?;
    Ok(problems.len())
}

async fn deployed(cp: &ControlPlane, agent: &agent::Model) -> Result<Deployed, Error> {
    let db = cp.reader();
    let live = store::live::get(db, agent.id, Environment::NonProd).await?;
    if let Some(live) = live {
        let row = store::deployments::get(db, live.deployment_id).await?;
        return Ok(Deployed::Live(row.number));
    }
    let newest = store::deployments::history(db, agent.id, Some(Environment::NonProd), 1).await?;
    Ok(newest.first().map_or(Deployed::Nothing, |row| {
        if row.state.in_progress() {
            Deployed::Running(row.number)
        } else {
            Deployed::Ended(row.number)
        }
    }))
}

fn webhook(cp: &ControlPlane, connection: &connection::Model) -> Webhook {
    let base = cp.settings().base_url.trim_end_matches('/');
    let (kind, slug) = (connection.kind, &connection.slug);
    Webhook {
        url: format!("{base}/webhooks/{}/{slug}", kind.path()),
        connection: slug.clone(),
        kind,
        secret_reference: connection.secret_reference.clone(),
        last_delivery_at: None,
    }
}

fn look(row: detection::Model, agent: &agent::Model, found: Option<Detected>) -> Look {
    // A branch that was never seen moving is where the look found it.
    let behind = row.state == LookState::Done
        && agent.head_commit.is_some()
        && row.commit_id.is_some()
        && agent.head_commit != row.commit_id;
    Look {
        state: row.state,
        ordered_at: store::time::text(row.ordered_at),
        attempts: row.attempts,
        looked_at: store::time::text_opt(row.looked_at),
        behind,
        commit: row.commit_id,
        problem: row.problem,
        detail: row.detail,
        found,
    }
}
