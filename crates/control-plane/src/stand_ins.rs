//! Standing in: an approver who is away names somebody who decides in their name for a time.
//!
//! The stand-in gets the approver's role in the same teams, and the same groups, for that time and in that name only. The
//! separation of duties holds for both, and both together are one voice; see [`domain::approval::voice`]. What a stand-in
//! has been given cannot be passed on: only roles of one's own count.

use domain::actor::{Actor, Role};
use domain::approval::{Account, persons};
use domain::authz::{Access, Action, Facts, can};
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::group::{EndStandInForm, StandInForm};
use domain::id::{StandInId, UserId};
use domain::view::group::StandInRow;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{stand_in, user};
use crate::transact::Tx;

/// Names a stand-in. One at a time: who is away has one voice.
///
/// # Errors
/// [`Error::Forbidden`] unless the actor is a person with a session and an approver's role of their own; else the fields
/// that are wrong.
pub async fn name(cp: &ControlPlane, ctx: &OpCtx, form: &StandInForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let may = approver(cp, ctx).await;
    let absent = cp.noted("stand_ins::name", ctx, may).await?;
    let asked = form.parse(ctx.now())?;
    cp.transact("stand_ins::name", ctx, |tx: Tx| {
        let asked = &asked;
        async move {
            let tx = &tx;
            let person = store::people::here(&**tx, &asked.email).await?;
            let wrong = |field, problem| Error::from(ValidationErrors::one(field, problem));
            let person = person.ok_or_else(|| wrong("email", FieldProblem::UnknownChoice))?;
            if same(&**tx, absent, person.id).await? {
                return Err(wrong("email", FieldProblem::SamePerson));
            }
            let ahead = store::stand_ins::ahead(&**tx, Some(absent), ctx.now()).await?;
            let overlaps = |s: &stand_in::Model| {
                s.absent_id == absent && s.begins_at < asked.until && asked.from < s.ends_at
            };
            if ahead.iter().any(overlaps) {
                return Err(wrong("until", FieldProblem::Taken));
            }
            let row = stand_in::Model {
                id: StandInId(ids::new()),
                absent_id: absent,
                user_id: person.id,
                begins_at: asked.from,
                ends_at: asked.until,
                reason: asked.reason.clone(),
                named_at: ctx.now(),
            };
            store::stand_ins::insert(tx, row.clone()).await?;
            let event = event(AuditAction::StandInNamed, &row)
                .with("email", &person.email)
                .with("begins_at", store::time::text(row.begins_at))
                .with("ends_at", store::time::text(row.ends_at));
            let event = match &row.reason {
                Some(reason) => event.reason(reason),
                None => event,
            };
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}

/// The actor, if they hold the role themselves. A role that they have by standing in for somebody is not theirs to give.
async fn approver(cp: &ControlPlane, ctx: &OpCtx) -> Result<UserId, Error> {
    let refused = Error::Forbidden {
        action: Action::Decide,
    };
    let Actor::User { id, .. } = ctx.actor() else {
        return Err(refused);
    };
    let grants = store::people::grants(cp.reader(), *id).await?;
    if grants.iter().any(|g| g.role == Role::Approver) {
        Ok(*id)
    } else {
        Err(refused)
    }
}

/// Are these accounts of one person?
async fn same(db: &impl ConnectionTrait, one: UserId, other: UserId) -> Result<bool, Error> {
    let mut accounts = Vec::new();
    for row in store::people::all(db).await? {
        let mut emails: Vec<String> = store::from_json(&row.git_emails)?;
        emails.push(row.email);
        let emails = emails.iter().map(|e| e.to_lowercase()).collect();
        accounts.push(Account { id: row.id, emails });
    }
    let at = |id: UserId| accounts.iter().position(|a| a.id == id);
    let (Some(one), Some(other)) = (at(one), at(other)) else {
        return Ok(false);
    };
    let together = |person: &Vec<usize>| person.contains(&one) && person.contains(&other);
    Ok(persons(&accounts).iter().any(together))
}

/// Ends it now. Whoever is away can, the stand-in can, and administrators.
///
/// # Errors
/// [`Error::NotFound`] for others, [`Conflict::WrongState`] when it has ended.
pub async fn end(cp: &ControlPlane, ctx: &OpCtx, form: &EndStandInForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let id = form.parse()?;
    cp.transact("stand_ins::end", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::stand_ins::get(&**tx, id).await?;
        if !may_end(ctx.actor(), &row) {
            return Err(Error::NotFound { kind: "stand-in" });
        }
        if row.ends_at <= ctx.now() {
            return Err(Error::conflict(Conflict::WrongState));
        }
        store::stand_ins::end(tx, &row, ctx.now()).await?;
        let event = event(AuditAction::StandInEnded, &row);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

fn may_end(actor: &Actor, row: &stand_in::Model) -> bool {
    let Actor::User { id, .. } = actor else {
        return false;
    };
    let administers = can(actor, Action::Administer, Facts::default()) == Access::Allowed;
    administers || *id == row.absent_id || *id == row.user_id
}

/// What runs and what is to come: the actor's own, or for administrators everybody's. Two statements.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<StandInRow>, Error> {
    ctx.signed_in()?;
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let Some(user) = ctx.actor().user() else {
        return Ok(Vec::new());
    };
    let of = (!administers).then_some(user);
    let rows = store::stand_ins::ahead(cp.reader(), of, ctx.now()).await?;
    let people = store::people::all(cp.reader()).await?;
    let name = |id: UserId| {
        let found = people.iter().find(|p: &&user::Model| p.id == id);
        found.map(|p| p.name.clone()).unwrap_or_default()
    };
    let view = |row: stand_in::Model| StandInRow {
        id: row.id.to_string(),
        absent: name(row.absent_id),
        stand_in: name(row.user_id),
        from: store::time::text(row.begins_at),
        until: store::time::text(row.ends_at),
        running: row.begins_at <= ctx.now(),
        can_end: may_end(ctx.actor(), &row),
        reason: row.reason,
    };
    Ok(rows.into_iter().map(view).collect())
}

fn event(action: AuditAction, row: &stand_in::Model) -> Event {
    Event::new(action, "stand_in", row.id.to_string())
        .with("absent", row.absent_id)
        .with("stand_in", row.user_id)
}
