//! Notifications: what people choose to hear, the channels of an organisation and its teams, and the messages that were
//! sent. No use case knows of them: they are made from the audit log ([`route`]) and sent by a worker.

use domain::authz::{Action, Facts};
use domain::event::AuditAction;
use domain::form::notification::{ChoiceForm, MeantForm};
use domain::id::MessageId;
use domain::notification::Subject;
use domain::view::notification::Choice;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::topic::Topic;
use crate::transact::Tx;

mod channels;
mod compose;
mod read;
mod recipients;
pub(crate) mod route;

pub use channels::{add, remove, test};
pub use read::{channels, messages};

/// What a page of messages listens for.
pub(crate) fn changed() -> Topic {
    Topic::new("notification", "")
}

/// What the person hears by e-mail.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody who is no person.
pub async fn choice(cp: &ControlPlane, ctx: &OpCtx) -> Result<Choice, Error> {
    reading::signed_in(ctx)?;
    let user = ctx.actor().user().ok_or(Error::Unauthenticated)?;
    let db = cp.reader();
    let person = store::people::get(db, user).await?;
    let person = person.ok_or(Error::Unauthenticated)?;
    let chosen = store::channels::choice(db, user).await?;
    let roles: Vec<_> = store::people::grants(db, user)
        .await?
        .into_iter()
        .map(|grant| grant.role)
        .collect();
    let subjects = match &chosen {
        Some(row) => store::from_json(&row.subjects)?,
        None => Subject::ALL
            .iter()
            .copied()
            .filter(|subject| subject.by_default(&roles))
            .collect(),
    };
    Ok(Choice {
        email: person.email,
        mail: cp.ports().notifier.mails(),
        subjects,
        chosen: chosen.is_some(),
    })
}

/// Chooses what the person hears by e-mail. Nothing is a choice too.
///
/// # Errors
/// [`Error::Unauthenticated`] before sign-in, [`Error::Forbidden`] for a token.
pub async fn choose(cp: &ControlPlane, ctx: &OpCtx, form: &ChoiceForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let domain::actor::Actor::User { id, .. } = ctx.actor() else {
        return Err(Error::Forbidden {
            action: Action::Modify,
        });
    };
    let words: Vec<&str> = form.subjects().into_iter().map(Subject::as_str).collect();
    let event = Event::new(AuditAction::NotificationsChosen, "user", id.to_string())
        .with("subjects", words.join(" "));
    let subjects = store::to_json(&form.subjects())?;
    cp.transact("notifications::choose", ctx, |tx: Tx| {
        let (subjects, event) = (&subjects, &event);
        async move {
            let tx = &tx;
            store::channels::choose(tx, *id, subjects.clone(), ctx.now()).await?;
            audit::append(tx, ctx, event.clone()).await.map(|_| ())
        }
    })
    .await
}

/// Sends a message again that was sent or given up. The receiver knows it by the same key.
///
/// # Errors
/// [`Error::NotFound`] for what the actor may not see; [`Error::Forbidden`] without a role that changes things in the team.
pub async fn send_again(cp: &ControlPlane, ctx: &OpCtx, form: &MeantForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let seen = read::seen(ctx)?;
    let id: MessageId = form
        .id
        .trim()
        .parse()
        .map_err(|_| Error::NotFound { kind: "message" })?;
    cp.transact("notifications::send_again", ctx, |tx: Tx| {
        let seen = &seen;
        async move {
            let tx = &tx;
            let row = store::messages::seen(&**tx, seen, id).await?;
            let facts = Facts { team: row.team_id };
            // One's own message is one's own to ask for.
            if row.user_id.is_none() || row.user_id != ctx.actor().user() {
                ctx.authorize(Action::Modify, facts)?;
            }
            store::messages::send_again(tx, &row, ctx.now()).await?;
            let mut event = Event::new(AuditAction::MessageSentAgain, "message", id.to_string());
            let notice = store::notices::get(&**tx, row.notice_id).await?;
            if let Some(agent) = &notice.agent {
                event = event.agent(agent);
            }
            tx.touch(changed());
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
