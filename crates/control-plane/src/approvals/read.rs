//! Reading approvals: the inbox, one approval, and how many wait for a person. Changes nothing; who may decide is
//! [`domain::approval::may_decide`]'s to say, here only shown.

use domain::actor::{Actor, Role};
use domain::approval::ApprovalState;
use domain::authz::{Action, Facts};
use domain::environment::Environment;
use domain::form::query::{self, ApprovalQuery};
use domain::id::ApprovalId;
use domain::view::agent::RollbackBadge;
use domain::view::approval::{ApprovalDetail, Inbox};
use domain::view::diff::VersionDiff;
use domain::view::page::Page;

use self::rows::{Around, excluded, parties_of, row_view};
use super::{Roster, comments, take_back};
use crate::ControlPlane;
use crate::catalogue;
use crate::ctx::OpCtx;
use crate::deployments::manifest;
use crate::error::Error;
use crate::gates;
use crate::policies::{self, Whom};
use crate::reading::{self, Narrowed};
use crate::rollbacks;
use crate::store;
use crate::store::entity::deployment;

mod evidence;
mod panel;
mod rows;
mod wording;

pub(crate) use panel::described;

/// Most open approvals that the inbox shows and counts.
const OPEN_MAX: u64 = 200;

/// How many open approvals the actor could decide now: the number beside the inbox, on every page. Nobody asks it of
/// people who cannot decide anything, so these get 0 without a question to the database; for others it is seven statements.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_for(cp: &ControlPlane, ctx: &OpCtx) -> Result<u64, Error> {
    let Actor::User { grants, .. } = ctx.actor() else {
        return Ok(0);
    };
    if !grants.iter().any(|g| g.role == Role::Approver) {
        return Ok(0);
    }
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let filter = store::approvals::Filter {
        teams: seen,
        ..Default::default()
    };
    let open = store::approvals::open_parties(db, &filter, OPEN_MAX).await?;
    if open.is_empty() {
        return Ok(0);
    }
    let agents = store::agents::many(db, open.iter().map(|(_, agent, _)| *agent).collect()).await?;
    let decisions =
        store::approvals::decisions_of(db, open.iter().map(|(id, _, _)| *id).collect()).await?;
    let roster = Roster::read(db, ctx.now()).await?;
    let mut waiting = 0;
    for (id, agent, parties) in &open {
        let Some(agent) = agents.iter().find(|a| a.id == *agent) else {
            continue;
        };
        let parties = parties_of(*id, parties, &decisions)?;
        if excluded(&roster, ctx.actor(), agent.team_id, &parties).is_none() {
            waiting += 1;
        }
    }
    Ok(waiting)
}

/// What waits for the actor, what waits for others, and a page of what is settled. Nine statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn inbox(cp: &ControlPlane, ctx: &OpCtx, asked: &ApprovalQuery) -> Result<Inbox, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let Narrowed::To(found) = reading::narrowed(db, asked.agent.as_str()).await? else {
        return Ok(Inbox::default());
    };
    let filter = store::approvals::Filter {
        teams: seen,
        agent: found,
        state: asked.state.parse().ok(),
    };
    let open = store::approvals::open_page(db, &filter, OPEN_MAX).await?;
    let before = asked.cursor.parse().ok();
    let limit = query::limit(asked.limit);
    let settled = store::approvals::settled_page(db, &filter, before, limit + 1).await?;
    let page = Page::cut(settled, limit, |row| row.number.to_string());
    let all = || open.iter().chain(&page.rows);
    let around = Around::read(
        cp,
        ctx,
        all().map(|a| a.agent_id).collect(),
        all().map(|a| a.id).collect(),
    )
    .await?;
    let (mut yours, mut others) = (Vec::new(), Vec::new());
    for asked in &open {
        let row = row_view(ctx, asked, &around)?;
        if row.excluded.is_none() {
            yours.push(row)
        } else {
            others.push(row)
        }
    }
    let decided = page
        .rows
        .iter()
        .map(|asked| row_view(ctx, asked, &around))
        .collect::<Result<_, _>>()?;
    Ok(Inbox {
        yours,
        others,
        decided,
        next: page.next,
    })
}

/// One approval in its newest round, with everything that its page shows. About thirty-five statements, whatever there is,
/// and one check of the image that a rollback would restore.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<ApprovalDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let asked = store::approvals::by_number(db, number).await?;
    let agent = store::agents::get(db, asked.agent_id).await?;
    let team = agent.team_id;
    ctx.authorize_on(Action::Read, Facts { team: Some(team) }, "approval")?;
    let deployment = store::deployments::get(db, asked.deployment_id).await?;
    let version = store::versions::get(db, deployment.version_id).await?;
    let rounds = store::approvals::rounds(db, number).await?;
    let ids: Vec<ApprovalId> = rounds.iter().map(|round| round.id).collect();
    let comments = store::approvals::comments(db, ids.clone()).await?;
    let around = Around::read(cp, ctx, vec![asked.agent_id], ids).await?;
    let diff: VersionDiff = store::from_json(&asked.diff)?;
    let asked_for = [diff.added_scopes.as_slice(), &diff.kept_scopes].concat();
    let scope_notes = catalogue::notes(db, &asked_for).await?;
    let under_way = deployment.state.in_progress();
    let runs = store::gates::of(db, deployment.id).await?;
    let gates = gates::boxes(&runs, under_way);
    let evidence = evidence::read(db, &diff, &version, &runs).await?;
    let rollback = rollback(cp, &deployment).await?;
    let whom = Whom::of(db, &agent, &version).await?;
    let policy = policies::of(db, deployment.policy_version, &whom).await?;
    let rules = policy.of(deployment.environment);
    let panel = panel::read(ctx, &asked, &around, rules, team)?;
    let facts = Facts { team: Some(team) };
    let taken_back = take_back::may(ctx.actor(), facts, &asked, &deployment, &around.decisions);
    let open = asked.state == ApprovalState::Open;
    let now = || manifest::of(&agent, &version, &deployment, &runs).ok();
    let stale_fields = panel::stale_fields(&asked, &deployment, now)?;
    Ok(ApprovalDetail {
        row: row_view(ctx, &asked, &around)?,
        environment: deployment.environment.label().to_owned(),
        attention: wording::attention(&diff, &gates, evidence::attention(&evidence), &rollback),
        rule: wording::rule(&policy, &panel.rule),
        if_nobody_acts: wording::if_nobody_acts(asked.state, asked.use_by, &diff),
        break_glass: crate::break_glass::mark_of(db, ctx, &deployment, &agent).await?,
        stale_fields,
        rounds: panel::rounds(&rounds),
        comments: panel::comments(comments, &rounds),
        can_comment: open && comments::may(ctx.actor(), facts),
        can_withdraw: open && taken_back,
        can_revoke: asked.state == ApprovalState::Approved && taken_back,
        use_by: store::time::text_opt(asked.use_by),
        reminded_at: store::time::text_opt(asked.reminded_at),
        escalated_at: store::time::text_opt(asked.escalated_at),
        decisions: panel::decisions(around.decisions, &rounds)?,
        requested_by: deployment.requested_by,
        author: version.author_name,
        committer: version.committer_name,
        manifest_digest: asked.manifest_digest,
        manifest: asked.manifest,
        policy_version: deployment.policy_version,
        reason_needed: rules.approval.reason,
        sign_in_too_old: ctx.sign_in_too_old(rules.approval.sign_in_minutes),
        diff,
        scope_notes,
        evidence,
        gates,
        rollback,
        can_approve: panel.can_approve,
        cannot_approve: panel.cannot_approve,
        on_behalf_of: panel.on_behalf_of,
        required: panel.rule.required,
        lacking: panel.lacking,
        beyond: panel.beyond,
    })
}

/// What a rollback would restore once this deployment is live: what is live there now. When it is live itself already,
/// what a rollback of it would restore.
async fn rollback(cp: &ControlPlane, row: &deployment::Model) -> Result<RollbackBadge, Error> {
    let db = cp.reader();
    let Some(live) = store::live::get(db, row.agent_id, Environment::Production).await? else {
        return Ok(RollbackBadge::NoTarget);
    };
    if live.deployment_id == row.id {
        return rollbacks::badge(cp, row.agent_id, Environment::Production, row.number).await;
    }
    let live = store::deployments::get(db, live.deployment_id).await?;
    let version = store::versions::get(db, live.version_id).await?;
    let place = Environment::Production;
    rollbacks::readiness::of_version(cp, place, live.number, &version).await
}
