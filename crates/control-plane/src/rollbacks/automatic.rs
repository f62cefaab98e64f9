//! Rollbacks that Clearance begins by itself, when a version that is live in production is judged bad: its health failed in
//! several looks in a row, or an evaluation of what happens there was breached. Whether it does is
//! [`domain::rollback::automatic`]; what it does is what a person's click does, and an incident is opened either way.

use chrono::{DateTime, TimeDelta, Utc};
use domain::authz::{Action, Facts};
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::finding::{FindingKind, SubjectKind};
use domain::form::deployment::BreachForm;
use domain::incident::IncidentCause;
use domain::rollback::{Answer, BAD_LOOKS, LeaveReason, Readiness, Situation, automatic};

use super::{begin, find_target, readiness};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::incidents;
use crate::store;
use crate::store::entity::{agent, deployment, live_failure};
use crate::transact::Tx;

/// Two looks that are closer together count as one: several processes may watch at the same time.
const APART: TimeDelta = TimeDelta::seconds(5);

/// Notes what a look at a live deployment came to: `Some` says what is wrong. One healthy look forgets all bad ones.
pub(crate) async fn note_look(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
    wrong: Option<&str>,
) -> Result<(), Error> {
    let known = store::live_failures::of(&**tx, row.id).await?;
    match (wrong, known) {
        (None, Some(known)) if known.cause == IncidentCause::Health => {
            store::live_failures::forget(tx, row.id).await?;
            let number = row.number.to_string();
            let (kind, subject) = (FindingKind::NotRolledBack, SubjectKind::Deployment);
            findings::settle(tx, ctx, kind, subject, &number)
                .await
                .map(|_| ())
        }
        (None, _) => Ok(()),
        (Some(what), Some(known)) if ctx.now() - known.last_look >= APART => {
            store::live_failures::look_again(tx, &known, what, ctx.now()).await
        }
        (Some(_), Some(_)) => Ok(()),
        (Some(what), None) => {
            let first = failure(ctx, row, IncidentCause::Health, what, 1);
            store::live_failures::insert(tx, first).await
        }
    }
}

fn failure(
    ctx: &OpCtx,
    row: &deployment::Model,
    cause: IncidentCause,
    what: &str,
    looks: i32,
) -> live_failure::Model {
    live_failure::Model {
        deployment_id: row.id,
        cause,
        what: what.to_owned(),
        looks,
        failing_since: ctx.now(),
        last_look: ctx.now(),
        left_because: None,
    }
}

/// Takes the word of an evaluation of what happens in production that a live version is bad. It is then judged by the same
/// rules as one whose health failed. The same word again changes nothing.
///
/// # Errors
/// [`Conflict::WrongState`] when the deployment is not the one that is live there; a field that is wrong.
pub async fn report_breach(cp: &ControlPlane, ctx: &OpCtx, form: &BreachForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("rollbacks::report_breach", ctx, |tx: Tx| async move {
        let tx = &tx;
        let agent = store::agents::by_slug(&**tx, &form.agent).await?;
        let facts = Facts {
            team: Some(agent.team_id),
        };
        ctx.authorize_on(Action::Rollback, facts, "agent")?;
        let asked = form.parse(ctx.now())?;
        let row = store::deployments::by_number(&**tx, asked.number).await?;
        let production = row.environment == Environment::Production;
        if row.agent_id != agent.id || row.state != DeploymentState::Live || !production {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let mut breach = failure(ctx, &row, IncidentCause::Evaluation, &asked.what, BAD_LOOKS);
        breach.failing_since = asked.observed_at;
        if !judge_bad(tx, breach).await? {
            return Ok(());
        }
        told(tx, ctx, (&agent, &row), &asked.what, asked.observed_at).await
    })
    .await
}

/// Writes down that somebody, or Clearance itself, saw a breach.
async fn told(
    tx: &Tx,
    ctx: &OpCtx,
    (agent, row): (&agent::Model, &deployment::Model),
    what: &str,
    observed_at: DateTime<Utc>,
) -> Result<(), Error> {
    let event = Event::new(
        AuditAction::BreachReported,
        "deployment",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .digest(row.manifest_digest.as_deref())
    .reason(what)
    .with("observed_at", store::time::text(observed_at));
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Notes that an evaluation judged a live deployment bad. False where that is known.
async fn judge_bad(tx: &Tx, breach: live_failure::Model) -> Result<bool, Error> {
    let deployment = breach.deployment_id;
    if let Some(known) = store::live_failures::of(&**tx, deployment).await? {
        if known.cause == IncidentCause::Evaluation {
            return Ok(false);
        }
        store::live_failures::forget(tx, deployment).await?;
    }
    store::live_failures::insert(tx, breach).await?;
    Ok(true)
}

/// What Clearance measured of a live deployment is shown to be below its threshold: an incident is opened, once, and with
/// `roll_back` it is judged by the same rules as one whose health failed.
pub(crate) async fn breached(
    tx: &Tx,
    ctx: &OpCtx,
    (agent, row): (&agent::Model, &deployment::Model),
    what: &str,
    roll_back: bool,
) -> Result<(), Error> {
    let breach = failure(ctx, row, IncidentCause::Evaluation, what, BAD_LOOKS);
    incidents::open_automatic(tx, ctx, agent, row, &breach).await?;
    if roll_back {
        judge_bad(tx, breach).await?;
    }
    told(tx, ctx, (agent, row), what, ctx.now()).await
}

/// Decides about one live deployment that is judged bad. True when something was decided.
pub(crate) async fn consider(
    cp: &ControlPlane,
    ctx: &OpCtx,
    failing: &live_failure::Model,
) -> Result<bool, Error> {
    let db = cp.reader();
    let row = store::deployments::get(db, failing.deployment_id).await?;
    if row.state != DeploymentState::Live {
        return forget(cp, ctx, &row).await.map(|()| true);
    }
    if failing.looks < BAD_LOOKS || failing.left_because.is_some() {
        return Ok(false);
    }
    // Somebody stopped it and looks after it already.
    if store::quarantines::of(db, row.id).await?.is_some() {
        return Ok(false);
    }
    let ready = match find_target(db, row.agent_id, row.environment, row.number, None).await? {
        Some((_, version)) => Some(readiness::check(cp, &version).await),
        None => None,
    };
    // The image store or a secret does not answer: nothing can be said of the target yet.
    if ready == Some(Readiness::Unchecked) {
        return Ok(false);
    }
    let target = ready.map(|found| found == Readiness::Ready);
    cp.transact("rollbacks::automatic", ctx, |tx: Tx| {
        let row = &row;
        async move { decide(&tx, ctx, row, failing, target).await }
    })
    .await
}

/// A deployment that is not live any more is nothing to roll back.
async fn forget(cp: &ControlPlane, ctx: &OpCtx, row: &deployment::Model) -> Result<(), Error> {
    cp.transact("rollbacks::forget", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::live_failures::forget(tx, row.id).await?;
        let number = row.number.to_string();
        let (kind, subject) = (FindingKind::NotRolledBack, SubjectKind::Deployment);
        findings::settle(tx, ctx, kind, subject, &number)
            .await
            .map(|_| ())
    })
    .await
}

async fn decide(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
    failing: &live_failure::Model,
    target: Option<bool>,
) -> Result<bool, Error> {
    let agent = store::agents::lock(tx, row.agent_id).await?;
    let row = store::deployments::get(&**tx, row.id).await?;
    let current = store::live_failures::of(&**tx, row.id).await?;
    let undecided = current.is_some_and(|c| c.left_because.is_none() && c.looks >= BAD_LOOKS);
    if row.state != DeploymentState::Live || !undecided {
        return Ok(false);
    }
    let of_agent = store::deployments::rollbacks_of(&**tx, row.number).await?;
    let under_way = store::deployments::in_progress_of(&**tx, agent.id).await?;
    let situation = Situation {
        kind: row.kind,
        failing_since: failing.failing_since,
        settled: !under_way.iter().any(|d| unsettled(d, row.environment)),
        tried: of_agent
            .iter()
            .any(|d| d.requested_by_user.is_none() && !d.state.in_progress()),
        target,
    };
    match automatic(&situation, ctx.now()) {
        Answer::Wait => Ok(false),
        Answer::Leave(because) => {
            leave(tx, ctx, &agent, &row, failing, because).await?;
            Ok(true)
        }
        Answer::RollBack => {
            roll_back(tx, ctx, &agent, &row, failing).await?;
            Ok(true)
        }
    }
}

/// What could change what is live while a rollback is decided. A deployment that waits for people changes nothing yet.
fn unsettled(row: &deployment::Model, environment: Environment) -> bool {
    row.environment == environment
        && (row.kind == DeploymentKind::Rollback
            || matches!(
                row.state,
                DeploymentState::Deploying | DeploymentState::Verifying
            ))
}

async fn roll_back(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    failing: &live_failure::Model,
) -> Result<(), Error> {
    let version = store::versions::get(&**tx, row.version_id).await?;
    let incident = incidents::open_automatic(tx, ctx, agent, row, failing).await?;
    let reason = format!(
        "{} (by itself, {})",
        failing.what,
        domain::incident::quoted(incident)
    );
    begin(tx, ctx, agent, row, &reason, None).await?;
    // Held from now on, so that neither a push nor a promotion brings it back while the rollback is on its way.
    if version.held_at.is_none() {
        store::versions::set_hold(tx, &version, Some((ctx.now(), &reason))).await?;
        let held = Event::new(AuditAction::HoldSet, "version", &version.number)
            .agent(&agent.slug)
            .reason(&reason);
        audit::append(tx, ctx, held).await?;
    }
    Ok(())
}

async fn leave(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    failing: &live_failure::Model,
    because: LeaveReason,
) -> Result<(), Error> {
    store::live_failures::leave(tx, failing, because).await?;
    incidents::open_automatic(tx, ctx, agent, row, failing).await?;
    let what = format!("{} {}", failing.what, because.message());
    let subject = row.number.to_string();
    let found = Found::new(
        FindingKind::NotRolledBack,
        SubjectKind::Deployment,
        subject,
        what,
    )
    .agent(agent.id, agent.team_id)
    .deployment(row.number);
    findings::raise(tx, ctx, &found).await?;
    let event = Event::new(
        AuditAction::RollbackLeft,
        "deployment",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .reason(because.message())
    .with("because", because);
    audit::append(tx, ctx, event).await.map(|_| ())
}
