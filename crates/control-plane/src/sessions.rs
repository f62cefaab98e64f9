//! Where browser sessions are kept. What is in them is the server's business; here they are text under a hashed id.

use domain::actor::Actor;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

fn ctx(cp: &ControlPlane) -> OpCtx {
    OpCtx::new(
        Actor::System {
            worker: "sessions".to_owned(),
        },
        "session",
        cp.clock(),
    )
}

/// A session's text, unless it expired. `id_hash` is the hash of the cookie: a stolen table opens nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn load(cp: &ControlPlane, id_hash: &str) -> Result<Option<String>, Error> {
    let now = cp.clock().now().timestamp();
    Ok(store::sessions::get(cp.reader(), id_hash, now)
        .await?
        .map(|s| s.data))
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
) -> Result<bool, Error> {
    cp.transact("sessions::create", &ctx(cp), |tx: Tx| async move {
        let tx = &tx;
        store::sessions::insert(tx, id_hash, data, expires_at).await
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
    expires_at: i64,
) -> Result<(), Error> {
    cp.transact("sessions::renew", &ctx(cp), |tx: Tx| async move {
        let tx = &tx;
        store::sessions::renew(tx, id_hash, data, expires_at).await
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
