//! Identity providers: where each deployment's agent gets a principal of its own.

use async_trait::async_trait;
use domain::environment::Environment;

use super::PortError;

/// The principal to provide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityOrder {
    /// Deterministic name: asking again gives the same principal.
    pub client_id: String,
    pub display_name: String,
    /// Where it acts; it may decide which provider it is from.
    pub environment: Environment,
    pub scopes: Vec<String>,
}

/// A provided principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidedIdentity {
    pub client_id: String,
    /// Public key as a JSON Web Key. The private half never comes here.
    pub public_jwk: String,
    /// Where the agent finds its private key, a path that only its runtime reads.
    pub private_key_reference: String,
}

/// A principal as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalDescription {
    /// None where the provider does not keep scopes itself.
    pub scopes: Option<Vec<String>>,
    pub suspended: bool,
}

/// An identity provider.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Creates the principal and its key, or gives the one that exists.
    async fn provision(&self, order: &IdentityOrder) -> Result<ProvidedIdentity, PortError>;

    /// Makes the principal useless until it is resumed; its key stays. Suspended already is no error, `NotFound` where there
    /// is none.
    async fn suspend(&self, client_id: &str) -> Result<(), PortError>;

    /// Makes a suspended principal usable again. Not suspended is no error, `NotFound` where there is none.
    async fn resume(&self, client_id: &str) -> Result<(), PortError>;

    /// What the principal is now; `NotFound` where there is none.
    async fn describe(&self, client_id: &str) -> Result<PrincipalDescription, PortError>;

    /// Gives the principal the scopes of its order again; its key stays. `NotFound` where there is none.
    async fn restore(&self, order: &IdentityOrder) -> Result<(), PortError>;

    /// Gives the principal another key in the place of the one it has, where its runtime finds it; only the new one counts
    /// then. The same `rotation` again gives the same key. `NotFound` where there is no principal. Answers the public key as a
    /// JSON Web Key.
    async fn rotate(&self, client_id: &str, rotation: &str) -> Result<String, PortError>;

    /// Ends the principal now and destroys its key. Gone already is no error.
    async fn revoke(&self, client_id: &str) -> Result<(), PortError>;

    /// Every principal there is, for receipts.
    async fn list(&self) -> Result<Vec<String>, PortError>;

    /// Where agents in the environment get their tokens; none for our own token endpoint.
    fn token_url(&self, environment: Environment) -> Option<String> {
        let _ = environment;
        None
    }
}
