//! Agents: onboarding, asking, ending, and reading the registry.

use domain::authz::{ASK, Action, Facts};
use domain::delivery::canonical_repository;
use domain::deployment::DeploymentEvent;
use domain::environment::Environment;
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::agent::{AskForm, DecommissionForm, LiftHoldForm, OnboardForm, PROMPT_MAX};
use domain::id::AgentId;
use domain::ledger::ResourceKind;
use domain::view::agent::AskAnswer;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments::{self, end};
use crate::error::Error;
use crate::identities;
use crate::ids;
use crate::registry;
use crate::store;
use crate::store::entity::agent;
use crate::transact::Tx;

mod card;
mod labels;
mod lines;
mod list;
mod owner;
mod reach;
mod read;
mod similar;
mod uses;

pub use card::card;
pub use labels::label;
pub use lines::lines;
pub use list::list;
pub(crate) use owner::owner;
pub use owner::set_owner;
pub use reach::reach;
pub use read::get;
pub use similar::{closest, compare, pairs};
pub use uses::{used_by, uses};

/// Registers an agent with its source. Nothing is created outside; the first push starts the first deployment.
///
/// # Errors
/// When a field is wrong, the slug is taken, or the actor may not onboard for the team.
pub async fn onboard(cp: &ControlPlane, ctx: &OpCtx, form: &OnboardForm) -> Result<String, Error> {
    ctx.signed_in()?;
    let asked = form.parse()?;
    cp.transact("agents::onboard", ctx, |tx: Tx| {
        let asked = &asked;
        async move {
            let tx = &tx;
            let unknown = |field| ValidationErrors::one(field, FieldProblem::UnknownChoice);
            let team = store::people::team_by_slug(&**tx, &asked.team).await?;
            ctx.authorize(
                Action::Create,
                Facts {
                    team: team.as_ref().map(|t| t.id),
                },
            )?;
            let team = team.ok_or_else(|| unknown("team"))?;
            let connection = store::connections::by_slug(&**tx, &asked.connection)
                .await?
                .ok_or_else(|| unknown("connection"))?;
            if store::agents::by_slug(&**tx, &asked.slug).await.is_ok() {
                return Err(ValidationErrors::one("slug", FieldProblem::Taken).into());
            }
            let row = agent::Model {
                id: AgentId(ids::new()),
                slug: asked.slug.clone(),
                team_id: team.id,
                connection_id: connection.id,
                repository: asked.repository.clone(),
                repository_key: canonical_repository(&asked.repository),
                branch: asked.branch.clone(),
                path: asked.path.clone(),
                description: String::new(),
                framework: None,
                risk: None,
                head_commit: None,
                created_by: ctx.actor().name().to_owned(),
                created_at: ctx.now(),
                decommissioned_at: None,
                revision: 0,
            };
            let id = row.id;
            store::agents::insert(tx, row).await?;
            // Who onboards it answers for it, until somebody else is named.
            if let Some(user) = ctx.actor().user() {
                let member = store::people::member(&**tx, user, Some(team.id)).await?;
                if member.is_some() {
                    store::agent_owners::name(tx, id, user, ctx.now()).await?;
                }
            }
            registry::keep(tx, id).await?;
            store::detections::insert(tx, id, ctx.now()).await?;
            let event = Event::new(AuditAction::AgentOnboarded, "agent", &asked.slug)
                .agent(&asked.slug)
                .with("repository", &asked.repository)
                .with("branch", &asked.branch)
                .with("path", &asked.path)
                .with("team", &asked.team);
            audit::append(tx, ctx, event).await?;
            Ok(asked.slug.clone())
        }
    })
    .await
}

/// Asks a live agent something, as a person at the console. Who asked is recorded, the content is not.
///
/// # Errors
/// [`Conflict::WrongState`] when nothing is live there; [`Error::Unavailable`] when the agent does not answer.
pub async fn ask(cp: &ControlPlane, ctx: &OpCtx, form: &AskForm) -> Result<AskAnswer, Error> {
    ctx.signed_in()?;
    let agent = store::agents::by_slug(cp.reader(), &form.agent).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    let may = ctx.authorize_on(ASK, facts, "agent");
    cp.noted("agents::ask", ctx, may).await?;
    let environment: Environment = form
        .environment
        .parse()
        .map_err(|_| ValidationErrors::one("environment", FieldProblem::UnknownChoice))?;
    let prompt = form.prompt.trim();
    if prompt.is_empty() || prompt.chars().count() > PROMPT_MAX {
        let problem = if prompt.is_empty() {
            FieldProblem::Required
        } else {
            FieldProblem::TooLong
        };
        return Err(ValidationErrors::one("prompt", problem).into());
    }
    let live = store::live::get(cp.reader(), agent.id, environment)
        .await?
        .ok_or(Error::conflict(Conflict::WrongState))?;
    let row = store::deployments::get(cp.reader(), live.deployment_id).await?;
    let version = store::versions::get(cp.reader(), row.version_id).await?;
    let timeout = crate::versions::manifest(&version)?
        .runtime
        .invoke_timeout_seconds;
    let event = Event::new(AuditAction::AgentInvoked, "agent", &agent.slug)
        .agent(&agent.slug)
        .deployment(row.number)
        .with("environment", environment)
        .with("version", &version.number);
    cp.transact("agents::ask", ctx, |tx: Tx| {
        let event = &event;
        async move {
            let tx = &tx;
            audit::append(tx, ctx, event.clone()).await
        }
    })
    .await?;
    let name = crate::workers::names::runtime(row.number);
    let answer = cp
        .ports()
        .runtime
        .invoke(&name, &serde_json::json!({ "prompt": prompt }), timeout)
        .await;
    let answer = answer.map_err(|e| Error::Unavailable {
        dependency: "agent",
        source: e.into(),
    })?;
    let approval = identities::approval_number(&row)
        .map_or_else(String::new, |n| format!(", authorised under approval #{n}"));
    Ok(AskAnswer {
        status: answer.status,
        body: domain::text::cut(&domain::text::visible(&answer.body), 20_000),
        latency_ms: answer.latency_ms,
        attribution: format!(
            "{} v{} in {}, deployment #{}{approval}",
            agent.slug,
            version.number,
            environment.label(),
            row.number
        ),
    })
}

/// Ends an agent: identities are revoked first, then everything it runs is torn down. Its history stays.
///
/// # Errors
/// [`Conflict::Decommissioned`] when it has ended already.
pub async fn decommission(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &DecommissionForm,
) -> Result<(), Error> {
    ctx.signed_in()?;
    let reason = form.parse()?;
    cp.transact("agents::decommission", ctx, |tx: Tx| {
        let reason = &reason;
        async move {
            let tx = &tx;
            let agent = store::agents::by_slug(&**tx, &form.agent).await?;
            ctx.authorize_on(
                Action::Rollback,
                Facts {
                    team: Some(agent.team_id),
                },
                "agent",
            )?;
            let agent = store::agents::lock(tx, agent.id).await?;
            if agent.decommissioned_at.is_some() {
                return Err(Error::conflict(Conflict::Decommissioned));
            }
            store::agents::decommission(tx, &agent, ctx.now()).await?;
            let event = Event::new(AuditAction::AgentDecommissioned, "agent", &agent.slug)
                .agent(&agent.slug)
                .reason(reason);
            audit::append(tx, ctx, event).await?;
            for row in store::deployments::in_progress_of(&**tx, agent.id).await? {
                end::end(
                    tx,
                    ctx,
                    &row,
                    DeploymentEvent::Cancelled,
                    "The agent was decommissioned.",
                    None,
                )
                .await?;
            }
            for live in store::live::of_agents(&**tx, vec![agent.id]).await? {
                let row = store::deployments::get(&**tx, live.deployment_id).await?;
                let moved =
                    deployments::advance(tx, ctx, &row, DeploymentEvent::Decommissioned).await?;
                end::revoke_identity(tx, ctx, &agent, &moved).await?;
                end::request_teardown(
                    tx,
                    ctx,
                    &moved,
                    &[ResourceKind::Identity, ResourceKind::Runtime],
                )
                .await?;
                store::live::clear(tx, agent.id, live.environment).await?;
            }
            registry::keep(tx, agent.id).await?;
            // Images were kept as rollback targets; there is nothing to go back to any more.
            for row in store::deployments::history(&**tx, agent.id, None, 1_000).await? {
                end::request_image_removal(tx, ctx, &row).await?;
            }
            Ok(())
        }
    })
    .await
}

/// Lifts the hold that a rollback set on a version, so that it may be deployed again.
///
/// # Errors
/// [`Conflict::WrongState`] when there is no hold.
pub async fn lift_hold(cp: &ControlPlane, ctx: &OpCtx, form: &LiftHoldForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let reason = form.parse()?;
    cp.transact("agents::lift_hold", ctx, |tx: Tx| {
        let reason = &reason;
        async move {
            let tx = &tx;
            let agent = store::agents::by_slug(&**tx, &form.agent).await?;
            ctx.authorize_on(
                Action::Rollback,
                Facts {
                    team: Some(agent.team_id),
                },
                "agent",
            )?;
            let version = store::versions::by_number(&**tx, agent.id, &form.version).await?;
            if version.held_at.is_none() {
                return Err(Error::conflict(Conflict::WrongState));
            }
            store::versions::set_hold(tx, &version, None).await?;
            let event = Event::new(AuditAction::HoldLifted, "version", &version.number)
                .agent(&agent.slug)
                .reason(reason);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
