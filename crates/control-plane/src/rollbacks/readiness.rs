//! Could a version be restored now? Asks the image store, the secrets and the identity provider; changes nothing.

use domain::environment::Environment;
use domain::id::AgentId;
use domain::rollback::{Readiness, estimate};
use domain::view::agent::RollbackBadge;

use super::find_target;
use crate::ControlPlane;
use crate::error::Error;
use crate::ports::{PortError, PortErrorKind};
use crate::store;
use crate::store::entity::version;
use crate::versions;

/// Past rollbacks that an estimate is made from.
const MEASURED: u64 = 11;

/// Whether a version could be restored now: its image is whole, its secrets can be read, and its identity can be made
/// again with the scopes it had.
pub(crate) async fn check(cp: &ControlPlane, version: &version::Model) -> Readiness {
    let Some(digest) = &version.image_digest else {
        return Readiness::ImageMissing;
    };
    match cp.ports().image_builder.verify(digest).await {
        Ok(()) => {}
        Err(error) if error.kind == PortErrorKind::NotFound => return Readiness::ImageMissing,
        Err(error) => return unless_silent(&error, Readiness::ImageDamaged),
    }
    let Ok(manifest) = versions::manifest(version) else {
        return Readiness::IdentityLost;
    };
    if store::from_json::<Vec<String>>(&version.scopes).is_err() {
        return Readiness::IdentityLost;
    }
    for reference in manifest.config.secrets.values() {
        if let Err(error) = cp.ports().secrets.read(reference).await {
            return unless_silent(&error, Readiness::SecretMissing);
        }
    }
    match cp.ports().identity_provider.list().await {
        Ok(_) => Readiness::Ready,
        Err(error) => unless_silent(&error, Readiness::IdentityLost),
    }
}

/// What an error says about readiness: nothing, where the other side did not answer.
fn unless_silent(error: &PortError, bad: Readiness) -> Readiness {
    if error.retryable() {
        Readiness::Unchecked
    } else {
        bad
    }
}

/// Whether the live deployment of an environment could be rolled back, looked at now.
pub(crate) async fn badge(
    cp: &ControlPlane,
    agent: AgentId,
    environment: Environment,
    live: i64,
) -> Result<RollbackBadge, Error> {
    match find_target(cp.reader(), agent, environment, live, None).await? {
        Some((row, version)) => of_version(cp, environment, row.number, &version).await,
        None => Ok(RollbackBadge::NoTarget),
    }
}

/// The same for one version that could be restored.
pub(crate) async fn of_version(
    cp: &ControlPlane,
    environment: Environment,
    number: i64,
    version: &version::Model,
) -> Result<RollbackBadge, Error> {
    let version_number = version.number.clone();
    let readiness = check(cp, version).await;
    Ok(match readiness {
        Readiness::Ready => RollbackBadge::Ready {
            number,
            version: version_number,
            about_seconds: about(cp, environment).await?,
        },
        Readiness::NoTarget => RollbackBadge::NoTarget,
        Readiness::ImageMissing
        | Readiness::ImageDamaged
        | Readiness::SecretMissing
        | Readiness::IdentityLost
        | Readiness::Unchecked => RollbackBadge::NotReady {
            number,
            version: version_number,
            reason: readiness,
        },
    })
}

/// How long a rollback takes there, by those that were done. `None` when there was none.
pub(crate) async fn about(
    cp: &ControlPlane,
    environment: Environment,
) -> Result<Option<i64>, Error> {
    let done = store::deployments::rollbacks_done(cp.reader(), environment, MEASURED).await?;
    let taken = done
        .iter()
        .filter_map(|row| Some((row.live_at? - row.created_at).num_seconds()));
    Ok(estimate(taken.collect()))
}
