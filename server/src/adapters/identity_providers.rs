//! Which provider an identity is from: chosen for a new one by its environment; an existing one is where it is found, so that
//! changing the choice leaves nothing behind.

use std::sync::Arc;

use async_trait::async_trait;
use control_plane::ports::clock::SystemClock;
use control_plane::ports::identity_provider::{
    IdentityOrder, IdentityProvider, PrincipalDescription, ProvidedIdentity,
};
use control_plane::ports::secrets::Secrets;
use control_plane::ports::{PortError, PortErrorKind};
use domain::environment::Environment;

use super::AdaptersConfig;
use super::identity_provider::BuiltInProvider;
use super::okta::Okta;
use super::problem::not_found;
use crate::config::{IdentityProviderKind, IdentitySettings};

/// Both of them.
pub(super) struct Chosen {
    settings: IdentitySettings,
    built_in: BuiltInProvider,
    okta: Option<Okta>,
}

impl Chosen {
    pub(super) fn new(config: &AdaptersConfig, secrets: Arc<dyn Secrets>) -> Self {
        let data = &config.data_dir;
        let settings = config.identities.clone();
        let okta = settings.okta.as_ref().map(|okta| {
            let keys = data.join("identities-okta");
            Okta::new(okta, keys, secrets, Arc::new(SystemClock))
        });
        Self {
            built_in: BuiltInProvider::new(data.join("identities")),
            settings,
            okta,
        }
    }

    fn of(&self, environment: Environment) -> &dyn IdentityProvider {
        match (self.settings.of(environment), &self.okta) {
            (IdentityProviderKind::Okta, Some(okta)) => okta,
            // The configuration does not let Okta be chosen where it is not set up.
            (IdentityProviderKind::Okta | IdentityProviderKind::BuiltIn, _) => &self.built_in,
        }
    }

    /// Everywhere that a principal may be; where asking costs nothing first.
    fn places(&self) -> impl Iterator<Item = &dyn IdentityProvider> {
        let built_in: &dyn IdentityProvider = &self.built_in;
        let okta = self.okta.iter().map(|okta| {
            let okta: &dyn IdentityProvider = okta;
            okta
        });
        std::iter::once(built_in).chain(okta)
    }
}

/// What the first place that has it answers.
macro_rules! where_it_is {
    ($self:ident, $method:ident($($what:expr),+)) => {{
        for place in $self.places() {
            match place.$method($($what),+).await {
                Err(error) if error.kind == PortErrorKind::NotFound => {}
                answer => return answer,
            }
        }
        Err(not_found(
            "There is no such identity: it was revoked. Deploy again.",
        ))
    }};
}

#[async_trait]
impl IdentityProvider for Chosen {
    async fn provision(&self, order: &IdentityOrder) -> Result<ProvidedIdentity, PortError> {
        self.of(order.environment).provision(order).await
    }

    async fn suspend(&self, client_id: &str) -> Result<(), PortError> {
        where_it_is!(self, suspend(client_id))
    }

    async fn resume(&self, client_id: &str) -> Result<(), PortError> {
        where_it_is!(self, resume(client_id))
    }

    async fn describe(&self, client_id: &str) -> Result<PrincipalDescription, PortError> {
        where_it_is!(self, describe(client_id))
    }

    async fn restore(&self, order: &IdentityOrder) -> Result<(), PortError> {
        where_it_is!(self, restore(order))
    }

    async fn rotate(&self, client_id: &str, rotation: &str) -> Result<String, PortError> {
        where_it_is!(self, rotate(client_id, rotation))
    }

    async fn revoke(&self, client_id: &str) -> Result<(), PortError> {
        for place in self.places() {
            place.revoke(client_id).await?;
        }
        Ok(())
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        let mut all = Vec::new();
        for place in self.places() {
            all.extend(place.list().await?);
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn token_url(&self, environment: Environment) -> Option<String> {
        self.of(environment).token_url(environment)
    }
}
