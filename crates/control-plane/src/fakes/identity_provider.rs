//! An identity provider in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::environment::Environment;

use super::{Faults, lock};
use crate::ports::identity_provider::{
    IdentityOrder, IdentityProvider, PrincipalDescription, ProvidedIdentity,
};
use crate::ports::{PortError, PortErrorKind};

#[derive(Debug, Default)]
struct Principals {
    active: BTreeMap<String, IdentityOrder>,
    revoked: BTreeSet<String>,
    suspended: BTreeSet<String>,
    /// The last rotation of each.
    rotated: BTreeMap<String, String>,
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

    /// Gives a principal other scopes without telling anybody.
    pub fn set_scopes(&self, client_id: &str, scopes: &[&str]) {
        if let Some(order) = lock(&self.principals).active.get_mut(client_id) {
            order.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        }
    }

    /// Loses a principal without telling anybody.
    pub fn lose(&self, client_id: &str) {
        lock(&self.principals).active.remove(client_id);
    }

    /// Is it there, and suspended?
    #[must_use]
    pub fn is_suspended(&self, client_id: &str) -> bool {
        lock(&self.principals).suspended.contains(client_id)
    }

    /// Every principal there is.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        lock(&self.principals).active.keys().cloned().collect()
    }

    /// A principal that Clearance never made.
    pub fn add_foreign(&self, client_id: &str) {
        let order = IdentityOrder {
            client_id: client_id.to_owned(),
            display_name: "Somebody else's".to_owned(),
            environment: Environment::Production,
            scopes: Vec::new(),
        };
        let mut principals = lock(&self.principals);
        principals.active.insert(client_id.to_owned(), order);
    }
}

/// A key that differs from rotation to rotation.
fn jwk(client_id: &str, rotation: &str) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{client_id}","x":"{rotation}"}}"#)
}

fn missing(client_id: &str) -> PortError {
    PortError::new(
        PortErrorKind::NotFound,
        format!("There is no principal {client_id}."),
    )
}

#[async_trait]
impl IdentityProvider for FakeIdentityProvider {
    async fn provision(&self, order: &IdentityOrder) -> Result<ProvidedIdentity, PortError> {
        let provide = || {
            let id = &order.client_id;
            let mut principals = lock(&self.principals);
            principals.active.entry(id.clone()).or_insert(order.clone());
            let rotation = principals.rotated.get(id).map_or("", String::as_str);
            Ok(ProvidedIdentity {
                client_id: id.clone(),
                public_jwk: jwk(id, rotation),
                private_key_reference: format!("/keys/{id}.pem"),
            })
        };
        self.faults
            .run("identity.provision", &order.client_id, provide)
            .await
    }

    async fn suspend(&self, client_id: &str) -> Result<(), PortError> {
        let suspend = || {
            let mut principals = lock(&self.principals);
            if !principals.active.contains_key(client_id) {
                return Err(missing(client_id));
            }
            principals.suspended.insert(client_id.to_owned());
            Ok(())
        };
        self.faults
            .run("identity.suspend", client_id, suspend)
            .await
    }

    async fn resume(&self, client_id: &str) -> Result<(), PortError> {
        let resume = || {
            let mut principals = lock(&self.principals);
            if !principals.active.contains_key(client_id) {
                return Err(missing(client_id));
            }
            principals.suspended.remove(client_id);
            Ok(())
        };
        self.faults.run("identity.resume", client_id, resume).await
    }

    async fn describe(&self, client_id: &str) -> Result<PrincipalDescription, PortError> {
        let describe = || {
            let principals = lock(&self.principals);
            let order = principals.active.get(client_id);
            let order = order.ok_or_else(|| missing(client_id))?;
            Ok(PrincipalDescription {
                scopes: Some(order.scopes.clone()),
                suspended: principals.suspended.contains(client_id),
            })
        };
        self.faults
            .run("identity.describe", client_id, describe)
            .await
    }

    async fn restore(&self, order: &IdentityOrder) -> Result<(), PortError> {
        let restore = || {
            let mut principals = lock(&self.principals);
            let known = principals.active.get_mut(&order.client_id);
            let known = known.ok_or_else(|| missing(&order.client_id))?;
            known.scopes.clone_from(&order.scopes);
            Ok(())
        };
        self.faults
            .run("identity.restore", &order.client_id, restore)
            .await
    }

    async fn rotate(&self, client_id: &str, rotation: &str) -> Result<String, PortError> {
        let rotate = || {
            let mut principals = lock(&self.principals);
            if !principals.active.contains_key(client_id) {
                return Err(missing(client_id));
            }
            principals
                .rotated
                .insert(client_id.to_owned(), rotation.to_owned());
            Ok(jwk(client_id, rotation))
        };
        self.faults.run("identity.rotate", client_id, rotate).await
    }

    async fn revoke(&self, client_id: &str) -> Result<(), PortError> {
        let revoke = || {
            let mut principals = lock(&self.principals);
            principals.suspended.remove(client_id);
            principals.rotated.remove(client_id);
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
