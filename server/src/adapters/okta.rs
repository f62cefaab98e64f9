//! Okta as the provider of agents' identities: a service app for each deployment, known by its label and client id, with a key
//! of its own and the approved scopes. Owns nothing but the keys; the apps are Okta's to keep, and are looked for by label before
//! one is made, so that a call whose answer was lost is not made twice.

mod access;
mod ai_agents;
mod api;
mod key;
mod scopes;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use control_plane::ports::clock::Clock;
use control_plane::ports::identity_provider::{
    IdentityOrder, IdentityProvider, PrincipalDescription, ProvidedIdentity,
};
use control_plane::ports::secrets::Secrets;
use control_plane::ports::{PortError, PortErrorKind};
use domain::environment::Environment;
use reqwest::Method;
use serde_json::{Value, json};

use self::access::Access;
use self::api::{Api, Call};
use self::key::{Keys, PrivateJwk};
use self::scopes::text;
use super::guarded::{Reach, is_local};
use super::problem::{not_found, rejected, unavailable};
use crate::config::{HostList, OktaSettings};

/// How long one call may take.
const WITHIN: Duration = Duration::from_secs(20);
/// Looks at an app that Okta is activating, and the pause between them; the worker comes back after that.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(300);
/// Okta's bounds on a client id.
const ID_MIN: usize = 6;
const ID_MAX: usize = 100;
const ACTIVE: &str = "ACTIVE";
const APP: &str = "the agent's app";

/// The adapter.
pub(super) struct Okta {
    settings: OktaSettings,
    api: Api,
    keys: Keys,
}

/// An app as it was found.
struct App {
    id: String,
    client_id: String,
    active: bool,
}

impl App {
    fn of(value: &Value) -> Self {
        let client = value.pointer("/credentials/oauthClient/client_id");
        Self {
            id: text(value, "id").to_owned(),
            client_id: client
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            active: text(value, "status") == ACTIVE,
        }
    }
}

impl Okta {
    pub(super) fn new(
        settings: &OktaSettings,
        keys: PathBuf,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let access = Access::new(settings.clone(), secrets, Arc::clone(&clock));
        let reach = Reach {
            // Okta is on the public internet; what stands in for it in a test is on this machine.
            private: HostList::default(),
            local: is_local(&settings.org_url),
            within: WITHIN,
        };
        Self {
            api: Api::new(settings.org_url.clone(), access, reach, clock),
            settings: settings.clone(),
            keys: Keys::new(keys),
        }
    }

    /// What people see in Okta, and what ours are found by.
    fn label(&self, client_id: &str) -> String {
        format!("{} {client_id}", self.settings.label)
    }

    /// Every app whose label begins like this, used or not.
    async fn labelled(&self, beginning: &str) -> Result<Vec<(String, App)>, PortError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", beginning)
            .append_pair("limit", "200")
            .append_pair("includeNonDeleted", "true")
            .finish();
        let all = self
            .api
            .all(format!("/api/v1/apps?{query}"), "apps")
            .await?;
        // The search also finds by the kind of an app, so the label is looked at again.
        let ours = all.iter().filter(|app| {
            text(app, "label").starts_with(beginning) && text(app, "status") != "DELETED"
        });
        Ok(ours
            .map(|app| (text(app, "label").to_owned(), App::of(app)))
            .collect())
    }

    async fn find(&self, client_id: &str) -> Result<Option<App>, PortError> {
        let label = self.label(client_id);
        let found = self.labelled(&label).await?;
        let mut exact = found.into_iter().filter(|(known, _)| *known == label);
        // Somebody may give an app of theirs our label; the client id is unique, and ours.
        Ok(exact
            .find(|(_, app)| app.client_id == client_id)
            .map(|(_, app)| app))
    }

    async fn there(&self, client_id: &str) -> Result<App, PortError> {
        let found = self.find(client_id).await?;
        found.ok_or_else(|| {
            not_found("Okta has no such identity: it was removed there, or revoked. Deploy again.")
        })
    }

    async fn make(&self, client_id: &str, key: &PrivateJwk) -> Result<App, PortError> {
        let body = json!({
            "name": "oidc_client",
            "label": self.label(client_id),
            "signOnMode": "OPENID_CONNECT",
            "credentials": { "oauthClient": {
                "client_id": client_id,
                "token_endpoint_auth_method": "private_key_jwt",
            } },
            "settings": { "oauthClient": {
                "application_type": "service",
                "grant_types": ["client_credentials"],
                "response_types": ["token"],
                "jwks": { "keys": [key.public()] },
            } },
        });
        let call = Call {
            method: Method::POST,
            path: "/api/v1/apps?activate=true".to_owned(),
            body: Some(&body),
            what: APP,
            again: false,
        };
        self.api.call(&call).await.map(|made| App::of(&made))
    }

    async fn lifecycle(&self, app: &str, step: &str) -> Result<(), PortError> {
        let call = Call {
            method: Method::POST,
            path: format!("/api/v1/apps/{app}/lifecycle/{step}"),
            body: None,
            what: APP,
            again: true,
        };
        self.api.call(&call).await.map(drop)
    }

    /// Activates an app, and waits a little for it: Okta may do it later.
    async fn activated(&self, app: &App) -> Result<(), PortError> {
        if app.active {
            return Ok(());
        }
        self.lifecycle(&app.id, "activate").await?;
        for _ in 0..LOOKS {
            let path = format!("/api/v1/apps/{}", app.id);
            if App::of(&self.api.get(path, APP).await?).active {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(unavailable(
            "Okta is still activating the identity: it is looked at again.",
        ))
    }

    /// The app has the agent's key and no other. An app that was there before may know an older one.
    async fn only_key(&self, app: &str, key: &PrivateJwk) -> Result<(), PortError> {
        let path = format!("/api/v1/apps/{app}/credentials/jwks");
        let known = self.api.all(path.clone(), "the app's keys").await?;
        let ours = |known: &&Value| text(known, "kid") == key.kid;
        if !known
            .iter()
            .any(|known| ours(&known) && text(known, "status") == ACTIVE)
        {
            let mut body = key.public();
            body["status"] = json!(ACTIVE);
            let call = Call {
                method: Method::POST,
                path: path.clone(),
                body: Some(&body),
                what: "the agent's key",
                again: false,
            };
            self.api.call(&call).await?;
        }
        for old in known.iter().filter(|known| !ours(known)) {
            let id = text(old, "id");
            if text(old, "status") == ACTIVE {
                let retire = format!("{path}/{id}/lifecycle/deactivate");
                self.gone(Method::POST, retire, "an older key").await?;
            }
            // Only an inactive key can be deleted.
            self.gone(Method::DELETE, format!("{path}/{id}"), "an older key")
                .await?;
        }
        Ok(())
    }

    /// Ends something; gone already is no error.
    async fn gone(&self, method: Method, path: String, what: &str) -> Result<(), PortError> {
        let call = Call {
            method,
            path,
            body: None,
            what,
            again: true,
        };
        match self.api.call(&call).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == PortErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl IdentityProvider for Okta {
    async fn provision(&self, order: &IdentityOrder) -> Result<ProvidedIdentity, PortError> {
        let client_id = order.client_id.as_str();
        if !(ID_MIN..=ID_MAX).contains(&client_id.len()) {
            return Err(rejected(format!(
                "Okta takes client ids of {ID_MIN} to {ID_MAX} characters, and this one has {}: give the agent another short name.",
                client_id.len()
            )));
        }
        let path = self.keys.path(client_id)?;
        let key = self.keys.kept_or_new(client_id).await?;
        let app = match self.find(client_id).await? {
            Some(app) => app,
            None => self.make(client_id, &key).await?,
        };
        self.activated(&app).await?;
        self.only_key(&app.id, &key).await?;
        let label = self.label(client_id);
        self.set_scopes(&app.id, client_id, &label, &order.scopes)
            .await?;
        self.enrol(&app.id, &label, &order.display_name).await?;
        Ok(ProvidedIdentity {
            client_id: client_id.to_owned(),
            public_jwk: key.public().to_string(),
            private_key_reference: path.display().to_string(),
        })
    }

    async fn suspend(&self, client_id: &str) -> Result<(), PortError> {
        let app = self.there(client_id).await?;
        if app.active {
            self.lifecycle(&app.id, "deactivate").await?;
        }
        self.rest(&self.label(client_id), &app.id).await
    }

    async fn resume(&self, client_id: &str) -> Result<(), PortError> {
        let app = self.there(client_id).await?;
        self.activated(&app).await?;
        self.awake(&self.label(client_id), &app.id).await
    }

    async fn describe(&self, client_id: &str) -> Result<PrincipalDescription, PortError> {
        let app = self.there(client_id).await?;
        let given = self.given(&app.id, &self.label(client_id)).await?;
        Ok(PrincipalDescription {
            scopes: Some(given.scopes()),
            suspended: !app.active,
        })
    }

    async fn restore(&self, order: &IdentityOrder) -> Result<(), PortError> {
        let app = self.there(&order.client_id).await?;
        let label = self.label(&order.client_id);
        self.set_scopes(&app.id, &order.client_id, &label, &order.scopes)
            .await
    }

    async fn rotate(&self, client_id: &str, rotation: &str) -> Result<String, PortError> {
        let app = self.there(client_id).await?;
        let key = self.keys.rotate(client_id, rotation).await?;
        self.only_key(&app.id, &key).await?;
        Ok(key.public().to_string())
    }

    async fn revoke(&self, client_id: &str) -> Result<(), PortError> {
        // First of all it gets no more tokens; the rest can be made up for.
        let found = self.find(client_id).await?;
        if let Some(app) = &found
            && app.active
        {
            let path = format!("/api/v1/apps/{}/lifecycle/deactivate", app.id);
            self.gone(Method::POST, path, APP).await?;
        }
        self.remove_policy(&self.label(client_id)).await?;
        self.discharge(&self.label(client_id)).await?;
        if let Some(app) = &found {
            let path = format!("/api/v1/apps/{}", app.id);
            self.gone(Method::DELETE, path, APP).await?;
        }
        self.keys.remove(client_id).await
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        let beginning = format!("{} ", self.settings.label);
        let found = self.labelled(&beginning).await?;
        let ids = found.into_iter().filter_map(|(label, app)| {
            let id = label.strip_prefix(&beginning)?;
            (app.client_id == id).then(|| id.to_owned())
        });
        let mut ids: Vec<String> = ids.collect();
        let enrolled = self.enrolled_names(&beginning).await?;
        let enrolled = enrolled
            .iter()
            .filter_map(|name| name.strip_prefix(&beginning));
        for id in enrolled {
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        Ok(ids)
    }

    fn token_url(&self, _environment: Environment) -> Option<String> {
        Some(format!(
            "{}/oauth2/{}/v1/token",
            self.settings.org_url, self.settings.authorization_server
        ))
    }
}
