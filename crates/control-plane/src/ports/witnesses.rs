//! Witnesses of the audit log (C2SP tlog-witness): each remembers the largest tree it saw, and signs what grew out of it.

use async_trait::async_trait;

use super::PortError;

/// What a witness answers to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// Signature lines, of which nothing is verified.
    Signed(String),
    /// It saw another size last; or this one, with another root.
    Seen(u64),
    /// To it, this is not the log that it saw, grown.
    NotGrown,
}

/// The witnesses that are configured, by the ids of their keys (`name+hash`).
#[async_trait]
pub trait Witnesses: Send + Sync {
    /// Sends the body of an `add-checkpoint` to one of them. Asking twice is the same as asking once.
    ///
    /// `Unavailable` when it does not answer; `Rejected` when it does not follow this log or its key.
    async fn add_checkpoint(&self, key_id: &str, body: String) -> Result<WitnessAnswer, PortError>;
}
