//! Names of external objects. Deterministic, so that after a kill an action is "create or adopt" and an undo "delete or gone".

use domain::id::VersionId;

/// The runtime of a deployment.
pub(crate) fn runtime(number: i64) -> String {
    format!("clearance-{number}")
}

/// The client id of a deployment's identity.
pub(crate) fn client(agent: &str, number: i64) -> String {
    format!("{agent}-{number}")
}

/// The image reference of a version.
pub(crate) fn image(agent: &str, version: VersionId) -> String {
    format!("{agent}:{}", version.0.simple())
}
