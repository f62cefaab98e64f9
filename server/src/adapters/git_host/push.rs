//! Writing to a repository. Owns the push of one ref and the reading of what became of it; refuses to overwrite, and to
//! run the hooks of a repository on this machine.

use control_plane::ports::PortError;

use super::address::Place;
use super::mirror::Mirror;
use super::trouble;
use crate::adapters::problem::rejected;

/// The program on the other side, where that is this machine: a constant, and the repository's own configuration cannot
/// bring its hooks back.
const WITHOUT_HOOKS: &str = "--receive-pack=git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c receive.autogc=false receive-pack";

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pushed {
    Done,
    /// Somebody else wrote the ref meanwhile, or it exists.
    Overtaken,
}

/// Pushes one ref.
///
/// # Errors
/// `Rejected` when the host refuses the write as such; else what its complaints mean.
pub(super) async fn push(
    mirror: &Mirror<'_>,
    refspec: &str,
    what: &str,
) -> Result<Pushed, PortError> {
    let local = matches!(mirror.address.place, Place::Local(_)).then_some(WITHOUT_HOOKS);
    let fixed = ["push", "--porcelain", "--no-verify", "--no-follow-tags"];
    let arguments =
        fixed
            .into_iter()
            .chain(local)
            .chain(["--", mirror.address.url.as_str(), refspec]);
    let output = mirror
        .run(mirror.command(arguments)?.with(mirror.credential))
        .await?;
    if output.success {
        return Ok(Pushed::Done);
    }
    let told = String::from_utf8_lossy(&output.stdout);
    let Some(line) = told.lines().find(|line| line.starts_with('!')) else {
        return Err(no_right(&output.stderr, what).unwrap_or_else(|| trouble::of(&output.stderr)));
    };
    let overtaken = [
        "already exists",
        "non-fast-forward",
        "fetch first",
        "stale info",
        "failed to update ref",
        "cannot lock ref",
        "incorrect old value",
    ];
    if overtaken.iter().any(|sign| line.contains(sign)) {
        return Ok(Pushed::Overtaken);
    }
    let reason = line.rsplit('\t').next().unwrap_or_default();
    Err(refused(what, &trouble::safe(reason, 200)))
}

/// Complaints of a host that lets us read and not write.
fn no_right(stderr: &str, what: &str) -> Option<PortError> {
    let signs = [
        "error: 401",
        "error: 403",
        "Permission to",
        "Permission denied",
        "denied to",
        "not allowed to push",
        "key is read only",
        "marked as read only",
        "insufficient permission",
        "unable to create temporary",
    ];
    signs
        .iter()
        .any(|sign| stderr.contains(sign))
        .then(|| refused(what, &trouble::quote(stderr)))
}

fn refused(what: &str, reason: &str) -> PortError {
    rejected(format!(
        "The git host does not let Clearance write {what}: allow it for the configured token or key. Git says: {reason}"
    ))
}
