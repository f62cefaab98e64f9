//! Access tokens: short-lived, signed by us, naming the agent, its version and the deployment that entitles it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::identities::Grant;
use domain::identity::TOKEN_SECONDS;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    iss: String,
    /// The agent's client id.
    pub(crate) sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    client_id: String,
    /// Separated by spaces.
    pub(crate) scope: String,
    agent: String,
    version: String,
    deployment: i64,
    environment: String,
    /// Number of the approval, where there was one.
    approval: Option<i64>,
}

impl AccessClaims {
    /// `None` without randomness.
    pub(super) fn new(issuer: &str, grant: &Grant, scopes: &[String], now: i64) -> Option<Self> {
        Some(Self {
            iss: issuer.to_owned(),
            sub: grant.client_id.clone(),
            aud: issuer.to_owned(),
            iat: now,
            exp: now + TOKEN_SECONDS,
            jti: hex::encode(crate::keys::random::<16>().ok()?),
            client_id: grant.client_id.clone(),
            scope: scopes.join(" "),
            agent: grant.agent.clone(),
            version: grant.version.clone(),
            deployment: grant.deployment,
            environment: grant.environment.to_string(),
            approval: grant.approval,
        })
    }

    /// The answer of introspection for a token that is good.
    pub(super) fn introspection(&self) -> Value {
        let mut answer = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut answer {
            fields.insert("active".to_owned(), json!(true));
            fields.insert("token_type".to_owned(), json!("Bearer"));
        }
        answer
    }
}

/// The key that signs access tokens, in the forms that are needed.
pub(crate) struct TokenKeys {
    id: String,
    /// The public half, base64url.
    x: String,
    encoding: Option<EncodingKey>,
}

impl TokenKeys {
    /// From the key file's key.
    pub(crate) fn new(key: &SigningKey) -> Self {
        let public = key.verifying_key();
        let id = hex::encode(&Sha256::digest(public.as_bytes())[..8]);
        // Encoding a well-formed key does not fail; if it did, no token would be given.
        let encoding = key
            .to_pkcs8_der()
            .ok()
            .map(|der| EncodingKey::from_ed_der(der.as_bytes()));
        Self {
            id,
            x: URL_SAFE_NO_PAD.encode(public.as_bytes()),
            encoding,
        }
    }

    /// The signed token.
    pub(super) fn sign(&self, claims: &AccessClaims) -> Option<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.id.clone());
        encode(&header, claims, self.encoding.as_ref()?)
            .map_err(|error| tracing::error!(%error, "an access token could not be signed"))
            .ok()
    }

    /// The claims of a token that we signed and that has not expired.
    pub(in crate::http) fn verify(
        &self,
        text: &str,
        issuer: &str,
        now: i64,
    ) -> Option<AccessClaims> {
        let key = DecodingKey::from_ed_components(&self.x).ok()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[issuer]);
        validation.set_issuer(&[issuer]);
        validation.validate_exp = false;
        let token = decode::<AccessClaims>(text, &key, &validation).ok()?;
        (token.header.typ.as_deref() == Some("at+jwt") && token.claims.exp > now)
            .then_some(token.claims)
    }

    /// The public key as a JSON Web Key Set.
    pub(super) fn jwks(&self) -> Value {
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": self.x, "kid": self.id, "use": "sig", "alg": "EdDSA" }] })
    }
}
