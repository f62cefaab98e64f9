//! Browser sessions: where they are kept, who sees them, and how they end. What is in them is the server's business; here
//! they are text under a hashed id.

use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::event::AuditAction;
use domain::form::person::EndForm;
use domain::id::UserId;
use uuid::Uuid;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::providers::Through;
use crate::store;
use crate::store::entity::session;
use crate::transact::Tx;

mod read;

pub use read::list;

/// A session to keep.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub user: UserId,
    /// In words, from what the browser says about itself.
    pub device: String,
    /// Network address, as far as it is known.
    pub address: String,
    /// The account at a provider that it came through.
    pub through: Option<Through>,
    pub started_at: i64,
}

/// What is kept of a session.
#[derive(Debug, Clone)]
pub struct Kept {
    pub handle: Uuid,
    pub data: String,
    pub provider: Option<String>,
}

fn ctx(cp: &ControlPlane) -> OpCtx {
    OpCtx::new(
        Actor::System {
            worker: "sessions".to_owned(),
        },
        "session",
        cp.clock(),
    )
}

/// A session, unless it expired. `id_hash` is the hash of the cookie: a stolen table opens nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn load(cp: &ControlPlane, id_hash: &str) -> Result<Option<Kept>, Error> {
    let now = cp.clock().now().timestamp();
    let row = store::sessions::get(cp.reader(), id_hash, now).await?;
    Ok(row.map(|row| Kept {
        handle: row.handle,
        data: row.data,
        provider: row.provider,
    }))
}

/// Keeps a new session until `expires_at`, Unix seconds. `false` when the id is taken: nothing is written over.
///
/// # Errors
/// When the database does not take it.
pub async fn create(
    cp: &ControlPlane,
    id_hash: &str,
    data: &str,
    expires_at: i64,
    new: &NewSession,
) -> Result<bool, Error> {
    let through = new.through.as_ref();
    let row = session::Model {
        id: id_hash.to_owned(),
        handle: ids::new(),
        user_id: new.user,
        data: data.to_owned(),
        device: new.device.clone(),
        address: new.address.clone(),
        provider: through.map(|through| through.provider.clone()),
        issuer: through.map(|through| through.issuer.clone()),
        subject: through.map(|through| through.subject.clone()),
        provider_session: through.and_then(|through| through.session.clone()),
        id_token: through.map(Through::id_token),
        started_at: new.started_at,
        seen_at: new.started_at,
        expires_at,
    };
    cp.transact("sessions::create", &ctx(cp), |tx: Tx| {
        let row = &row;
        async move {
            let tx = &tx;
            store::sessions::insert(tx, row.clone()).await
        }
    })
    .await
}

/// Keeps a session that is still there for longer. One that was ended meanwhile stays ended.
///
/// # Errors
/// When the database does not take it.
pub async fn renew(
    cp: &ControlPlane,
    id_hash: &str,
    data: &str,
    seen_at: i64,
    expires_at: i64,
) -> Result<(), Error> {
    cp.transact("sessions::renew", &ctx(cp), |tx: Tx| async move {
        let tx = &tx;
        store::sessions::renew(tx, id_hash, data, seen_at, expires_at).await
    })
    .await
}

/// Ends a session.
///
/// # Errors
/// When the database does not take it.
pub async fn delete(cp: &ControlPlane, id_hash: &str) -> Result<(), Error> {
    cp.transact("sessions::delete", &ctx(cp), |tx: Tx| async move {
        let tx = &tx;
        store::sessions::remove(tx, id_hash).await
    })
    .await
}

/// Ends one session: one's own, or anybody's for whoever administers. Its browser is nobody with the next request, and an
/// open stream of its ends within seconds.
///
/// # Errors
/// When there is no such session that the actor may end.
pub async fn end(cp: &ControlPlane, ctx: &OpCtx, form: &EndForm) -> Result<(), Error> {
    let user = person(ctx)?;
    let handle = form.parse()?;
    cp.transact("sessions::end", ctx, |tx: Tx| async move {
        let tx = &tx;
        let missing = Error::NotFound { kind: "session" };
        let now = ctx.now().timestamp();
        let Some(row) = store::sessions::by_handle(&**tx, handle, now).await? else {
            return Err(missing);
        };
        // Of somebody else's session only whoever administers learns that it is there.
        if row.user_id != user && ctx.authorize(Action::Administer, Facts::default()).is_err() {
            return Err(missing);
        }
        store::sessions::remove(tx, &row.id).await?;
        let event = ended(row.user_id).with("device", &row.device);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Ends every other session of the person who asks. Answers how many that were.
///
/// # Errors
/// When the actor is no person with a session.
pub async fn end_others(cp: &ControlPlane, ctx: &OpCtx) -> Result<u64, Error> {
    let user = person(ctx)?;
    let this = ctx.session().map(|session| session.handle);
    cp.transact("sessions::end_others", ctx, |tx: Tx| async move {
        let tx = &tx;
        let count = store::sessions::remove_others(tx, user, this).await?;
        if count > 0 {
            audit::append(tx, ctx, ended(user).with("count", count)).await?;
        }
        Ok(count)
    })
    .await
}

pub(crate) fn ended(user: UserId) -> Event {
    Event::new(AuditAction::SessionEnded, "user", user.to_string())
}

/// The person of a session; tokens have none to speak of.
fn person(ctx: &OpCtx) -> Result<UserId, Error> {
    match ctx.actor() {
        Actor::User { id, .. } => Ok(*id),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => {
            Err(Error::Unauthenticated)
        }
    }
}

/// May the actor see a session of this person? Their own, and everybody's for whoever administers: as in [`list`].
pub(crate) fn may_see(ctx: &OpCtx, of: UserId) -> bool {
    let Ok(me) = person(ctx) else {
        return false;
    };
    me == of || ctx.authorize(Action::Administer, Facts::default()).is_ok()
}

/// Forgets sessions that expired.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let now = cp.clock().now().timestamp();
    cp.transact("sessions::sweep", &ctx(cp), |tx: Tx| async move {
        let tx = &tx;
        store::sessions::sweep(tx, now).await
    })
    .await
}
