//! Suspending one identity by hand, and letting it act again. The agent's runtime goes on either way; an incident's quarantine
//! stops that too.

use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::identity::IdentityForm;
use domain::id::SuspensionId;
use domain::identity::{IdentityEvent, IdentityState};
use domain::suspension::{SuspensionEvent, SuspensionState};

use super::found::{Found, event, to_act_on};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{agent, suspension};
use crate::transact::Tx;

/// Suspends an identity: from the commit on it gets no token, introspection calls every token of it inactive, and access
/// decisions deny it. Its principal at the provider follows, as often as it takes (`workers/enforce_suspensions.rs`).
///
/// One in quarantine can be suspended too; then it stays so when the quarantine is lifted.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or not to be seen, [`Error::Forbidden`] without the right to roll back,
/// [`Conflict::WrongState`] for one that is suspended by hand already, revoked, or not made yet.
pub async fn suspend(cp: &ControlPlane, ctx: &OpCtx, form: &IdentityForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("identities::suspend", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = to_act_on(tx, ctx, &form.client_id).await?;
        begin(tx, ctx, &found, &form.reason()?).await
    })
    .await
}

/// Suspends one inside the transaction of something larger.
pub(crate) async fn suspend_in(
    tx: &Tx,
    ctx: &OpCtx,
    client_id: &str,
    reason: &str,
) -> Result<(), Error> {
    let found = to_act_on(tx, ctx, client_id).await?;
    begin(tx, ctx, &found, reason).await
}

/// Suspends what is live of an agent for a reason that no person gave.
pub(crate) async fn suspend_all(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    reason: &str,
) -> Result<(), Error> {
    for identity in store::identities::active_of(&**tx, agent.id).await? {
        let deployment = store::deployments::get(&**tx, identity.deployment_id).await?;
        let found = Found {
            identity,
            agent: agent.clone(),
            deployment,
        };
        if store::suspensions::of(&**tx, found.identity.id)
            .await?
            .is_none()
        {
            begin(tx, ctx, &found, reason).await?;
        }
    }
    Ok(())
}

async fn begin(tx: &Tx, ctx: &OpCtx, found: &Found, reason: &str) -> Result<(), Error> {
    let identity = &found.identity;
    if store::suspensions::of(&**tx, identity.id).await?.is_some() {
        return Err(Error::conflict(Conflict::WrongState));
    }
    match identity.state {
        IdentityState::Active => {
            store::identities::transition(tx, identity, IdentityEvent::Suspended, ctx.now())
                .await?;
        }
        IdentityState::Suspended => {}
        IdentityState::Provisioning | IdentityState::Revoked => {
            return Err(Error::conflict(Conflict::WrongState));
        }
    }
    let row = suspension::Model {
        id: SuspensionId(ids::new()),
        identity_id: identity.id,
        open_key: Some(identity.id.to_string()),
        state: SuspensionState::Requested,
        asked_by: ctx.actor().name().to_owned(),
        reason: reason.to_owned(),
        asked_at: ctx.now(),
        over_at: None,
        last_error: None,
        attempts: 0,
        next_attempt_at: ctx.now(),
    };
    store::suspensions::insert(tx, row).await?;
    let event = event(AuditAction::IdentitySuspended, found).reason(reason);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Lets a suspended identity act again, as soon as its provider has answered; one that is in quarantine beside that, when the
/// quarantine is released.
///
/// # Errors
/// As [`suspend`]; [`Conflict::WrongState`] for one that no person holds suspended.
pub async fn resume(cp: &ControlPlane, ctx: &OpCtx, form: &IdentityForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("identities::resume", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = to_act_on(tx, ctx, &form.client_id).await?;
        let reason = form.reason()?;
        let row = store::suspensions::of(&**tx, found.identity.id).await?;
        let row = row.filter(|row| row.state.holds());
        let row = row.ok_or(Error::conflict(Conflict::WrongState))?;
        store::suspensions::transition(tx, &row, SuspensionEvent::Resumed, ctx.now()).await?;
        let event = event(AuditAction::IdentityResumed, &found).reason(&reason);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Notes what became of a suspension at the provider, with the identity where it can act again.
///
/// `resumed`: was the provider asked to resume the principal? It is not while a quarantine holds it. Where that has ended
/// since, nothing is noted, and the next look asks the provider.
pub(crate) async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    row: &suspension::Model,
    event: SuspensionEvent,
    resumed: bool,
) -> Result<(), Error> {
    let identity = store::identities::get(&**tx, row.identity_id).await?;
    // One at a time with the end of a quarantine, which asks the same of suspensions.
    store::agents::lock(tx, identity.agent_id).await?;
    if event == SuspensionEvent::Completed && identity.state == IdentityState::Suspended {
        let quarantine = store::quarantines::of(&**tx, identity.deployment_id).await?;
        match (quarantine, resumed) {
            (Some(_), _) => {}
            (None, true) => {
                store::identities::transition(tx, &identity, IdentityEvent::Resumed, ctx.now())
                    .await?;
            }
            (None, false) => return Ok(()),
        }
    }
    store::suspensions::transition(tx, row, event, ctx.now()).await?;
    Ok(())
}
