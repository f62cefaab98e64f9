//! Access reviews: an administrator has everybody's access listed as it is, somebody keeps or takes away each of it, never their
//! own, and signs. What is signed has a digest in the audit log, and is only read from then on.

use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::canonical;
use domain::error::{Conflict, Exclusion, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::review::{DecideItem, ReviewItemForm, SignReviewForm, StartReviewForm};
use domain::id::{ReviewId, UserId};
use domain::review::{
    Certificate, Choice, IDLE_DAYS, ITEMS_MAX, ItemKind, ItemVerdict, OWNERS, ReviewState,
};
use domain::segregation::EVERY_TEAM;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::approvals::Roster;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{review, review_item, team};
use crate::store::reviews::Decided;
use crate::transact::Tx;

mod act;
mod collect;
mod read;

pub use read::{certificate, get, list, marks};

/// The person who reviews: with a session, and the right to take away what they find.
fn reviewer(ctx: &OpCtx) -> Result<(UserId, String), Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    match ctx.actor() {
        Actor::User { id, name, .. } => Ok((*id, name.clone())),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => Err(Error::Forbidden {
            action: Action::Administer,
        }),
    }
}

/// Starts a review of one team, or of everything. While one of the same is open, it is that one. Answers its number.
///
/// # Errors
/// [`Error::Forbidden`] for who does not administer every team, [`FieldProblem::UnknownChoice`] for a team that is none,
/// [`FieldProblem::TooWide`] for more than one review takes.
pub async fn start(cp: &ControlPlane, ctx: &OpCtx, form: &StartReviewForm) -> Result<i64, Error> {
    let may = reviewer(ctx);
    let me = cp.noted("reviews::start", ctx, may).await?;
    let team = team_of(cp.reader(), form.team.trim()).await?;
    // What is read for it is a lot, so it is read before anybody waits for this transaction.
    let items = collect::items(cp, ctx, team.as_ref()).await?;
    if items.len() > ITEMS_MAX {
        return Err(ValidationErrors::one("team", FieldProblem::TooWide).into());
    }
    cp.transact("reviews::start", ctx, |tx: Tx| {
        let (me, team, items) = (&me, &team, &items);
        async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so that two clicks are one review.
            store::audit::lock_size(tx).await?;
            let team_id = team.as_ref().map(|team| team.id);
            if let Some(open) = store::reviews::open(&**tx, team_id).await? {
                return Ok(open.number);
            }
            write(tx, ctx, me, team.as_ref(), items).await
        }
    })
    .await
}

async fn team_of(db: &impl ConnectionTrait, slug: &str) -> Result<Option<team::Model>, Error> {
    if slug.is_empty() {
        return Ok(None);
    }
    let unknown = || ValidationErrors::one("team", FieldProblem::UnknownChoice);
    let found = store::people::team_by_slug(db, slug).await?;
    Ok(Some(found.ok_or_else(unknown)?))
}

async fn write(
    tx: &Tx,
    ctx: &OpCtx,
    (me, name): &(UserId, String),
    team: Option<&team::Model>,
    items: &[review_item::Model],
) -> Result<i64, Error> {
    let row = review::Model {
        id: ReviewId(ids::new()),
        number: store::reviews::next_number(tx).await?,
        team_id: team.map(|team| team.id),
        open_key: Some(store::reviews::open_key(team.map(|team| team.id))),
        state: ReviewState::Open,
        idle_days: i32::try_from(IDLE_DAYS).unwrap_or(i32::MAX),
        started_by: *me,
        started_by_name: name.clone(),
        started_at: ctx.now(),
        signed_by: None,
        signed_by_name: None,
        signed_at: None,
        digest: None,
    };
    let of_it = |item: &review_item::Model| review_item::Model {
        review_id: row.id,
        ..item.clone()
    };
    let items: Vec<review_item::Model> = items.iter().map(of_it).collect();
    let slug = team.map(|team| team.slug.clone());
    let listed = digest(&read::certified(&row, slug.clone(), &items))?;
    store::reviews::insert(tx, row.clone(), &items).await?;
    let event = about(AuditAction::ReviewStarted, &row)
        .digest(Some(&listed))
        .with("team", slug.as_deref().unwrap_or(EVERY_TEAM))
        .with("items", items.len())
        .with("idle_days", row.idle_days);
    audit::append(tx, ctx, event).await?;
    Ok(row.number)
}

fn digest(certificate: &Certificate) -> Result<String, Error> {
    canonical::digest_of(certificate).map_err(|e| Error::internal("reviews::digest", e))
}

fn about(action: AuditAction, row: &review::Model) -> Event {
    Event::new(action, "review", row.number.to_string())
}

/// Keeps one access, or takes it away at once. What was gone meanwhile is noted as that. The same button twice is one decision.
///
/// # Errors
/// [`Error::Excluded`] for one's own access, [`FieldProblem::Required`] for keeping what was not used without a reason,
/// [`Conflict::Changed`] where somebody else decided, [`Conflict::WrongState`] once it is signed, and what taking it away
/// comes to.
pub async fn decide(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ReviewItemForm,
) -> Result<ItemVerdict, Error> {
    let may = reviewer(ctx);
    let me = cp.noted("reviews::decide", ctx, may).await?;
    let asked = form.parse()?;
    cp.transact("reviews::decide", ctx, |tx: Tx| {
        let (me, asked) = (&me, &asked);
        async move {
            let tx = &tx;
            let row = store::reviews::lock(tx, asked.number).await?;
            let item = store::reviews::item(&**tx, row.id, asked.item).await?;
            if let Some(verdict) = item.verdict {
                let again = item.decided_by == Some(me.0) && verdict.comes_of(asked.choice);
                return again
                    .then_some(verdict)
                    .ok_or(Error::conflict(Conflict::Changed));
            }
            if row.state != ReviewState::Open {
                return Err(Error::conflict(Conflict::WrongState));
            }
            may_decide(tx, me.0, &item, asked).await?;
            settle(tx, ctx, me, (&row, &item), asked).await
        }
    })
    .await
}

/// Nobody reviews their own access, under any account of theirs; and what was not used is not kept without a reason.
async fn may_decide(
    tx: &Tx,
    me: UserId,
    item: &review_item::Model,
    asked: &DecideItem,
) -> Result<(), Error> {
    let roster = Roster::own_roles(&**tx).await?;
    let mine = roster.accounts(me);
    if item.user_id.is_some_and(|user| mine.contains(&user)) {
        return Err(Error::excluded(Exclusion::OwnAccess));
    }
    if asked.choice == Choice::Keep && item.unused && asked.reason.is_none() {
        return Err(ValidationErrors::one("reason", FieldProblem::Required).into());
    }
    Ok(())
}

async fn settle(
    tx: &Tx,
    ctx: &OpCtx,
    (me, name): &(UserId, String),
    (row, item): (&review::Model, &review_item::Model),
    asked: &DecideItem,
) -> Result<ItemVerdict, Error> {
    let reason = asked.reason.as_deref();
    let verdict = act::come_to(tx, ctx, row.number, item, asked).await?;
    let decided = Decided {
        verdict,
        reason,
        by: (*me, name),
        at: ctx.now(),
    };
    store::reviews::decide(tx, item, &decided).await?;
    let mut event = about(AuditAction::ReviewItemDecided, row)
        .with("item", item.item)
        .with("kind", item.kind)
        .with("subject", &item.subject)
        .with("what", &item.what)
        .with("verdict", verdict);
    if let Some(user) = item.user_id {
        event = event.with("person", user);
    }
    if let Some(team) = &item.team {
        event = event.with("team", team);
    }
    if let Some(agent) = &item.agent {
        event = event.agent(agent);
    }
    if verdict == ItemVerdict::Referred && item.kind == ItemKind::Scope {
        event = event.with("asks", OWNERS);
    }
    if let Some(reason) = reason {
        event = event.reason(reason);
    }
    audit::append(tx, ctx, event).await?;
    Ok(verdict)
}

/// Signs a review of which every item is decided. From then on it is only read. Answers the digest of what is signed.
///
/// # Errors
/// [`Conflict::ItemsUndecided`], and [`Conflict::WrongState`] where somebody else signed.
pub async fn sign_off(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &SignReviewForm,
) -> Result<String, Error> {
    let may = reviewer(ctx);
    let (me, name) = cp.noted("reviews::sign_off", ctx, may).await?;
    let number = form.number()?;
    cp.transact("reviews::sign_off", ctx, |tx: Tx| {
        let name = &name;
        async move {
            let tx = &tx;
            let row = store::reviews::lock(tx, number).await?;
            if let (ReviewState::Signed, Some(digest)) = (row.state, &row.digest) {
                let again = row.signed_by == Some(me);
                let signed = again.then(|| digest.clone());
                return signed.ok_or(Error::conflict(Conflict::WrongState));
            }
            let (certificate, counts) = read::whole(&**tx, &row).await?;
            if counts.contains_key(&(row.id, None)) {
                return Err(Error::conflict(Conflict::ItemsUndecided));
            }
            let digest = digest(&certificate)?;
            store::reviews::sign(tx, &row, (me, name), &digest, ctx.now()).await?;
            let mut event = about(AuditAction::ReviewSigned, &row)
                .digest(Some(&digest))
                .with("team", certificate.team.as_deref().unwrap_or(EVERY_TEAM));
            for verdict in ItemVerdict::ALL {
                let count = counts.get(&(row.id, Some(*verdict)));
                event = event.with(verdict.as_str(), count.copied().unwrap_or_default());
            }
            audit::append(tx, ctx, event).await?;
            Ok(digest)
        }
    })
    .await
}
