//! Leaving: everything that a person could act by ends in one transaction. Coming back restores nothing of it.

use domain::actor::Role;
use domain::directory::{Problem, ProblemKind};
use domain::elevation::{ElevationEvent, ElevationState};
use domain::event::AuditAction;
use domain::segregation::EVERY_TEAM;

use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::elevations;
use crate::error::Error;
use crate::sessions;
use crate::store;
use crate::store::entity::user;
use crate::transact::Tx;

const LAST: Problem = Problem::new(
    ProblemKind::LastAdministrator,
    "This person is the last who was made an administrator of every team by hand, so they stay active. Give that role to somebody else first.",
);
const ENDED_BY: &str = "Clearance";

/// Sends a person away: they come in no more, their sessions, tokens and service accounts end, and every role and
/// membership of theirs is taken away.
///
/// # Errors
/// [`ProblemKind::LastAdministrator`] where nobody else would administer. Nothing is written then.
pub(crate) async fn leave(
    tx: &Tx,
    ctx: &OpCtx,
    person: &user::Model,
    provider: &str,
) -> Result<(), Error> {
    is_not_last(tx, person).await?;
    store::people::deactivate(tx, person.id, Some(ctx.now())).await?;
    let event = about(AuditAction::UserDeactivated, person, provider);
    audit::append(tx, ctx, event).await?;
    end_everything(tx, ctx, person).await
}

/// Lets a person in again, with what the directory says and nothing else. What slipped in while they were being sent away ends
/// first.
pub(crate) async fn come_back(
    tx: &Tx,
    ctx: &OpCtx,
    person: &user::Model,
    provider: &str,
) -> Result<(), Error> {
    end_everything(tx, ctx, person).await?;
    store::people::deactivate(tx, person.id, None).await?;
    let event = about(AuditAction::UserReactivated, person, provider);
    audit::append(tx, ctx, event).await.map(|_| ())
}

fn about(action: AuditAction, person: &user::Model, provider: &str) -> Event {
    Event::new(action, "user", person.id.to_string())
        .with("email", &person.email)
        .with("provider", provider)
}

/// Somebody must be left who administers every team, by a role that no provider takes back.
async fn is_not_last(tx: &Tx, person: &user::Model) -> Result<(), Error> {
    let grants = store::people::all_grants(&**tx).await?;
    let mut lasting = grants.iter().filter(|grant| {
        grant.role == Role::Administrator && grant.team_id.is_none() && grant.provider.is_none()
    });
    let theirs = lasting.clone().any(|grant| grant.user_id == person.id);
    if theirs && lasting.all(|grant| grant.user_id == person.id) {
        return Err(LAST.into());
    }
    Ok(())
}

async fn end_everything(tx: &Tx, ctx: &OpCtx, person: &user::Model) -> Result<(), Error> {
    let count = store::sessions::remove_others(tx, person.id, None).await?;
    if count > 0 {
        let event = sessions::ended(person.id).with("count", count);
        audit::append(tx, ctx, event).await?;
    }
    end_tokens(tx, ctx, person).await?;
    end_elevations(tx, ctx, person).await?;
    end_stand_ins(tx, ctx, person).await?;
    leave_groups(tx, ctx, person).await?;
    take_roles(tx, ctx, person).await
}

/// Their own tokens, and the service accounts that acted by their roles. A directory's token is the installation's, not
/// theirs: whoever leaves must not stop the leaving of others.
async fn end_tokens(tx: &Tx, ctx: &OpCtx, person: &user::Model) -> Result<(), Error> {
    for token in store::tokens::valid_of(&**tx, person.id, ctx.now()).await? {
        store::tokens::revoke(tx, token.id, ctx.now()).await?;
        let event = Event::new(AuditAction::TokenRevoked, "token", token.id.to_string())
            .with("name", &token.name)
            .with("person", person.id);
        audit::append(tx, ctx, event).await?;
    }
    for account in store::service_accounts::enabled_of(&**tx, person.id).await? {
        store::service_accounts::disable(tx, account.id, Some(ctx.now())).await?;
        store::tokens::remove_of(tx, account.id).await?;
        let action = AuditAction::ServiceAccountChanged;
        let event = Event::new(action, "service_account", &account.slug)
            .with("change", "disabled")
            .with("owner", person.id);
        audit::append(tx, ctx, event).await?;
    }
    Ok(())
}

async fn end_elevations(tx: &Tx, ctx: &OpCtx, person: &user::Model) -> Result<(), Error> {
    for row in store::elevations::open_of(&**tx, person.id, ctx.now()).await? {
        let happened = if row.state == ElevationState::Active {
            ElevationEvent::Ended
        } else {
            ElevationEvent::Withdrawn
        };
        elevations::close(tx, ctx, &row, happened, ENDED_BY).await?;
    }
    Ok(())
}

/// Both sides: nobody decides in the name of somebody who left, and whoever left decides in nobody's.
async fn end_stand_ins(tx: &Tx, ctx: &OpCtx, person: &user::Model) -> Result<(), Error> {
    for row in store::stand_ins::ahead(&**tx, Some(person.id), ctx.now()).await? {
        store::stand_ins::end(tx, &row, ctx.now()).await?;
        let event = Event::new(AuditAction::StandInEnded, "stand_in", row.id.to_string())
            .with("absent", row.absent_id)
            .with("stand_in", row.user_id);
        audit::append(tx, ctx, event).await?;
    }
    Ok(())
}

async fn leave_groups(tx: &Tx, ctx: &OpCtx, person: &user::Model) -> Result<(), Error> {
    for group in store::groups::of(&**tx, person.id).await? {
        store::groups::remove(tx, group.id, person.id).await?;
        let event = Event::new(AuditAction::GroupMemberRemoved, "group", &group.slug)
            .with("user", person.id)
            .with("email", &person.email);
        audit::append(tx, ctx, event).await?;
    }
    Ok(())
}

async fn take_roles(tx: &Tx, ctx: &OpCtx, person: &user::Model) -> Result<(), Error> {
    let held = store::people::held(&**tx, person.id).await?;
    if held.is_empty() {
        return Ok(());
    }
    let teams = store::people::teams(&**tx).await?;
    for grant in held {
        store::people::take_away(tx, grant.id).await?;
        let team = teams.iter().find(|team| Some(team.id) == grant.team_id);
        let team = team.map_or(EVERY_TEAM, |team| team.slug.as_str());
        let mut event = Event::new(AuditAction::RoleTakenAway, "user", person.id.to_string())
            .with("role", grant.role)
            .with("team", team);
        if let Some(provider) = &grant.provider {
            event = event.with("provider", provider);
        }
        audit::append(tx, ctx, event).await?;
    }
    Ok(())
}
