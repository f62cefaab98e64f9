//! Access tokens that end before their time, revoked by the agent that has them (RFC 7009), and proofs that count once
//! (RFC 9449).

use domain::event::AuditAction;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

use super::Grant;

/// Was this one token revoked, whatever its identity may do?
///
/// # Errors
/// When the database does not answer.
pub async fn is_token_revoked(cp: &ControlPlane, jti: &str) -> Result<bool, Error> {
    store::signing_keys::is_revoked(cp.reader(), jti).await
}

/// Ends one token of the agent that asks. Once more is no error, and writes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_token(
    cp: &ControlPlane,
    ctx: &OpCtx,
    by: &Grant,
    jti: &str,
    expires_at: i64,
) -> Result<(), Error> {
    let now = ctx.now().timestamp();
    cp.transact("identities::revoke_token", ctx, |tx: Tx| async move {
        if !store::signing_keys::revoke(&tx, jti, expires_at, now).await? {
            return Ok(());
        }
        let event = Event::new(AuditAction::AccessTokenRevoked, "identity", &by.client_id)
            .agent(&by.agent)
            .deployment(by.deployment)
            .with("token", jti);
        audit::append(&tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// A checked proof that the caller holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Of the key (RFC 7638).
    pub thumbprint: String,
    /// The proof's own name.
    pub jti: String,
    /// From when it counts for nothing anyway, Unix seconds.
    pub until: i64,
}

/// Uses a proof up, at every replica. False when it was used before.
///
/// # Errors
/// When the database does not answer.
pub async fn use_proof(cp: &ControlPlane, ctx: &OpCtx, proof: &Proof) -> Result<bool, Error> {
    let now = ctx.now().timestamp();
    let id = format!("{} {}", proof.thumbprint, proof.jti);
    let id = &id;
    cp.transact("identities::use_proof", ctx, |tx: Tx| async move {
        store::identities::burn(&tx, id, proof.until, now).await
    })
    .await
}
