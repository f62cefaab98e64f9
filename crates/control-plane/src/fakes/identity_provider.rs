//! An identity provider in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{Faults, lock};
use crate::ports::PortError;
use crate::ports::identity_provider::{IdentityOrder, IdentityProvider, ProvidedIdentity};

#[derive(Debug, Default)]
struct Principals {
    active: BTreeMap<String, IdentityOrder>,
    revoked: BTreeSet<String>,
}

/// Principals by client id.
#[derive(Debug)]
pub struct FakeIdentityProvider {
    faults: Arc<Faults>,
    principals: Mutex<Principals>,
}

impl FakeIdentityProvider {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            principals: Mutex::default(),
        }
    }

    /// The scopes of a principal that can be used.
    #[must_use]
    pub fn scopes(&self, client_id: &str) -> Option<Vec<String>> {
        let principals = lock(&self.principals);
        principals.active.get(client_id).map(|o| o.scopes.clone())
    }

    /// Was it there, and is it gone?
    #[must_use]
    pub fn was_revoked(&self, client_id: &str) -> bool {
        lock(&self.principals).revoked.contains(client_id)
    }

    /// Every principal that can be used.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        lock(&self.principals).active.keys().cloned().collect()
    }

    /// A principal that Clearance never made.
    pub fn add_foreign(&self, client_id: &str) {
        let order = IdentityOrder {
            client_id: client_id.to_owned(),
            display_name: "Somebody else's".to_owned(),
            scopes: Vec::new(),
        };
        let mut principals = lock(&self.principals);
        principals.active.insert(client_id.to_owned(), order);
    }
}

#[async_trait]
impl IdentityProvider for FakeIdentityProvider {
    async fn provision(&self, order: &IdentityOrder) -> Result<ProvidedIdentity, PortError> {
        let provide = || {
            let id = &order.client_id;
            let mut principals = lock(&self.principals);
            principals.active.entry(id.clone()).or_insert(order.clone());
            Ok(ProvidedIdentity {
                client_id: id.clone(),
                public_jwk: format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{id}"}}"#),
                private_key_reference: format!("/keys/{id}.pem"),
            })
        };
        self.faults
            .run("identity.provision", &order.client_id, provide)
            .await
    }

    async fn revoke(&self, client_id: &str) -> Result<(), PortError> {
        let revoke = || {
            let mut principals = lock(&self.principals);
            if principals.active.remove(client_id).is_some() {
                principals.revoked.insert(client_id.to_owned());
            }
            Ok(())
        };
        self.faults.run("identity.revoke", client_id, revoke).await
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        self.faults
            .run("identity.list", "", || Ok(self.names()))
            .await
    }
}
