//! Short ways to say what kind of trouble a call to the outside had. Owns no wording.

use control_plane::ports::{PortError, PortErrorKind};

/// No answer, or "later".
pub(super) fn unavailable(message: impl Into<String>) -> PortError {
    PortError::new(PortErrorKind::Unavailable, message)
}

/// The content is wrong, or a limit is reached.
pub(super) fn rejected(message: impl Into<String>) -> PortError {
    PortError::new(PortErrorKind::Rejected, message)
}

/// It is not there.
pub(super) fn not_found(message: impl Into<String>) -> PortError {
    PortError::new(PortErrorKind::NotFound, message)
}

/// The other side spoke nonsense.
pub(super) fn protocol(message: impl Into<String>) -> PortError {
    PortError::new(PortErrorKind::Protocol, message)
}

/// The file system of this machine refused.
pub(super) fn disk(action: &str, path: &std::path::Path, error: std::io::Error) -> PortError {
    unavailable(format!(
        "{} could not be {action}: {}. Check the free space and the permissions of the data folder.",
        path.display(),
        error.kind()
    ))
    .because(error)
}

/// Runs file work away from the event loop.
pub(super) async fn blocking<T, F>(work: F) -> Result<T, PortError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, PortError> + Send + 'static,
{
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| {
        Err(unavailable("The work was interrupted. It can be repeated.").because(error))
    })
}
