//! Deployments: requesting, promoting, cancelling, and reading them. The steps themselves are workers.

use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::deployment::{DeploymentEvent, DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::deployment::DeploymentForm;
use domain::gate::Gate;
use domain::id::{DeploymentId, GateRunId, UserId};
use domain::policy::Policy;
use domain::runtime::RuntimeHealth;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::break_glass;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::ids;
use crate::outgoing;
use crate::policies::{self, Whom};
use crate::registry;
use crate::store;
use crate::store::entity::{agent, deployment, gate_run, version};
use crate::transact::Tx;

pub(crate) mod end;
pub(crate) mod manifest;
pub(crate) mod promotion;
mod read;

pub use read::{get, list, why};

/// What a new deployment is for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) kind: DeploymentKind,
    pub(crate) environment: Environment,
    pub(crate) reason: Option<String>,
    /// The person who asked; `None` when a push or a policy did.
    pub(crate) by_user: Option<UserId>,
    pub(crate) by_name: String,
    /// Promotion: the non-prod deployment it carries results over from.
    pub(crate) promotes: Option<i64>,
    /// Rollback: the deployment that is restored.
    pub(crate) restores: Option<i64>,
    /// Rollback: the deployment that is left.
    pub(crate) rolls_back: Option<i64>,
    /// The version of the policy that it keeps until it ends.
    pub(crate) policy_version: i32,
}

impl Request {
    /// A request by the actor of the context.
    pub(crate) fn by(
        ctx: &OpCtx,
        kind: DeploymentKind,
        environment: Environment,
        policy: &Policy,
    ) -> Self {
        Self {
            kind,
            environment,
            reason: None,
            by_user: ctx.actor().user(),
            by_name: ctx.actor().name().to_owned(),
            promotes: None,
            restores: None,
            rolls_back: None,
            policy_version: policies::number(policy),
        }
    }
}

/// Writes a deployment, its pending gates and its audit event. Held versions and ended agents are refused.
pub(crate) async fn request(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    version: &version::Model,
    request: &Request,
) -> Result<deployment::Model, Error> {
    let agent = &store::agents::lock(tx, agent.id).await?;
    if agent.decommissioned_at.is_some() {
        return Err(Error::conflict(Conflict::Decommissioned));
    }
    if version.held_at.is_some() {
        return Err(Error::conflict(Conflict::Held));
    }
    let now = ctx.now();
    let row = deployment::Model {
        id: DeploymentId(ids::new()),
        number: store::deployments::next_number(tx).await?,
        agent_id: agent.id,
        version_id: version.id,
        environment: request.environment,
        kind: request.kind,
        state: DeploymentState::Queued,
        requested_by: request.by_name.clone(),
        requested_by_user: request.by_user,
        reason: request.reason.clone(),
        restores: request.restores,
        promotes: request.promotes,
        rolls_back: request.rolls_back,
        manifest: None,
        manifest_digest: None,
        authorised_digest: None,
        endpoint: None,
        health: RuntimeHealth::Unknown,
        health_at: None,
        failure: None,
        receipt: None,
        policy_version: request.policy_version,
        created_at: now,
        updated_at: now,
        live_at: None,
        ended_at: None,
        revision: 0,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    };
    store::deployments::insert(tx, row.clone()).await?;
    registry::keep(tx, agent.id).await?;
    let event = Event::new(
        AuditAction::DeploymentRequested,
        "deployment",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .with("version", &version.number)
    .with("environment", row.environment)
    .with("kind", row.kind)
    .with("commit", &version.commit_id);
    let event = match &request.reason {
        Some(reason) => event.reason(reason),
        None => event,
    };
    audit::append(tx, ctx, event).await?;
    outgoing::status(tx, ctx, agent, version, &row, outgoing::Said::Started).await?;
    Ok(row)
}

/// A push's deployment to non-prod. Older ones of this agent there that are not past the point of deploying give way.
pub(crate) async fn request_push(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    version: &version::Model,
    pushed_by: &str,
) -> Result<deployment::Model, Error> {
    give_way(tx, ctx, agent, Environment::NonProd).await?;
    let whom = Whom::of(&**tx, agent, version).await?;
    let policy = policies::current(&**tx, &whom).await?;
    let mut asked = Request::by(ctx, DeploymentKind::Push, Environment::NonProd, &policy);
    asked.by_name = if pushed_by.is_empty() {
        version.author_name.clone()
    } else {
        pushed_by.to_owned()
    };
    let row = request(tx, ctx, agent, version, &asked).await?;
    store::gates::plan(tx, row.id, &policy.non_prod.gates).await?;
    Ok(row)
}

/// Cancels what is still on its way to an environment and has not begun to deploy.
async fn give_way(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    environment: Environment,
) -> Result<(), Error> {
    for older in store::deployments::in_progress_of(&**tx, agent.id).await? {
        let early = !matches!(
            older.state,
            DeploymentState::Deploying | DeploymentState::Verifying
        );
        if older.environment == environment && older.kind != DeploymentKind::Rollback && early {
            end::end(
                tx,
                ctx,
                &older,
                DeploymentEvent::Cancelled,
                "A newer version took its place.",
                None,
            )
            .await?;
        }
    }
    Ok(())
}

/// Asks for production: the version that is live and proven in non-prod (`form.number`).
///
/// # Errors
/// [`Conflict::WrongState`] unless it is live in non-prod, [`Conflict::GatesNotSatisfied`] unless every gate of the
/// production policy is satisfied, [`Conflict::Held`] after a rollback, [`Conflict::ReviewOverdue`] while a post-review of
/// the team is late.
pub async fn promote(cp: &ControlPlane, ctx: &OpCtx, form: &DeploymentForm) -> Result<i64, Error> {
    ctx.signed_in()?;
    let asked = form.parse(false)?;
    cp.transact("deployments::promote", ctx, |tx: Tx| {
        let asked = &asked;
        async move {
            let tx = &tx;
            let from = store::deployments::by_number(&**tx, asked.number).await?;
            let agent = store::agents::get(&**tx, from.agent_id).await?;
            ctx.authorize_on(
                Action::Deploy,
                Facts {
                    team: Some(agent.team_id),
                },
                "deployment",
            )?;
            if break_glass::blocking(&**tx, &agent, from.id, ctx.now())
                .await?
                .is_some()
            {
                return Err(Error::conflict(Conflict::ReviewOverdue));
            }
            let promoted = promote_in(tx, ctx, &agent, &from, asked.reason.clone()).await?;
            Ok(promoted.number)
        }
    })
    .await
}

/// Writes the promotion of a proven deployment, with its gate results carried over.
pub(crate) async fn promote_in(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    from: &deployment::Model,
    reason: Option<String>,
) -> Result<deployment::Model, Error> {
    let agent = &store::agents::lock(tx, agent.id).await?;
    let from = &store::deployments::get(&**tx, from.id).await?;
    let version = store::versions::get(&**tx, from.version_id).await?;
    let runs = store::gates::of(&**tx, from.id).await?;
    let whom = Whom::of(&**tx, agent, &version).await?;
    let policy = policies::current(&**tx, &whom).await?;
    let counted = gates::for_production(&**tx, agent, &runs, ctx.now()).await?;
    // The list that people are shown is the list that is held.
    let needed = promotion::requirements(&**tx, ctx, agent, &version, from, &policy).await?;
    if let Some(open) = needed.iter().find(|requirement| !requirement.met) {
        return Err(Error::conflict(open.conflict()));
    }
    give_way(tx, ctx, agent, Environment::Production).await?;
    let mut asked = Request::by(
        ctx,
        DeploymentKind::Promotion,
        Environment::Production,
        &policy,
    );
    asked.reason = reason;
    asked.promotes = Some(from.number);
    let row = request(tx, ctx, agent, &version, &asked).await?;
    carry_over(
        tx,
        &row,
        &counted.runs,
        from.number,
        &policy.production.gates,
    )
    .await?;
    counted.lean(tx, &row, &policy.production.gates).await?;
    Ok(row)
}

/// Copies settled gate results to a deployment that does not run them again; the evidence stays the same.
pub(crate) async fn carry_over(
    tx: &Tx,
    to: &deployment::Model,
    runs: &[gate_run::Model],
    from: i64,
    gates: &[Gate],
) -> Result<(), Error> {
    for run in runs.iter().filter(|r| gates.contains(&r.gate)) {
        let carried = gate_run::Model {
            id: GateRunId(ids::new()),
            deployment_id: to.id,
            carried_from: Some(run.carried_from.unwrap_or(from)),
            ..run.clone()
        };
        store::gates::insert(tx, carried).await?;
    }
    store::gates::plan(tx, to.id, &[Gate::Health]).await
}

/// Cancels a deployment that is on its way. What it created is removed; what is live stays.
///
/// # Errors
/// [`Conflict::WrongState`] once it is live or has ended.
pub async fn cancel(cp: &ControlPlane, ctx: &OpCtx, form: &DeploymentForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let asked = form.parse(true)?;
    let reason = asked.reason.clone().unwrap_or_default();
    cp.transact("deployments::cancel", ctx, |tx: Tx| {
        let reason = &reason;
        async move {
            let tx = &tx;
            let row = store::deployments::by_number(&**tx, asked.number).await?;
            let agent = store::agents::get(&**tx, row.agent_id).await?;
            ctx.authorize_on(
                Action::Rollback,
                Facts {
                    team: Some(agent.team_id),
                },
                "deployment",
            )?;
            if asked.revision.is_some_and(|seen| seen != row.revision) {
                return Err(Error::conflict(Conflict::Changed));
            }
            end::end(tx, ctx, &row, DeploymentEvent::Cancelled, reason, None).await
        }
    })
    .await
}

/// Moves a deployment on and records the arrow. The one way for workers and use cases alike.
pub(crate) async fn advance(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
    event: DeploymentEvent,
) -> Result<deployment::Model, Error> {
    let moved = store::deployments::transition(tx, row, event, ctx.now()).await?;
    let agent = store::agents::get(&**tx, row.agent_id).await?;
    let fact = Event::new(
        AuditAction::DeploymentMoved,
        "deployment",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .digest(row.manifest_digest.as_deref())
    .with("from", row.state)
    .with("to", moved.state)
    .with("event", event);
    audit::append(tx, ctx, fact).await?;
    metrics::counter!("clearance_deployment_transitions_total", "to" => moved.state.as_str())
        .increment(1);
    Ok(moved)
}

/// A worker's context.
pub(crate) fn worker(cp: &ControlPlane, name: &str) -> OpCtx {
    OpCtx::new(
        Actor::System {
            worker: name.to_owned(),
        },
        format!("{name}-{}", ids::new().simple()),
        cp.clock(),
    )
}
