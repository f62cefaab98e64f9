//! The keys that a provider signs with. They are remembered for an hour; a token with a key that is not among them has them
//! fetched anew, once a minute at the most, so that nobody makes us ask without end.

use std::time::{Duration, Instant};

use control_plane::ports::sign_in::SignInError;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::fetch::Fetch;
use super::token::Wanted;
use super::untrusted;

const FOR: Duration = Duration::from_secs(3_600);
const AGAIN_AFTER: Duration = Duration::from_secs(60);
/// Most keys of one provider.
const MOST: usize = 100;

/// The keys as they were last heard.
#[derive(Default)]
pub(super) struct Keys {
    heard: Option<(Instant, Vec<Jwk>)>,
    /// When an unknown key had them fetched.
    missed: Option<Instant>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// The key that a token names.
    pub(super) async fn find(
        &mut self,
        fetch: &Fetch,
        address: &str,
        wanted: &Wanted,
    ) -> Result<DecodingKey, SignInError> {
        let known = self.heard.take().filter(|(at, _)| at.elapsed() < FOR);
        let fresh = known.is_none();
        self.heard = match known {
            Some(known) => Some(known),
            None => Some((Instant::now(), fetch_all(fetch, address).await?)),
        };
        if let Some(key) = self.among(wanted) {
            return usable(key);
        }
        let lately = self.missed.is_some_and(|at| at.elapsed() < AGAIN_AFTER);
        if fresh || lately {
            return Err(untrusted("no key of the provider fits the token"));
        }
        self.missed = Some(Instant::now());
        self.heard = Some((Instant::now(), fetch_all(fetch, address).await?));
        let found = self.among(wanted);
        usable(found.ok_or_else(|| untrusted("no key of the provider fits the token"))?)
    }

    /// The one key that fits. A token without a key's name is for a provider with one key alone.
    fn among(&self, wanted: &Wanted) -> Option<&Jwk> {
        let (_, keys) = self.heard.as_ref()?;
        let mut fitting = keys.iter().filter(|key| fits(key, wanted));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }
}

fn usable(key: &Jwk) -> Result<DecodingKey, SignInError> {
    DecodingKey::from_jwk(key).map_err(|_| untrusted("a key of the provider cannot be used"))
}

/// The kind of the key must be that of the algorithm: a key is never used as something else.
fn fits(key: &Jwk, wanted: &Wanted) -> bool {
    let kind = match (&key.algorithm, wanted.algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(at), Algorithm::ES256) => {
            at.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::OctetKeyPair(at), Algorithm::EdDSA) => {
            at.curve == EllipticCurve::Ed25519
        }
        _ => false,
    };
    let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    let alike = key
        .common
        .key_algorithm
        .is_none_or(|named| named.to_string() == wanted.name);
    let named = match &wanted.key {
        Some(name) => key.common.key_id.as_ref() == Some(name),
        None => true,
    };
    kind && signs && alike && named
}

async fn fetch_all(fetch: &Fetch, address: &str) -> Result<Vec<Jwk>, SignInError> {
    let body = fetch.get(address, None).await?;
    let set: Set = serde_json::from_slice(&body)
        .map_err(|_| untrusted("the provider's keys cannot be read"))?;
    if set.keys.len() > MOST {
        return Err(untrusted(format!(
            "the provider has {} keys; at most {MOST} are read",
            set.keys.len()
        )));
    }
    // Keys of kinds that we do not know are for others.
    let known = set.keys.into_iter();
    Ok(known
        .filter_map(|key| serde_json::from_value(key).ok())
        .collect())
}
