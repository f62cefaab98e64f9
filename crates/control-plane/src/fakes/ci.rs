//! Issuers of a CI's tokens in memory: tokens that a test makes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::service_account::is_well_known;
use domain::sign_in::ProviderProblem;

use super::{Faults, lock};
use crate::ports::ci::{CiIssuers, CiToken};
use crate::ports::sign_in::SignInError;

/// The issuers, with what stands behind each token.
#[derive(Debug)]
pub struct FakeCi {
    faults: Arc<Faults>,
    tokens: Mutex<BTreeMap<String, CiToken>>,
}

impl FakeCi {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            tokens: Mutex::default(),
        }
    }

    /// Has a text be a token.
    pub fn signs(&self, text: &str, token: CiToken) {
        lock(&self.tokens).insert(text.to_owned(), token);
    }
}

#[async_trait]
impl CiIssuers for FakeCi {
    fn configured(&self) -> Vec<String> {
        Vec::new()
    }

    fn audience(&self, issuer: &str) -> Option<String> {
        is_well_known(issuer).then(|| "https://clearance.example.com".to_owned())
    }

    fn claimed(&self, token: &str) -> Option<String> {
        let tokens = lock(&self.tokens);
        tokens.get(token).map(|token| token.issuer.clone())
    }

    async fn check(
        &self,
        issuer: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<CiToken, SignInError> {
        let reached = self.faults.run("ci.check", issuer, || Ok(())).await;
        reached
            .map_err(|error| SignInError::new(ProviderProblem::Unavailable, error.to_string()))?;
        let known = lock(&self.tokens).get(token).cloned();
        let known = known.filter(|token| token.issuer == issuer && token.expires_at > now);
        known.ok_or_else(|| SignInError::new(ProviderProblem::Untrusted, "the token is not signed"))
    }
}
