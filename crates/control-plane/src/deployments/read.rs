//! Reading deployments: the list, and one of them with everything that its page shows. Changes nothing.

use domain::approval::{Candidate, DecisionVerdict};
use domain::authz::{Access, Action, can};
use domain::deployment::{DeploymentKind, DeploymentState, Step};
use domain::environment::Environment;
use domain::form::query::{self, DeploymentQuery};
use domain::ledger::Receipt;
use domain::policy::Policy;
use domain::runtime::RuntimeTarget;
use domain::text::short_commit;
use domain::view::break_glass::BreakGlassOffer;
use domain::view::deployment::{ApprovalCell, DeploymentDetail, DeploymentRow, Failure, Stage};
use domain::view::page::Page;

use crate::ControlPlane;
use crate::approvals;
use crate::break_glass;
use crate::compliance;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates::{self, Counted};
use crate::policies::{self, Wait, Whom};
use crate::reading::{self, Narrowed};
use crate::store;
use crate::store::entity::{
    agent, approval, condition_result, decision, deployment, push, transition, version,
};

mod conditions;
mod evidence;
mod stages;
mod why;

pub use why::why;

/// Log lines on one page.
const LOG_LINES: usize = 200;

/// The deployments that the actor may see, newest first. Five statements, whatever the length of the page.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &DeploymentQuery,
) -> Result<Page<DeploymentRow>, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let limit = query::limit(asked.limit);
    let Narrowed::To(agent) = reading::narrowed(db, asked.agent.as_str()).await? else {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    };
    let rows = store::deployments::page(db, asked, agent, seen.as_deref(), limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.number.to_string());
    let agents = store::agents::many(db, page.rows.iter().map(|d| d.agent_id).collect()).await?;
    let teams = store::people::teams(db).await?;
    let versions =
        store::versions::many(db, page.rows.iter().map(|d| d.version_id).collect()).await?;
    Ok(page.map(|row| {
        let agent = agents.iter().find(|a| a.id == row.agent_id);
        let team = agent
            .map(|a| reading::team_slug(a.team_id, &teams))
            .unwrap_or_default();
        row_view(
            &row,
            agent,
            team,
            versions.iter().find(|v| v.id == row.version_id),
        )
    }))
}

fn row_view(
    row: &deployment::Model,
    agent: Option<&agent::Model>,
    team: String,
    version: Option<&version::Model>,
) -> DeploymentRow {
    DeploymentRow {
        number: row.number,
        agent: agent.map(|a| a.slug.clone()).unwrap_or_default(),
        team,
        version: version.map(|v| v.number.clone()).unwrap_or_default(),
        environment: row.environment,
        kind: row.kind,
        state: row.state,
        commit: version.map(|v| v.commit_id.clone()).unwrap_or_default(),
        requested_by: row.requested_by.clone(),
        requested_at: store::time::text(row.created_at),
        updated_at: store::time::text(row.updated_at),
    }
}

/// What the page of a deployment is made of besides rows that are shown one by one.
struct Found {
    row: deployment::Model,
    agent: agent::Model,
    version: version::Model,
    arrows: Vec<transition::Model>,
    counted: Counted,
    conditions: Vec<condition_result::Model>,
    lacks: Vec<String>,
    approval: Option<(approval::Model, Vec<decision::Model>)>,
    candidates: Vec<Candidate>,
    push: Option<push::Model>,
    failure: Option<Failure>,
    /// The policy that it keeps.
    policy: Policy,
    /// What it waits for by the clock alone.
    wait: Option<Wait>,
    /// The post-review of who let it through, while that holds.
    let_through: Option<i64>,
}

/// One deployment with everything that its page shows; of its log the lines of one step (`None`: all) before a place.
/// About thirty statements, whatever its age and the length of its log.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
    step: Option<Step>,
    log_before: Option<i64>,
) -> Result<DeploymentDetail, Error> {
    let db = cp.reader();
    let (row, agent) = reading::deployment(db, ctx, number).await?;
    let facts = reading::of(&agent);
    let team = store::people::team(db, agent.team_id)
        .await?
        .map(|t| t.slug)
        .unwrap_or_default();
    let found = find(cp, ctx, row, agent).await?;
    let (row, version) = (&found.row, &found.version);
    let gates = gates::boxes(&found.counted.runs, row.state.in_progress());
    let limit = u64::try_from(LOG_LINES).unwrap_or(u64::MAX);
    let (log, log_before) = evidence::log(
        store::log::tail(db, row.id, step, log_before, limit + 1).await?,
        LOG_LINES,
    );
    let (title, conditions) = why::list(cp, ctx, &found).await?;
    let operates = can(ctx.actor(), Action::Rollback, facts) == Access::Allowed;
    Ok(DeploymentDetail {
        row: row_view(row, Some(&found.agent), team, Some(version)),
        team_id: found.agent.team_id.to_string(),
        revision: row.revision,
        subject: version.subject.clone(),
        author: version.author_name.clone(),
        branch: found.agent.branch.clone(),
        config_digest: version.config_digest.clone(),
        image_digest: version.image_digest.clone(),
        manifest_digest: row.manifest_digest.clone(),
        target: RuntimeTarget::LocalProcess.label().to_owned(),
        replaces: replaces(cp, row).await?,
        reason: row.reason.clone(),
        stages: stages(&found),
        attestations: evidence::attestations(row, version, &gates, found.let_through.is_some()),
        gates,
        ledger: store::resources::of(db, row.id)
            .await?
            .into_iter()
            .map(evidence::ledger)
            .collect(),
        receipt: row
            .receipt
            .as_deref()
            .map(store::from_json::<Receipt>)
            .transpose()?,
        conditions,
        conditions_title: title.to_owned(),
        approval: found
            .approval
            .as_ref()
            .map(|(asked, decisions)| approval_cell(asked, decisions)),
        outgoing: store::outbox::of(db, row.id)
            .await?
            .into_iter()
            .map(evidence::outgoing)
            .collect::<Result<_, _>>()?,
        log,
        log_before,
        policy: format!("{} v{}", found.policy.name, row.policy_version),
        can_cancel: row.state.in_progress() && operates,
        can_roll_back: row.state == DeploymentState::Live && operates,
        held: version.held_at.is_some(),
        lacks: found.lacks.clone(),
        break_glass: break_glass::mark_of(db, ctx, row, &found.agent).await?,
        break_glass_offer: offer(ctx, &found)?,
        failure: found.failure,
    })
}

async fn find(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: deployment::Model,
    agent: agent::Model,
) -> Result<Found, Error> {
    let db = cp.reader();
    let version = store::versions::get(db, row.version_id).await?;
    let approval = approval_of(cp, &row).await?;
    let asks = approval.is_some() && row.state.in_progress();
    let candidates = if asks {
        approvals::Roster::read(db, ctx.now())
            .await?
            .candidates(agent.team_id)
    } else {
        Vec::new()
    };
    let whom = Whom::of(db, &agent, &version).await?;
    let policy = policies::of(db, row.policy_version, &whom).await?;
    let runs = store::gates::of(db, row.id).await?;
    let live = row.state == DeploymentState::Live;
    Ok(Found {
        counted: gates::counted(db, &row, &runs).await?,
        conditions: store::conditions::of(db, row.id).await?,
        lacks: compliance::of(db, row.id)
            .await?
            .filter(|_| live)
            .unwrap_or_default(),
        wait: policies::wait(db, &policy, &row, ctx.now()).await?,
        let_through: break_glass::permission(db, &row, ctx.now())
            .await?
            .map(|permission| permission.number),
        policy,
        arrows: store::deployments::transitions(db, row.id).await?,
        push: store::pushes::to_commit(db, agent.id, &version.commit_id).await?,
        failure: row.failure.as_deref().map(store::from_json).transpose()?,
        row,
        agent,
        version,
        approval,
        candidates,
    })
}

/// The approval of a deployment; for a rollback the one under which the restored deployment went live.
async fn approval_of(
    cp: &ControlPlane,
    row: &deployment::Model,
) -> Result<Option<(approval::Model, Vec<decision::Model>)>, Error> {
    let db = cp.reader();
    let asked = match (row.environment, row.restores) {
        (Environment::NonProd, _) => None,
        (Environment::Production, None) => store::approvals::of(db, row.id).await?,
        (Environment::Production, Some(number)) => {
            match store::approvals::by_number(db, number).await {
                Ok(asked) => Some(asked),
                Err(Error::NotFound { .. }) => None,
                Err(error) => return Err(error),
            }
        }
    };
    let Some(asked) = asked else { return Ok(None) };
    let decisions = store::approvals::decisions(db, asked.id).await?;
    Ok(Some((asked, decisions)))
}

fn approvals_given(decisions: &[decision::Model]) -> u32 {
    let given = decisions
        .iter()
        .filter(|d| d.verdict == DecisionVerdict::Approve)
        .count();
    u32::try_from(given).unwrap_or(u32::MAX)
}

fn approval_cell(asked: &approval::Model, decisions: &[decision::Model]) -> ApprovalCell {
    ApprovalCell {
        number: asked.number,
        state: asked.state,
        approvals: approvals_given(decisions),
        quorum: reading::count(asked.quorum),
        expires_at: store::time::text(asked.expires_at),
    }
}

/// What is live in the deployment's environment, if that is another one.
async fn replaces(
    cp: &ControlPlane,
    row: &deployment::Model,
) -> Result<Option<(i64, String)>, Error> {
    let db = cp.reader();
    let Some(live) = store::live::get(db, row.agent_id, row.environment).await? else {
        return Ok(None);
    };
    if live.deployment_id == row.id {
        return Ok(None);
    }
    let live = store::deployments::get(db, live.deployment_id).await?;
    let version = store::versions::get(db, live.version_id).await?;
    Ok(Some((live.number, version.number)))
}

/// How the source came to be trusted, in words.
fn source(found: &Found) -> String {
    match (found.row.kind, found.row.promotes, found.row.restores) {
        (DeploymentKind::Promotion, Some(number), _) => format!("Proven in non-prod by #{number}"),
        (DeploymentKind::Rollback, _, Some(number)) => format!("Restores #{number}"),
        (DeploymentKind::Push | DeploymentKind::Promotion | DeploymentKind::Rollback, _, _) => {
            match found.push.as_ref().map(|p| p.found_by.as_str()) {
                Some("delivery") => "Signature valid".to_owned(),
                Some("poll") => "Found by polling".to_owned(),
                Some(_) | None => format!("Commit {}", short_commit(&found.version.commit_id)),
            }
        }
    }
}

fn stages(found: &Found) -> Vec<Stage> {
    let row = &found.row;
    let given = found
        .approval
        .as_ref()
        .map_or(0, |(_, decisions)| approvals_given(decisions));
    let needed = found.approval.as_ref().map_or_else(
        || found.policy.of(row.environment).quorum,
        |(asked, _)| reading::count(asked.quorum),
    );
    stages::stages(&stages::Facts {
        kind: row.kind,
        environment: row.environment,
        state: row.state,
        created_at: row.created_at,
        arrows: &found.arrows,
        source: source(found),
        failure: found.failure.as_ref(),
        approvals: (given, needed),
        let_through: found.let_through,
        restores: row.restores,
    })
}

/// Whether the actor could let it through now. One that was let through before is not offered again: the mark says so.
fn offer(ctx: &OpCtx, found: &Found) -> Result<Option<BreakGlassOffer>, Error> {
    let parts = (&found.agent, &found.version, &found.row);
    let held_up = found.wait.is_some();
    break_glass::offer(ctx, &found.policy, parts, &found.counted, held_up)
}
