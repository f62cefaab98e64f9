//! Reading a rollback: what would come back, whether it could now, and what became of one that was started.

use domain::authz::{Access, Action, can};
use domain::deployment::DeploymentState;
use domain::rollback::Readiness;
use domain::view::rollback::{RollbackChoice, RollbackPlan, RollbackRun, RollbackSide};

use super::{find_targets, readiness};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::reading;
use crate::store;
use crate::store::entity::{deployment, version};

/// Versions that are looked at for a choice: each reads an image whole.
const CHOICES: usize = 5;

/// What a rollback of a deployment restores: the deployment `wanted`, if it could be, else the last that was verified live.
/// Readiness is looked at now.
///
/// # Errors
/// [`Error::NotFound`] where there is no such deployment, or none for the actor to see.
pub async fn plan(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
    wanted: Option<i64>,
) -> Result<RollbackPlan, Error> {
    let db = cp.reader();
    let (row, agent) = reading::deployment(db, ctx, number).await?;
    let facts = reading::of(&agent);
    let version = store::versions::get(db, row.version_id).await?;
    let live = row.state == DeploymentState::Live;
    let mut targets = if live {
        find_targets(db, agent.id, row.environment, number).await?
    } else {
        Vec::new()
    };
    targets.truncate(CHOICES);
    let choices = choices(cp, &targets).await;
    let found = choices
        .iter()
        .position(|choice| wanted.is_none_or(|wanted| wanted == choice.number));
    let to = found.and_then(|at| targets.get(at));
    let chosen = found.and_then(|at| choices.get(at));
    let incidents = store::incidents::open_about(db, number).await?;
    Ok(RollbackPlan {
        agent: agent.slug,
        environment: row.environment,
        live,
        from: side(&row, &version)?,
        to: to.map(|(row, version)| side(row, version)).transpose()?,
        readiness: chosen.map_or(Readiness::NoTarget, |choice| choice.readiness),
        checked_at: store::time::text(ctx.now()),
        about_seconds: readiness::about(cp, row.environment).await?,
        choices,
        incident: incidents.first().map(|incident| incident.number),
        run: run(cp, number).await?,
        can_roll_back: live && can(ctx.actor(), Action::Rollback, facts) == Access::Allowed,
    })
}

async fn choices(
    cp: &ControlPlane,
    targets: &[(deployment::Model, version::Model)],
) -> Vec<RollbackChoice> {
    let mut choices = Vec::new();
    for (row, version) in targets {
        choices.push(RollbackChoice {
            number: row.number,
            version: version.number.clone(),
            live_at: store::time::text_opt(row.live_at),
            readiness: readiness::check(cp, version).await,
        });
    }
    choices
}

fn side(row: &deployment::Model, version: &version::Model) -> Result<RollbackSide, Error> {
    Ok(RollbackSide {
        number: row.number,
        version: version.number.clone(),
        image_digest: version.image_digest.clone().unwrap_or_default(),
        config_digest: version.config_digest.clone(),
        scopes: store::from_json(&version.scopes)?,
        approval: identities::approval_number(row),
        live_at: store::time::text_opt(row.live_at),
    })
}

async fn run(cp: &ControlPlane, number: i64) -> Result<Option<RollbackRun>, Error> {
    let db = cp.reader();
    let all = store::deployments::rollbacks_of(db, number).await?;
    let Some(row) = all.into_iter().max_by_key(|row| row.number) else {
        return Ok(None);
    };
    let version = store::versions::get(db, row.version_id).await?;
    let arrows = store::deployments::transitions(db, row.id).await?;
    Ok(Some(RollbackRun {
        number: row.number,
        version: version.number,
        state: row.state,
        reason: row.reason,
        started_by: row.requested_by,
        started_at: store::time::text(row.created_at),
        steps: arrows
            .iter()
            .map(|arrow| (arrow.to_state, (arrow.at - row.created_at).num_seconds()))
            .collect(),
    }))
}
