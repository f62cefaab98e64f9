//! Agent identities as the authorization server sees them: keys, one-time assertions, grants, and whether one is active now.

use domain::environment::Environment;
use domain::identity::{ASSERTION_SECONDS, IdentityState, SKEW_SECONDS};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{deployment, identity};
use crate::transact::Tx;

mod bind;
mod exchange;
mod found;
mod read;
mod revoke;
mod rotate;
mod scopes;
mod suspend;
mod tokens;

pub use bind::{bind, unbind};
pub use exchange::{ACT_FOR_PEOPLE, ExchangeError, exchange};
pub use read::{get, list};
pub use revoke::revoke;
pub(crate) use rotate::note as note_rotation;
pub use rotate::rotate;
pub(crate) use scopes::in_use as scopes_in_use;
pub use scopes::scopes;
pub(crate) use suspend::{note as note_suspension, suspend_all, suspend_in};
pub use suspend::{resume, suspend};
pub use tokens::{Proof, is_token_revoked, revoke_token, use_proof};

/// What a token of an agent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub client_id: String,
    pub agent: String,
    pub version: String,
    pub deployment: i64,
    pub environment: Environment,
    pub scopes: Vec<String>,
    /// The approval it acts under, where there was one.
    pub approval: Option<i64>,
}

/// Is the identity usable: active itself, and its deployment entitled to it (invariant 7)?
pub(crate) fn usable(identity: &identity::Model, deployment: &deployment::Model) -> bool {
    identity.state == IdentityState::Active && deployment.state.entitles_identity()
}

/// The public key of a usable identity, as a JSON Web Key.
///
/// # Errors
/// When the database does not answer.
pub async fn public_jwk(cp: &ControlPlane, client_id: &str) -> Result<Option<String>, Error> {
    let Some(identity) = store::identities::by_client(cp.reader(), client_id).await? else {
        return Ok(None);
    };
    let deployment = store::deployments::get(cp.reader(), identity.deployment_id).await?;
    Ok(usable(&identity, &deployment).then_some(identity.public_jwk))
}

/// Uses a verified assertion up and answers what the identity may do now.
///
/// `jti` and `exp` (Unix seconds) are the assertion's own; its signature, issuer, subject and audience were checked.
///
/// # Errors
/// [`Error::Unauthenticated`] for an identity that is not usable, an assertion used before, or one that lives too long.
pub async fn grant(
    cp: &ControlPlane,
    ctx: &OpCtx,
    client_id: &str,
    jti: &str,
    exp: i64,
) -> Result<Grant, Error> {
    let now = ctx.now().timestamp();
    if exp <= now
        || exp > now + ASSERTION_SECONDS + SKEW_SECONDS
        || jti.is_empty()
        || jti.len() > 200
    {
        return Err(Error::Unauthenticated);
    }
    cp.transact("identities::grant", ctx, |tx: Tx| async move {
        let tx = &tx;
        let found = describe(&**tx, client_id)
            .await?
            .ok_or(Error::Unauthenticated)?;
        if !store::identities::burn(tx, &format!("{client_id} {jti}"), exp, now).await? {
            return Err(Error::Unauthenticated);
        }
        Ok(found)
    })
    .await
}

/// What a client may do now; `None` once it is revoked or its deployment is over. Asked on every introspection.
///
/// # Errors
/// When the database does not answer.
pub async fn active(cp: &ControlPlane, client_id: &str) -> Result<Option<Grant>, Error> {
    describe(cp.reader(), client_id).await
}

async fn describe(
    db: &impl sea_orm::ConnectionTrait,
    client_id: &str,
) -> Result<Option<Grant>, Error> {
    let Some(identity) = store::identities::by_client(db, client_id).await? else {
        return Ok(None);
    };
    let deployment = store::deployments::get(db, identity.deployment_id).await?;
    if !usable(&identity, &deployment) {
        return Ok(None);
    }
    let agent = store::agents::get(db, identity.agent_id).await?;
    let version = store::versions::get(db, deployment.version_id).await?;
    describe_as(&identity, &deployment, &agent.slug, version.number).map(Some)
}

/// What an identity stands for, whether it may act or not.
pub(crate) fn describe_as(
    identity: &identity::Model,
    deployment: &deployment::Model,
    agent: &str,
    version: String,
) -> Result<Grant, Error> {
    Ok(Grant {
        client_id: identity.client_id.clone(),
        agent: agent.to_owned(),
        version,
        deployment: deployment.number,
        environment: deployment.environment,
        scopes: store::from_json(&identity.scopes)?,
        approval: approval_number(deployment),
    })
}

/// Under which approval a deployment acts: its own, or the one of the deployment it restores.
pub(crate) fn approval_number(deployment: &deployment::Model) -> Option<i64> {
    match (deployment.environment, deployment.restores) {
        (Environment::NonProd, _) => None,
        (Environment::Production, Some(restored)) => Some(restored),
        (Environment::Production, None) => Some(deployment.number),
    }
}
