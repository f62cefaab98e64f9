//! A place outside where heads of the audit log are written down, one after the other: a branch of a git repository.

use async_trait::async_trait;

use super::PortError;

/// The repository of heads that is configured.
#[async_trait]
pub trait Anchors: Send + Sync {
    /// Writes a signed head down and answers under which name it is there: a commit. Writing the same head twice does no harm, and
    /// nothing that was written before is changed.
    async fn write(&self, origin: &str, size: u64, note: &str) -> Result<String, PortError>;
}
