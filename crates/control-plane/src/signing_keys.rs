//! The keys that sign agents' access tokens: changed by schedule and by hand. Here is only when each signs; the keys are
//! derived from the installation's root by whoever has it (`server/src/http/oauth/keys.rs`), so every replica has the same ones
//! and the database none.

use domain::authz::{Access, Action, Facts, can};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::signing_key::RotateSigningKeyForm;
use domain::signing_key::{self, SigningKey};
use domain::view::signing_key::{SigningKeyList, SigningKeyRow};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::topic::Topic;
use crate::transact::Tx;

/// The keys as they are to be used now; none before the first was noted, when the root signs. For the token endpoint.
///
/// # Errors
/// When the database does not answer.
pub async fn current(cp: &ControlPlane) -> Result<Vec<SigningKey>, Error> {
    store::signing_keys::newest(cp.reader()).await
}

/// The keys, for people.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Forbidden`].
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<SigningKeyList, Error> {
    reading::teams(ctx)?;
    let keys = store::signing_keys::newest(cp.reader()).await?;
    let now = ctx.now();
    let rows = keys.iter().map(|key| SigningKeyRow {
        number: key.number,
        state: signing_key::state(&keys, key.number, now),
        published_at: store::time::text(key.published_at),
        signs_from: store::time::text(key.signs_from),
        kept_until: store::time::text_opt(signing_key::kept_until(&keys, key.number)),
    });
    let may = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    Ok(SigningKeyList {
        keys: rows.collect(),
        can_rotate: may && !keys.is_empty() && !signing_key::has_next(&keys, now),
    })
}

/// Publishes another key, which signs after [`signing_key::LEAD`].
///
/// # Errors
/// [`Error::Forbidden`] for who does not administer everywhere, [`Conflict::WrongState`] while one is published already.
pub async fn rotate(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &RotateSigningKeyForm,
) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("signing_keys::rotate", ctx, may).await?;
    let reason = form.reason()?;
    cp.transact("signing_keys::rotate", ctx, |tx: Tx| {
        let reason = &reason;
        async move {
            ctx.authorize(Action::Administer, Facts::default())?;
            let keys = store::signing_keys::newest(&*tx).await?;
            if signing_key::has_next(&keys, ctx.now()) {
                return Err(Error::conflict(Conflict::WrongState));
            }
            let newest = match keys.first() {
                Some(newest) => newest.number,
                None => note_root(&tx, ctx).await?,
            };
            publish(&tx, ctx, newest, reason).await
        }
    })
    .await
}

/// Keeps to the schedule; notes since when the root signs, the first time. Is there another key now?
pub(crate) async fn keep_schedule(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    let known = store::signing_keys::newest(cp.reader()).await?;
    if !known.is_empty() && !signing_key::due(&known, ctx.now()) {
        return Ok(false);
    }
    cp.transact("signing_keys::keep_schedule", ctx, |tx: Tx| async move {
        let keys = store::signing_keys::newest(&*tx).await?;
        let Some(newest) = keys.first() else {
            return note_root(&tx, ctx).await.map(|_| false);
        };
        if !signing_key::due(&keys, ctx.now()) {
            return Ok(false);
        }
        publish(
            &tx,
            ctx,
            newest.number,
            "It signed for as long as a key may",
        )
        .await?;
        Ok(true)
    })
    .await
}

/// Since when the root signs: a note, and no change.
async fn note_root(tx: &Tx, ctx: &OpCtx) -> Result<i64, Error> {
    let root = SigningKey {
        number: 0,
        published_at: ctx.now(),
        signs_from: ctx.now(),
    };
    store::signing_keys::insert(tx, root).await?;
    Ok(root.number)
}

async fn publish(tx: &Tx, ctx: &OpCtx, newest: i64, reason: &str) -> Result<(), Error> {
    let key = SigningKey::after(newest, ctx.now());
    if !store::signing_keys::insert(tx, key).await? {
        return Err(Error::conflict(Conflict::WrongState));
    }
    tx.touch(Topic::new("settings", "signing-keys"));
    let event = Event::new(
        AuditAction::SigningKeyRotated,
        "signing_key",
        key.number.to_string(),
    )
    .with("signs_from", store::time::text(key.signs_from))
    .reason(reason);
    audit::append(tx, ctx, event).await.map(|_| ())
}
