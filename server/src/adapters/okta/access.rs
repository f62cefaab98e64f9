//! The adapter's own token: Clearance is a service app at Okta too, and proves itself by its key. The token is remembered until
//! shortly before its end.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use control_plane::ports::PortError;
use control_plane::ports::clock::Clock;
use control_plane::ports::secrets::Secrets;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::adapters::problem::{protocol, rejected, unavailable};
use crate::config::OktaSettings;

/// What the adapter does there, and no more.
pub(super) const SCOPES: &str = "okta.apps.manage okta.apps.read okta.appGrants.manage okta.appGrants.read okta.authorizationServers.manage okta.authorizationServers.read";
/// How long an assertion of ours lives.
const ASSERTION: TimeDelta = TimeDelta::seconds(60);
/// A token that ends sooner than this is not used any more.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
const ANSWER_MAX: usize = 64 * 1_024;

/// The token, and how to get one.
pub(super) struct Access {
    settings: OktaSettings,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<(SecretString, DateTime<Utc>)>>,
}

#[derive(Deserialize)]
struct Given {
    access_token: SecretString,
    expires_in: i64,
}

impl Access {
    pub(super) fn new(
        settings: OktaSettings,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            secrets,
            clock,
            kept: Mutex::default(),
        }
    }

    /// The token for the next call. Those that wait for one get the same one.
    pub(super) async fn token(&self, client: &reqwest::Client) -> Result<SecretString, PortError> {
        let mut kept = self.kept.lock().await;
        if let Some((token, until)) = &*kept
            && *until > self.clock.now() + MARGIN
        {
            return Ok(token.clone());
        }
        let given = self.ask(client).await?;
        let lives = TimeDelta::seconds(given.expires_in.clamp(0, 86_400));
        *kept = Some((given.access_token.clone(), self.clock.now() + lives));
        Ok(given.access_token)
    }

    /// The token was refused: the next call asks for another.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn ask(&self, client: &reqwest::Client) -> Result<Given, PortError> {
        let address = format!("{}/oauth2/v1/token", self.settings.org_url);
        let assertion = self.assertion(&address).await?;
        let scopes = if self.settings.ai_agents {
            format!("{SCOPES} {}", super::ai_agents::SCOPES)
        } else {
            SCOPES.to_owned()
        };
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scopes.as_str()),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion.expose_secret()),
        ];
        let sent = client.post(&address).form(&form).send().await;
        let mut answer = sent.map_err(|error| {
            unavailable("Okta could not be reached: it is tried again.")
                .because(error.without_url())
        })?;
        let status = answer.status();
        if status.as_u16() == 429 || status.is_server_error() {
            return Err(unavailable(format!(
                "Okta gives no token at this time ({status}): it is tried again."
            )));
        }
        if !status.is_success() {
            return Err(rejected(format!(
                "Okta refused Clearance's own app ({status}): check its client id, its key and the scopes that it was granted, as docs/okta.md tells."
            )));
        }
        let body = super::api::bounded(&mut answer, ANSWER_MAX).await?;
        serde_json::from_slice(&body)
            .map_err(|_| protocol("Okta's token endpoint did not answer as expected."))
    }

    async fn assertion(&self, audience: &str) -> Result<SecretString, PortError> {
        let pem = self.secrets.read(&self.settings.private_key).await?;
        let pem = pem.expose_secret().as_bytes();
        let (algorithm, key) = match EncodingKey::from_rsa_pem(pem) {
            Ok(key) => (Algorithm::RS256, key),
            Err(_) => match EncodingKey::from_ec_pem(pem) {
                Ok(key) => (Algorithm::ES256, key),
                // The parser's message could quote the key.
                Err(_) => {
                    return Err(rejected(
                        "The private key of Clearance's app at Okta is no RSA or P-256 key in PEM: store it again.",
                    ));
                }
            },
        };
        let mut header = Header::new(algorithm);
        header.kid = Some(self.settings.key_id.clone());
        let now = self.clock.now();
        let id = crate::keys::random::<16>()
            .map_err(|error| unavailable("There was no randomness.").because(error))?;
        let claims = json!({
            "iss": self.settings.client_id,
            "sub": self.settings.client_id,
            "aud": audience,
            "iat": now.timestamp(),
            "exp": (now + ASSERTION).timestamp(),
            "jti": hex::encode(id),
        });
        encode(&header, &claims, &key)
            .map(SecretString::from)
            .map_err(|_| {
                rejected("The private key of Clearance's app at Okta cannot sign: store it again.")
            })
    }
}
