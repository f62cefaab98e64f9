//! Issuers of a CI's tokens: believing only what one that is known signed for us.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::sign_in::SignInError;

/// A CI's token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiToken {
    pub issuer: String,
    /// What it says, as far as it is one text, number or truth each.
    pub claims: BTreeMap<String, String>,
    /// Its name, for using it once: its `jti` or, where it has none, what was signed.
    pub id: String,
    pub expires_at: DateTime<Utc>,
}

/// Every issuer.
#[async_trait]
pub trait CiIssuers: Send + Sync {
    /// The issuers that the configuration names, beside those that are known anyway.
    fn configured(&self) -> Vec<String>;

    /// The audience that tokens of an issuer must be for; `None` for an issuer that is not known.
    fn audience(&self, issuer: &str) -> Option<String>;

    /// Which issuer a token says it is from. Believed only after [`Self::check`].
    fn claimed(&self, token: &str) -> Option<String>;

    /// Checks a token: signed by a key of this issuer, for us, and for now.
    async fn check(
        &self,
        issuer: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<CiToken, SignInError>;
}
