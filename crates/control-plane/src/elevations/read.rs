//! Reading elevations, and which standing roles nobody uses. Changes nothing.

use std::collections::BTreeMap;

use chrono::Duration;
use domain::actor::Role;
use domain::authz::{Access, Action, Facts, can};
use domain::elevation::{ElevationState, UNUSED_DAYS, may_grant};
use domain::event::AuditAction;
use domain::id::{TeamId, UserId};
use domain::view::elevation::{ActiveElevation, ElevationRow, Elevations, UnusedGrant};
use domain::view::page::{LIMIT_DEFAULT, Page};

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::policies;
use crate::reading;
use crate::store;
use crate::store::entity::{elevation, role_grant, team};

/// Most open ones that the page shows.
const OPEN_MAX: u64 = 200;

/// What the actor holds for now. One statement, and one for the teams' names where there is something.
///
/// # Errors
/// When the database does not answer.
pub async fn active(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<ActiveElevation>, Error> {
    let domain::actor::Actor::User { id, .. } = ctx.actor() else {
        return Ok(Vec::new());
    };
    let rows = store::elevations::active(cp.reader(), *id, ctx.now()).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let teams = store::people::teams(cp.reader()).await?;
    Ok(rows
        .into_iter()
        .map(|row| ActiveElevation {
            number: row.number,
            role: row.role,
            team: reading::team_slug(row.team_id, &teams),
            until: store::time::text(row.until),
        })
        .collect())
}

/// What is open, a page of what is over, and for administrators the roles that nobody uses. At most nine statements,
/// whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx, cursor: &str) -> Result<Elevations, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let (now, user) = (ctx.now(), ctx.actor().user());
    let teams = store::people::teams(db).await?;
    let open = store::elevations::open_page(db, user, seen.as_deref(), now, OPEN_MAX).await?;
    let past = store::elevations::past_page(
        db,
        user,
        seen.as_deref(),
        now,
        cursor.parse().ok(),
        LIMIT_DEFAULT + 1,
    )
    .await?;
    let page = Page::cut(past, LIMIT_DEFAULT, |row| row.number.to_string());
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let unused = if administers {
        Some(unused(cp, ctx, &teams).await?)
    } else {
        None
    };
    let view = |row: &elevation::Model| row_view(ctx, row, &teams);
    Ok(Elevations {
        open: open.iter().map(view).collect(),
        past: page.rows.iter().map(view).collect(),
        next: page.next,
        teams: teams
            .iter()
            .filter(|team| seen.as_ref().is_none_or(|seen| seen.contains(&team.id)))
            .map(|team| team.slug.clone())
            .collect(),
        max_hours: policies::document(db).await?.elevation().hours,
        unused,
    })
}

fn row_view(ctx: &OpCtx, row: &elevation::Model, teams: &[team::Model]) -> ElevationRow {
    let state = row.state.at(ctx.now(), row.until);
    let yours = ctx.actor().user() == Some(row.user_id);
    let may = may_grant(ctx.actor(), row.team_id, row.user_id).is_ok();
    ElevationRow {
        number: row.number,
        person: row.user_name.clone(),
        role: row.role,
        team: reading::team_slug(row.team_id, teams),
        hours: reading::count(row.hours),
        reason: row.reason.clone(),
        state,
        requested_at: store::time::text(row.requested_at),
        until: store::time::text(row.until),
        decided_by: row.decided_by_name.clone(),
        decision_reason: row.decision_reason.clone(),
        ended_at: store::time::text_opt(row.ended_at),
        ended_by: row.ended_by_name.clone(),
        yours,
        can_decide: may && state == ElevationState::Requested,
        can_end: match state {
            ElevationState::Active => may || yours,
            ElevationState::Requested => yours,
            ElevationState::Rejected
            | ElevationState::Withdrawn
            | ElevationState::Expired
            | ElevationState::Ended => false,
        },
    }
}

/// What a role over production is there for: acts that tell that it was used. The others only read, or belong to nobody's
/// production.
const fn uses(role: Role) -> &'static [AuditAction] {
    use AuditAction as A;
    match role {
        Role::Developer => &[A::AgentOnboarded, A::DeploymentRequested, A::AgentInvoked],
        Role::Approver => &[A::ApprovalDecided, A::PostReviewed, A::ElevationDecided],
        Role::Operator => &[
            A::DeploymentRequested,
            A::DeploymentMoved,
            A::HoldLifted,
            A::AgentDecommissioned,
            A::AgentInvoked,
            A::GlassBroken,
        ],
        Role::Administrator => &[
            A::UserCreated,
            A::RoleGranted,
            A::RoleTakenAway,
            A::TeamCreated,
            A::ConnectionCreated,
            A::PolicyProposed,
            A::PolicyDecided,
            A::ElevationDecided,
            A::EvidenceExported,
        ],
        Role::Viewer | Role::Auditor => &[],
    }
}

/// Standing roles over production, given more than 30 days ago, of which the log of the last 30 days knows no use. Five
/// statements, whatever there is.
async fn unused(
    cp: &ControlPlane,
    ctx: &OpCtx,
    teams: &[team::Model],
) -> Result<Vec<UnusedGrant>, Error> {
    let db = cp.reader();
    let since = ctx.now() - Duration::days(UNUSED_DAYS);
    let text = audit::spelled(since);
    let people = store::people::all(db).await?;
    let mut grants = store::people::all_grants(db).await?;
    grants.retain(|grant| grant.granted_at <= since && !uses(grant.role).is_empty());
    if grants.is_empty() {
        return Ok(Vec::new());
    }
    let used = LastUses::read(cp, &text).await?;
    grants.retain(|grant| used.of(grant).is_none());
    let mut rows: Vec<UnusedGrant> = grants
        .into_iter()
        .map(|grant| UnusedGrant {
            id: grant.id.to_string(),
            person: people
                .iter()
                .find(|person| person.id == grant.user_id)
                .map(|person| person.name.clone())
                .unwrap_or_default(),
            role: grant.role,
            team: grant.team_id.map(|team| reading::team_slug(team, teams)),
            granted_at: store::time::text(grant.granted_at),
        })
        .collect();
    rows.sort_by(|a, b| (&a.person, a.role, &a.team).cmp(&(&b.person, b.role, &b.team)));
    Ok(rows)
}

/// When people last did what, in which team (`None`: to nothing of a team).
pub(crate) struct LastUses(BTreeMap<(UserId, String, Option<TeamId>), String>);

impl LastUses {
    /// From the log since a time, as it spells times. Three statements.
    pub(crate) async fn read(cp: &ControlPlane, since: &str) -> Result<Self, Error> {
        let db = cp.reader();
        let acts = store::elevations::acts(db, since).await?;
        let tokens = store::elevations::token_owners(db).await?;
        let slugs = acts.iter().filter_map(|act| act.agent.clone());
        let agents = store::agents::teams_of(db, slugs.collect()).await?;
        let person = |actor: &str| {
            tokens
                .iter()
                .find(|(token, _)| token.to_string() == actor)
                .map(|(_, user)| *user)
                .or_else(|| actor.parse().ok())
        };
        let team = |slug: &Option<String>| {
            let slug = slug.as_ref()?;
            agents
                .iter()
                .find(|(s, _)| s == slug)
                .map(|(_, team)| *team)
        };
        let mut last = BTreeMap::new();
        for act in acts {
            if let Some(user) = person(&act.actor) {
                let key = (user, act.action, team(&act.agent));
                let noted: &mut String = last.entry(key).or_default();
                *noted = act.last.max(std::mem::take(noted));
            }
        }
        Ok(Self(last))
    }

    /// When a role was last used, as the log spells times. An act to nothing of a team may have been in any.
    pub(crate) fn of(&self, grant: &role_grant::Model) -> Option<&str> {
        let theirs = self.0.range((grant.user_id, String::new(), None)..);
        let theirs = theirs.take_while(|((user, _, _), _)| *user == grant.user_id);
        let used = theirs.filter(|((_, action, team), _)| {
            uses(grant.role).iter().any(|use_| use_.as_str() == action)
                && (grant.team_id.is_none() || team.is_none() || grant.team_id == *team)
        });
        used.map(|(_, last)| last.as_str()).max()
    }

    /// Does the log tell of the use of this role at all? Reading leaves no event.
    pub(crate) const fn tells_of(role: Role) -> bool {
        !uses(role).is_empty()
    }
}
