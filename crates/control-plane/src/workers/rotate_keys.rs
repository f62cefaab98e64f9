//! Gives identities the keys that people asked for, at their providers and in our own rows. Each call may be repeated, gives the
//! same key for the same rotation, and is tried again for ever.

use std::time::Duration;

use async_trait::async_trait;
use domain::identity::IdentityState;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::identities;
use crate::ports::PortError;
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::key_rotation;
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct RotateKeys;

#[async_trait]
impl Worker for RotateKeys {
    fn name(&self) -> &'static str {
        "rotate_keys"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let mut worked = false;
        for row in store::key_rotations::current(cp.reader()).await? {
            worked |= converge(cp, &ctx, &row).await?;
        }
        Ok(if worked { Status::Worked } else { Status::Idle })
    }
}

async fn converge(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &key_rotation::Model,
) -> Result<bool, Error> {
    let identity = store::identities::get(cp.reader(), row.identity_id).await?;
    if identity.state == IdentityState::Revoked {
        note(cp, ctx, row, None).await?;
        return Ok(true);
    }
    if row.next_attempt_at > ctx.now() {
        return Ok(false);
    }
    let provider = &cp.ports().identity_provider;
    match provider
        .rotate(&identity.client_id, &row.id.to_string())
        .await
    {
        Ok(key) => note(cp, ctx, row, Some(&key)).await?,
        Err(error) => postpone(cp, ctx, row, &error).await?,
    }
    Ok(true)
}

async fn postpone(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &key_rotation::Model,
    error: &PortError,
) -> Result<(), Error> {
    let at = next_attempt(ctx.now(), row.attempts + 1);
    cp.transact("key_rotations::postpone", ctx, |tx: Tx| async move {
        store::key_rotations::postpone(&tx, row, &error.message, at).await
    })
    .await
}

async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &key_rotation::Model,
    key: Option<&str>,
) -> Result<(), Error> {
    cp.transact("key_rotations::note", ctx, |tx: Tx| async move {
        identities::note_rotation(&tx, ctx, row, key).await
    })
    .await
}
