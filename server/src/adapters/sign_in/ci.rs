//! Issuers of a CI's tokens: GitHub Actions, Azure DevOps, and those of the configuration. Their tokens are checked by the
//! code that checks what sign-in providers sign: one path, one list of algorithms, one client.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use control_plane::ports::ci::{CiIssuers, CiToken};
use control_plane::ports::sign_in::SignInError;
use domain::service_account::{AZURE, AZURE_AUDIENCE, is_well_known};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use super::fetch::Fetch;
use super::{Known, token, unavailable, untrusted};
use crate::config::CiSettings;

/// Most issuers whose keys are remembered.
const MOST: usize = 200;
/// Most claims of a token that are looked at.
const CLAIMS_MAX: usize = 100;
/// Longest value that is compared, bytes.
const VALUE_MAX: usize = 1_000;
/// Longest name of a token, bytes.
const ID_MAX: usize = 300;

/// Every issuer.
pub(crate) struct Issuers {
    settings: CiSettings,
    /// What tokens must be for, unless the issuer gives one audience alone.
    audience: String,
    known: std::sync::Mutex<BTreeMap<String, Arc<Mutex<Known>>>>,
}

impl std::fmt::Debug for Issuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuers").finish_non_exhaustive()
    }
}

impl Issuers {
    pub(crate) fn new(settings: &CiSettings, audience: &str) -> Self {
        Self {
            settings: settings.clone(),
            audience: audience.to_owned(),
            known: std::sync::Mutex::default(),
        }
    }

    /// What is remembered of an issuer.
    fn of(&self, issuer: &str) -> Result<Arc<Mutex<Known>>, SignInError> {
        let mut known = self
            .known
            .lock()
            .map_err(|_| unavailable("what is known of issuers was lost"))?;
        if known.len() >= MOST && !known.contains_key(issuer) {
            known.clear();
        }
        Ok(Arc::clone(known.entry(issuer.to_owned()).or_default()))
    }
}

#[async_trait]
impl CiIssuers for Issuers {
    fn configured(&self) -> Vec<String> {
        let all = self.settings.issuers.iter();
        all.map(|one| one.issuer.clone()).collect()
    }

    fn audience(&self, issuer: &str) -> Option<String> {
        let mut all = self.settings.issuers.iter();
        if let Some(named) = all.find(|one| one.issuer == issuer) {
            return Some(
                named
                    .audience
                    .clone()
                    .unwrap_or_else(|| self.audience.clone()),
            );
        }
        let own = issuer.starts_with(AZURE).then(|| AZURE_AUDIENCE.to_owned());
        is_well_known(issuer).then(|| own.unwrap_or_else(|| self.audience.clone()))
    }

    fn claimed(&self, text: &str) -> Option<String> {
        token::claimed_issuer(text)
    }

    async fn check(
        &self,
        issuer: &str,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<CiToken, SignInError> {
        let audience = self.audience(issuer);
        let audience = audience.ok_or_else(|| untrusted("no such issuer is known"))?;
        let wanted = token::header(text)?;
        let fetch = Fetch::new(issuer, self.settings.private_hosts.clone());
        let known = self.of(issuer)?;
        let mut known = known.lock().await;
        let Known { metadata, keys } = &mut *known;
        let metadata = metadata.keys_of(&fetch, issuer).await?;
        let key = keys.find(&fetch, &metadata.jwks_uri, &wanted).await?;
        let claims = token::verify_for(text, &key, &wanted, issuer, &[audience], now)?;
        told(text, issuer, &claims)
    }
}

/// What a checked token says.
fn told(text: &str, issuer: &str, claims: &Value) -> Result<CiToken, SignInError> {
    let all = claims.as_object();
    let all = all.ok_or_else(|| untrusted("the claims are no object"))?;
    if all.len() > CLAIMS_MAX {
        return Err(untrusted("the token has too many claims"));
    }
    let ends = claims.get("exp").and_then(Value::as_i64);
    let ends = ends.and_then(|at| DateTime::from_timestamp(at, 0));
    let expires_at = ends.ok_or_else(|| untrusted("the token has no end"))?;
    let id = match claims.get("jti") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= ID_MAX => format!("jti {id}"),
        None => signed_part(text),
        Some(_) => return Err(untrusted("the token's name cannot be kept")),
    };
    let flat = all.iter().filter_map(|(name, value)| {
        let value = flat(value)?;
        (value.len() <= VALUE_MAX).then(|| (name.clone(), value))
    });
    Ok(CiToken {
        issuer: issuer.to_owned(),
        claims: flat.collect(),
        id,
        expires_at,
    })
}

/// A name for a token without one: what was signed. The signature is no part of it, because there may be several of one text.
fn signed_part(text: &str) -> String {
    let signed = text.rsplit_once('.').map_or(text, |(signed, _)| signed);
    format!("hash {}", URL_SAFE_NO_PAD.encode(Sha256::digest(signed)))
}

/// One value as it is compared. Lists and objects are compared with nothing.
fn flat(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
