//! Secrets by reference: the database holds references, this port their values.

use async_trait::async_trait;
use secrecy::SecretString;

use super::PortError;

/// A store of secrets.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The value behind a reference, `env:NAME` or `file:name`.
    async fn read(&self, reference: &str) -> Result<SecretString, PortError>;

    /// Keeps a value under a name and gives its reference.
    async fn keep(&self, name: &str, value: &SecretString) -> Result<String, PortError>;

    /// Forgets a value that was kept. One that is gone already, or that others keep (`env:NAME`), is no error.
    async fn forget(&self, reference: &str) -> Result<(), PortError>;
}
