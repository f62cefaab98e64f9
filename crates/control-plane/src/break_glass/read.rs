//! Reading post-reviews, and the marks that they leave on what went on without an approval. Changes nothing.

use domain::approval::{Parties, may_decide};
use domain::authz::{Action, Facts};
use domain::break_glass::can_be_let_through;
use domain::error::Exclusion;
use domain::id::{AgentId, TeamId};
use domain::policy::Policy;
use domain::view::break_glass::{BreakGlassMark, BreakGlassOffer, PostReviewDetail, PostReviewRow};
use domain::view::page::{LIMIT_DEFAULT, Page};
use sea_orm::ConnectionTrait;

use super::{gates_hold, may_break};
use crate::ControlPlane;
use crate::approvals::Roster;
use crate::ctx::OpCtx;
use crate::deployments::manifest;
use crate::error::Error;
use crate::gates::Counted;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, break_glass, deployment, team, version};

/// Most open post-reviews that are shown and counted.
const OPEN_MAX: u64 = 200;

/// What rows need beside themselves, read once for all of them.
struct Around {
    agents: Vec<agent::Model>,
    teams: Vec<team::Model>,
    deployments: Vec<deployment::Model>,
    versions: Vec<version::Model>,
    roster: Roster,
}

impl Around {
    async fn read(
        cp: &ControlPlane,
        ctx: &OpCtx,
        rows: &[&break_glass::Model],
    ) -> Result<Self, Error> {
        let db = cp.reader();
        let numbers = rows.iter().map(|row| row.deployment_number).collect();
        let deployments = store::deployments::by_numbers(db, numbers).await?;
        let versions = deployments.iter().map(|d| d.version_id).collect();
        Ok(Self {
            agents: store::agents::many(db, rows.iter().map(|row| row.agent_id).collect()).await?,
            teams: store::people::teams(db).await?,
            versions: store::versions::many(db, versions).await?,
            deployments,
            roster: Roster::read(db, ctx.now()).await?,
        })
    }

    fn row(&self, ctx: &OpCtx, row: &break_glass::Model) -> Result<PostReviewRow, Error> {
        let agent = self.agents.iter().find(|a| a.id == row.agent_id);
        let deployment = self.deployments.iter().find(|d| d.id == row.deployment_id);
        Ok(PostReviewRow {
            number: row.number,
            deployment: row.deployment_number,
            agent: agent.map(|a| a.slug.clone()).unwrap_or_default(),
            team: reading::team_slug(row.team_id, &self.teams),
            version: deployment
                .map(|d| reading::version_number(d, &self.versions))
                .unwrap_or_default(),
            broken_by: row.broken_by_name.clone(),
            broken_at: store::time::text(row.broken_at),
            due_at: store::time::text(row.due_at),
            state: row.state.at(ctx.now(), row.due_at),
            reason: row.reason.clone(),
            incident: row.incident.clone(),
            excluded: excluded(ctx, row, &self.roster)?,
        })
    }
}

/// Why the actor cannot close it. API tokens and workers never can.
fn excluded(
    ctx: &OpCtx,
    row: &break_glass::Model,
    roster: &Roster,
) -> Result<Option<Exclusion>, Error> {
    let parties: Parties = store::from_json(&row.parties)?;
    Ok(match roster.candidate(ctx.actor(), row.team_id) {
        Some(person) => may_decide(&person, &parties).err(),
        None => Some(Exclusion::NotApprover),
    })
}

/// Open post-reviews, soonest due first, and a page of closed ones. Seven statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    cursor: &str,
) -> Result<(Vec<PostReviewRow>, Page<PostReviewRow>), Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let open = store::break_glasses::open_page(db, seen.as_deref(), OPEN_MAX).await?;
    let closed = store::break_glasses::closed_page(
        db,
        seen.as_deref(),
        cursor.parse().ok(),
        LIMIT_DEFAULT + 1,
    )
    .await?;
    let page = Page::cut(closed, LIMIT_DEFAULT, |row| row.number.to_string());
    let rows: Vec<&break_glass::Model> = open.iter().chain(&page.rows).collect();
    let around = Around::read(cp, ctx, &rows).await?;
    let views = |rows: &[break_glass::Model]| {
        let rows = rows.iter().map(|row| around.row(ctx, row));
        rows.collect::<Result<Vec<_>, _>>()
    };
    let shown = Page {
        rows: views(&page.rows)?,
        next: page.next,
    };
    Ok((views(&open)?, shown))
}

/// One post-review with everything that its page shows. About ten statements.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<PostReviewDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let row = store::break_glasses::by_number(db, number).await?;
    let facts = Facts {
        team: Some(row.team_id),
    };
    ctx.authorize_on(Action::Read, facts, "post-review")?;
    let around = Around::read(cp, ctx, &[&row]).await?;
    let parties: Parties = store::from_json(&row.parties)?;
    let (mut can_review, mut cannot_review) = (Vec::new(), Vec::new());
    for person in around.roster.candidates(row.team_id) {
        match may_decide(&person, &parties) {
            Ok(()) => can_review.push(person.name),
            Err(rule) => cannot_review.push((person.name, rule)),
        }
    }
    Ok(PostReviewDetail {
        row: around.row(ctx, &row)?,
        manifest_digest: row.manifest_digest,
        permitted_until: store::time::text(row.permitted_until),
        used_at: store::time::text_opt(row.used_at),
        reviewed_by: row.reviewed_by_name,
        reviewed_at: store::time::text_opt(row.reviewed_at),
        review_reason: row.review_reason,
        can_review,
        cannot_review,
        sign_in_too_old: ctx.sign_in_too_old(super::review_minutes(db).await?),
        has_review_page: store::approvals::of(db, row.deployment_id).await?.is_some(),
    })
}

/// How many open post-reviews the actor could close: part of the number beside the inbox. Nobody asks it of people who do
/// not approve anywhere; for others it is two statements.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn waiting_for(cp: &ControlPlane, ctx: &OpCtx) -> Result<u64, Error> {
    let domain::actor::Actor::User { grants, .. } = ctx.actor() else {
        return Ok(0);
    };
    let approver = domain::actor::Role::Approver;
    if !grants.iter().any(|grant| grant.role == approver) {
        return Ok(0);
    }
    let seen = reading::teams(ctx)?;
    let open = store::break_glasses::open_page(cp.reader(), seen.as_deref(), OPEN_MAX).await?;
    if open.is_empty() {
        return Ok(0);
    }
    let roster = Roster::read(cp.reader(), ctx.now()).await?;
    let mut waiting = 0;
    for row in &open {
        if excluded(ctx, row, &roster)?.is_none() {
            waiting += 1;
        }
    }
    Ok(waiting)
}

fn mark(ctx: &OpCtx, row: &break_glass::Model, agent: &str) -> BreakGlassMark {
    BreakGlassMark {
        number: row.number,
        deployment: row.deployment_number,
        agent: agent.to_owned(),
        state: row.state.at(ctx.now(), row.due_at),
        broken_by: row.broken_by_name.clone(),
        due_at: store::time::text(row.due_at),
    }
}

/// The mark on one deployment.
pub(crate) async fn mark_of(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    row: &deployment::Model,
    agent: &agent::Model,
) -> Result<Option<BreakGlassMark>, Error> {
    let found = store::break_glasses::of(db, row.id).await?;
    Ok(found.map(|found| mark(ctx, &found, &agent.slug)))
}

/// The open marks on an agent.
pub(crate) async fn marks_of_agent(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    agent: AgentId,
    slug: &str,
) -> Result<Vec<BreakGlassMark>, Error> {
    let rows = store::break_glasses::open_of_agent(db, agent).await?;
    Ok(rows.iter().map(|row| mark(ctx, row, slug)).collect())
}

/// The open marks on agents of some teams (`None`: of all), soonest due first, bounded.
pub(crate) async fn marks(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<BreakGlassMark>, Error> {
    let rows = store::break_glasses::open_page(db, teams, limit).await?;
    let agents = store::agents::many(db, rows.iter().map(|row| row.agent_id).collect()).await?;
    let slug = |row: &break_glass::Model| {
        let agent = agents.iter().find(|a| a.id == row.agent_id);
        agent.map(|a| a.slug.as_str()).unwrap_or_default()
    };
    Ok(rows.iter().map(|row| mark(ctx, row, slug(row))).collect())
}

/// What the actor could let through now. Pure: what stands against it only when it is tried is said then.
pub(crate) fn offer(
    ctx: &OpCtx,
    policy: &Policy,
    (agent, version, row): (&agent::Model, &version::Model, &deployment::Model),
    counted: &Counted,
    held_up: bool,
) -> Result<Option<BreakGlassOffer>, Error> {
    let rules = policy.break_glass();
    let possible = can_be_let_through(row.environment, row.kind, row.state, held_up)
        && version.image_digest.is_some()
        && version.held_at.is_none()
        && may_break(ctx.actor(), agent, &rules)
        && gates_hold(policy, row, counted, ctx.now());
    if !possible {
        return Ok(None);
    }
    Ok(Some(BreakGlassOffer {
        manifest_digest: manifest::seal(&manifest::of(agent, version, row, &counted.runs)?)?.digest,
        hours: rules.hours,
        review_hours: rules.review_hours,
        sign_in_too_old: ctx.sign_in_too_old(policy.of(row.environment).approval.sign_in_minutes),
    }))
}
