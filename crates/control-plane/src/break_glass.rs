//! Break-glass: in an emergency one person lets a deployment go on without the approval that it waits for. It stands in for
//! people, freezes and the time in non-prod, and for nothing else: every gate of production must be satisfied, what goes
//! live is the manifest whose digest was typed (invariant 1), and somebody who had no part in it reviews it afterwards.

use chrono::{DateTime, Duration, Utc};
use domain::actor::Actor;
use domain::approval::{ApprovalEvent, ApprovalState, Parties};
use domain::authz::{Action, Facts};
use domain::break_glass::{BreakGlass, PostReviewState, can_be_let_through};
use domain::deployment::{DeploymentEvent, DeploymentKind, DeploymentState, LogLevel, Step};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::break_glass::BreakGlassForm;
use domain::gate::Verdict;
use domain::id::UserId;
use domain::policy::{BreakGlassRules, Policy, unmet};

use crate::ControlPlane;
use crate::approvals;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments::{self, manifest};
use crate::error::Error;
use crate::gates::{self, Counted};
use crate::ids;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{agent, approval, break_glass, deployment, version};
use crate::transact::Tx;

mod read;
mod review;

pub use read::{get, list};
pub(crate) use read::{mark_of, marks, marks_of_agent, offer, waiting_for};
pub(crate) use review::lapse;
pub use review::review;

/// Minutes for which a sign-in is recent enough to close a post-review: what the policy of now asks of a decision.
async fn review_minutes(db: &impl sea_orm::ConnectionTrait) -> Result<u32, Error> {
    Ok(policies::document(db).await?.sign_in_minutes())
}

/// A person who signed in lately. API tokens do neither.
fn person(ctx: &OpCtx, action: Action) -> Result<(UserId, String), Error> {
    ctx.signed_in()?;
    match ctx.actor() {
        Actor::User { id, name, .. } => Ok((*id, name.clone())),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => {
            Err(Error::Forbidden { action })
        }
    }
}

/// Is the permission good for an act at this moment? Once used it belongs to its deployment.
fn permits(row: &break_glass::Model, now: DateTime<Utc>) -> bool {
    row.used_at.is_some() || now < row.permitted_until
}

/// The permission of a deployment, while it lasts.
pub(crate) async fn permission(
    db: &impl sea_orm::ConnectionTrait,
    row: &deployment::Model,
    now: DateTime<Utc>,
) -> Result<Option<break_glass::Model>, Error> {
    let found = store::break_glasses::of(db, row.id).await?;
    Ok(found.filter(|found| permits(found, now)))
}

/// The post-review that keeps a deployment of this team from starting: late, and not its own.
pub(crate) async fn blocking(
    db: &impl sea_orm::ConnectionTrait,
    agent: &agent::Model,
    deployment: domain::id::DeploymentId,
    now: DateTime<Utc>,
) -> Result<Option<break_glass::Model>, Error> {
    store::break_glasses::overdue(db, agent.team_id, deployment, now).await
}

/// What may be let through, and for what digest, with everything that stands against it checked.
struct Ready {
    row: deployment::Model,
    agent: agent::Model,
    version: version::Model,
    /// The approval that is asked for, if people were asked.
    asked: Option<approval::Model>,
    rules: BreakGlassRules,
    sign_in_minutes: u32,
}

/// Lets a deployment go on without its approval. Answers the number of the post-review.
///
/// # Errors
/// [`Error::Forbidden`] without a role that the policy names, [`Conflict::GatesNotSatisfied`] whatever the emergency is,
/// [`Conflict::ManifestChanged`] when another digest was typed, [`Conflict::ReviewOverdue`] while the team owes a review.
pub async fn start(cp: &ControlPlane, ctx: &OpCtx, form: &BreakGlassForm) -> Result<i64, Error> {
    let may = person(ctx, Action::Rollback);
    let (id, name) = cp.noted("break_glass::start", ctx, may).await?;
    let asked = form.parse()?;
    cp.transact("break_glass::start", ctx, |tx: Tx| {
        let (asked, name) = (&asked, &name);
        async move {
            let tx = &tx;
            let ready = check(tx, ctx, asked).await?;
            ctx.signed_in_within(ready.sign_in_minutes)?;
            let permission = write(tx, ctx, &ready, asked, (id, name)).await?;
            match &ready.asked {
                Some(approval) => {
                    let_through(tx, ctx, &ready.agent, &ready.row, approval, &permission).await?;
                }
                // The worker goes on, and asks nobody: see `workers::check::ask`.
                None => store::deployments::hurry(tx, ready.row.id, ctx.now()).await?,
            }
            Ok(permission.number)
        }
    })
    .await
}

async fn check(tx: &Tx, ctx: &OpCtx, asked: &BreakGlass) -> Result<Ready, Error> {
    let found = store::deployments::by_number(&**tx, asked.number).await?;
    let agent = store::agents::get(&**tx, found.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    ctx.authorize_on(Action::Rollback, facts, "deployment")?;
    // The worker that asks people takes the same lock, so the deployment does not move between reading and writing.
    let agent = store::agents::lock(tx, agent.id).await?;
    let row = store::deployments::get(&**tx, found.id).await?;
    let version = store::versions::get(&**tx, row.version_id).await?;
    let whom = Whom::of(&**tx, &agent, &version).await?;
    let policy = policies::of(&**tx, row.policy_version, &whom).await?;
    let rules = policy.break_glass();
    if !may_break(ctx.actor(), &agent, &rules) {
        return Err(Error::Forbidden {
            action: Action::Rollback,
        });
    }
    let now = ctx.now();
    if store::break_glasses::of(&**tx, row.id).await?.is_some() {
        return Err(Error::conflict(Conflict::BrokenAlready));
    }
    let held_up = policies::wait(&**tx, &policy, &row, now).await?.is_some();
    if !can_be_let_through(row.environment, row.kind, row.state, held_up) {
        return Err(Error::conflict(Conflict::WrongState));
    }
    if version.held_at.is_some() {
        return Err(Error::conflict(Conflict::Held));
    }
    if blocking(&**tx, &agent, row.id, now).await?.is_some() {
        return Err(Error::conflict(Conflict::ReviewOverdue));
    }
    let under_way = store::deployments::in_progress_of(&**tx, agent.id).await?;
    let goes_back = |d: &deployment::Model| {
        d.kind == DeploymentKind::Rollback && d.environment == row.environment
    };
    if under_way.iter().any(goes_back) {
        return Err(Error::conflict(Conflict::RollingBack));
    }
    let runs = store::gates::of(&**tx, row.id).await?;
    let counted = gates::counted(&**tx, &row, &runs).await?;
    if !gates_hold(&policy, &row, &counted, now) {
        return Err(Error::conflict(Conflict::GatesNotSatisfied));
    }
    let environment = row.environment;
    let digest = manifest::seal(&manifest::of(&agent, &version, &row, &runs)?)?.digest;
    let asks = row.state == DeploymentState::AwaitingApproval;
    let approval = if asks {
        let asked = store::approvals::of(&**tx, row.id).await?;
        asked.filter(|approval| approval.state == ApprovalState::Open)
    } else {
        None
    };
    let same = approval
        .as_ref()
        .is_none_or(|a| a.manifest_digest == digest);
    if asked.manifest_digest != digest || !same {
        return Err(Error::conflict(Conflict::ManifestChanged));
    }
    if asks && approval.is_none() {
        return Err(Error::conflict(Conflict::Changed));
    }
    Ok(Ready {
        row,
        agent,
        version,
        asked: approval,
        rules,
        sign_in_minutes: policy.of(environment).approval.sign_in_minutes,
    })
}

/// Does the actor hold, standing or for a time, a role that the policy names?
fn may_break(actor: &Actor, agent: &agent::Model, rules: &BreakGlassRules) -> bool {
    let held = actor.roles(Some(agent.team_id));
    matches!(actor, Actor::User { .. }) && held.iter().any(|role| rules.roles.contains(role))
}

/// Every gate that production needs is satisfied by a result that counts now, and none failed. Break-glass passes over
/// none: where one is inconclusive, a person can waive it, which is another decision with another reason.
fn gates_hold(
    policy: &Policy,
    row: &deployment::Model,
    counted: &Counted,
    now: DateTime<Utc>,
) -> bool {
    let rules = policy.of(row.environment);
    let results = counted.counting(rules, now);
    let failed = results
        .iter()
        .any(|(_, verdict)| matches!(verdict, Verdict::Failed | Verdict::Errored));
    row.environment == Environment::Production
        && !failed
        && unmet(&rules.gates_but_health(), &results).is_empty()
}

async fn write(
    tx: &Tx,
    ctx: &OpCtx,
    ready: &Ready,
    asked: &BreakGlass,
    (id, name): (UserId, &str),
) -> Result<break_glass::Model, Error> {
    let (row, now) = (&ready.row, ctx.now());
    let parties = Parties {
        requester: row.requested_by_user,
        author_email: ready.version.author_email.clone(),
        committer_email: ready.version.committer_email.clone(),
        breaker: Some(id),
        ..Parties::default()
    };
    let permission = break_glass::Model {
        id: ids::new(),
        number: store::break_glasses::next_number(tx).await?,
        deployment_id: row.id,
        deployment_number: row.number,
        agent_id: ready.agent.id,
        team_id: ready.agent.team_id,
        manifest_digest: asked.manifest_digest.clone(),
        parties: store::to_json(&parties)?,
        reason: asked.reason.clone(),
        incident: asked.incident.clone(),
        state: PostReviewState::Due,
        broken_by: id,
        broken_by_name: name.to_owned(),
        broken_at: now,
        permitted_until: now + Duration::hours(i64::from(ready.rules.hours)),
        used_at: None,
        due_at: now + Duration::hours(i64::from(ready.rules.review_hours)),
        reviewed_by: None,
        reviewed_by_name: None,
        review_reason: None,
        reviewed_at: None,
        revision: 0,
    };
    store::break_glasses::insert(tx, permission.clone()).await?;
    let event = event(AuditAction::GlassBroken, &permission, &ready.agent)
        .with("incident", &asked.incident)
        .with("from", row.state)
        .with("until", store::time::text(permission.permitted_until))
        .with("review_due", store::time::text(permission.due_at))
        .reason(&asked.reason);
    audit::append(tx, ctx, event).await?;
    Ok(permission)
}

fn event(action: AuditAction, row: &break_glass::Model, agent: &agent::Model) -> Event {
    Event::new(action, "post_review", format!("PR-{}", row.number))
        .agent(&agent.slug)
        .deployment(row.deployment_number)
        .digest(Some(&row.manifest_digest))
}

/// Lets a deployment that people are asked about go on: the request is withdrawn, the digest of the permission is what is
/// authorised, and who had a part in it is kept for the review.
pub(crate) async fn let_through(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    asked: &approval::Model,
    permission: &break_glass::Model,
) -> Result<(), Error> {
    let mut parties: Parties = store::from_json(&asked.parties)?;
    parties.breaker = Some(permission.broken_by);
    let parties = store::to_json(&parties)?;
    store::break_glasses::set_parties(tx, permission, &parties).await?;
    let why = format!("Let through without it, PR-{}.", permission.number);
    approvals::settle(tx, ctx, agent, asked, ApprovalEvent::Withdrawn, Some(&why)).await?;
    // The deployer compares this digest again at the moment of acting (invariant 1).
    let learnt = Learnt {
        authorised_digest: Some(permission.manifest_digest.clone()),
        ..Learnt::default()
    };
    store::deployments::learn(tx, row, &learnt).await?;
    deployments::advance(tx, ctx, row, DeploymentEvent::Approved).await?;
    let line = format!(
        "Let through without approval by {} (PR-{}): {}",
        permission.broken_by_name, permission.number, permission.reason
    );
    let line = domain::text::cut(&domain::text::visible(&line), 500);
    store::log::write(
        tx,
        row.id,
        Step::Approval,
        &[(LogLevel::Warn, line)],
        ctx.now(),
    )
    .await
}

/// Uses the permission up for this digest, or says that there is none. A killed attempt of the same deployment may have
/// used it already.
pub(crate) async fn use_up(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    digest: &str,
) -> Result<bool, Error> {
    let found = permission(&**tx, row, ctx.now()).await?;
    let Some(found) = found.filter(|found| found.manifest_digest == digest) else {
        return Ok(false);
    };
    if found.used_at.is_none() {
        store::break_glasses::set_used(tx, &found, ctx.now()).await?;
        let event = event(AuditAction::GlassUsed, &found, agent);
        audit::append(tx, ctx, event).await?;
    }
    Ok(true)
}
