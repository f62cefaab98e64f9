//! Access tokens that end before their time: revoked by the agent that has them (RFC 7009).

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
