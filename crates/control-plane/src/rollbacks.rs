//! Rollbacks: restoring an earlier, verified version as one unit, under the approval it had.

use domain::authz::{Action, Facts};
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::form::deployment::RollbackForm;
use domain::id::AgentId;
use domain::rollback::{Past, targets};
use domain::view::agent::RollbackBadge;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments::{self, Request};
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{agent, deployment, version};
use crate::transact::Tx;

mod automatic;
mod read;
pub(crate) mod readiness;

pub use automatic::report_breach;
pub(crate) use automatic::{breached, consider, note_look};
pub use read::plan;
pub(crate) use readiness::badge;

/// How far back a target is looked for.
const HISTORY: u64 = 100;

/// What a rollback of `live` would restore, with its version: the deployment `wanted`, if it is one that can be, else the
/// newest. `None` when there is no such.
pub(crate) async fn find_target(
    db: &impl sea_orm::ConnectionTrait,
    agent: AgentId,
    environment: Environment,
    live: i64,
    wanted: Option<i64>,
) -> Result<Option<(deployment::Model, version::Model)>, Error> {
    let all = find_targets(db, agent, environment, live).await?;
    let mut all = all.into_iter();
    Ok(match wanted {
        Some(number) => all.find(|(row, _)| row.number == number),
        None => all.next(),
    })
}

/// Every deployment that could be restored in the place of `live`, newest first, with its version.
pub(crate) async fn find_targets(
    db: &impl sea_orm::ConnectionTrait,
    agent: AgentId,
    environment: Environment,
    live: i64,
) -> Result<Vec<(deployment::Model, version::Model)>, Error> {
    let history = store::deployments::history(db, agent, Some(environment), HISTORY).await?;
    let versions =
        store::versions::many(db, history.iter().map(|d| d.version_id).collect()).await?;
    let held = |d: &deployment::Model| {
        versions
            .iter()
            .any(|v| v.id == d.version_id && v.held_at.is_some())
    };
    let current = history
        .iter()
        .find(|d| d.number == live)
        .map(|d| d.version_id);
    let past: Vec<Past> = history
        .iter()
        // Restoring the version that is being left would change nothing.
        .filter(|d| Some(d.version_id) != current || d.number == live)
        .map(|d| Past {
            number: d.number,
            state: d.state,
            was_live: d.live_at.is_some(),
            held: held(d),
        })
        .collect();
    let found = targets(live, &past).into_iter().filter_map(|number| {
        let row = history.iter().find(|d| d.number == number)?;
        let version = versions.iter().find(|v| v.id == row.version_id)?;
        Some((row.clone(), version.clone()))
    });
    Ok(found.collect())
}

/// Starts a rollback of the live deployment `form.number`. Returns the number of the new deployment.
///
/// # Errors
/// [`Conflict::WrongState`] unless it is live, [`Conflict::NoTarget`] and [`Conflict::TargetNotReady`] when there is
/// nothing that could be restored.
pub async fn start(cp: &ControlPlane, ctx: &OpCtx, form: &RollbackForm) -> Result<i64, Error> {
    ctx.signed_in()?;
    let asked = form.parse()?;
    let live = store::deployments::by_number(cp.reader(), asked.number).await?;
    let agent = store::agents::get(cp.reader(), live.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    if ctx
        .authorize_on(Action::Rollback, facts, "deployment")
        .is_ok()
    {
        // Only people who may act learn of the target's state, and nothing is called for the others.
        let db = cp.reader();
        let found = find_target(db, agent.id, live.environment, live.number, asked.target).await?;
        let (target, version) = found.ok_or(Error::conflict(Conflict::NoTarget))?;
        let badge = readiness::of_version(cp, live.environment, target.number, &version).await?;
        if !matches!(badge, RollbackBadge::Ready { .. }) {
            return Err(Error::conflict(Conflict::TargetNotReady));
        }
    }
    cp.transact("rollbacks::start", ctx, |tx: Tx| {
        let (asked, agent) = (&asked, &agent);
        async move {
            let tx = &tx;
            ctx.authorize_on(Action::Rollback, facts, "deployment")?;
            let agent = store::agents::lock(tx, agent.id).await?;
            let live = store::deployments::by_number(&**tx, asked.number).await?;
            let row = begin(tx, ctx, &agent, &live, &asked.reason, asked.target).await?;
            Ok(row.number)
        }
    })
    .await
}

/// Writes the rollback of a live deployment, in the caller's transaction and with the agent locked.
async fn begin(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    live: &deployment::Model,
    reason: &str,
    wanted: Option<i64>,
) -> Result<deployment::Model, Error> {
    if live.state != DeploymentState::Live {
        return Err(Error::conflict(Conflict::WrongState));
    }
    let under_way = store::deployments::in_progress_of(&**tx, agent.id).await?;
    if under_way
        .iter()
        .any(|d| d.kind == DeploymentKind::Rollback && d.environment == live.environment)
    {
        return Err(Error::conflict(Conflict::WrongState));
    }
    let found = find_target(&**tx, agent.id, live.environment, live.number, wanted).await?;
    let (target, version) = found.ok_or(Error::conflict(Conflict::NoTarget))?;
    // What was cleared under a policy is restored under that one; the manifest names it.
    let whom = Whom::of(&**tx, agent, &version).await?;
    let policy = policies::of(&**tx, target.policy_version, &whom).await?;
    let mut request = Request::by(ctx, DeploymentKind::Rollback, live.environment, &policy);
    request.reason = Some(reason.to_owned());
    // A rollback of a rollback restores, and acts under the approval of, the deployment that was approved.
    request.restores = Some(target.restores.unwrap_or(target.number));
    request.rolls_back = Some(live.number);
    let row = deployments::request(tx, ctx, agent, &version, &request).await?;
    let runs = store::gates::of(&**tx, target.id).await?;
    let gates = policy.of(live.environment).gates_but_health();
    deployments::carry_over(tx, &row, &runs, target.number, &gates).await?;
    for (_, gate, waiver) in store::waivers::leans(&**tx, vec![target.id]).await? {
        store::waivers::lean(tx, waiver.id, row.id, gate).await?;
    }
    // The manifest is the very one that was approved and verified then, so its digest is too.
    let learnt = Learnt {
        manifest: target.manifest.clone().zip(target.manifest_digest.clone()),
        authorised_digest: target.authorised_digest.clone(),
        ..Learnt::default()
    };
    store::deployments::learn(tx, &row, &learnt).await?;
    Ok(row)
}
