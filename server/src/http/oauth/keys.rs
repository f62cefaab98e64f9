//! The keys that sign access tokens. Each is derived from the installation's root and its number, so every replica that has
//! the root has the same keys, and the database says only when each signs.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use control_plane::{ControlPlane, Error, signing_keys};
use domain::signing_key::{SigningKey as Schedule, SigningKeyState, signing, state};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header,
};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::cards::CardKey;
use super::claims::AccessClaims;

mod cards;

/// How old what is known of the database may be. A key is published long before it signs, so nothing hangs on it.
const FRESH: TimeDelta = TimeDelta::seconds(2);
/// Keeps these keys apart from whatever else is derived from the same root.
const PURPOSE: &[u8] = b"clearance access token key\0";
/// Longest token that is looked at.
const MAX_BYTES: usize = 16 * 1_024;

/// The keys of this installation.
pub(crate) struct TokenKeys {
    root: SigningKey,
    known: Mutex<Option<Known>>,
}

struct Known {
    read_at: DateTime<Utc>,
    ring: Arc<KeyRing>,
}

/// The keys as they are at one moment.
pub(crate) struct KeyRing {
    schedule: Vec<Schedule>,
    keys: Vec<Key>,
    cards: Vec<CardKey>,
}

/// One key, in the forms that are needed.
struct Key {
    number: i64,
    id: String,
    /// The public half, base64url.
    x: String,
    encoding: Option<EncodingKey>,
}

impl TokenKeys {
    /// From the key file's key.
    pub(crate) fn new(root: &SigningKey) -> Self {
        Self {
            root: root.clone(),
            known: Mutex::new(None),
        }
    }

    /// The keys as the database has them. One that does not answer leaves those that were known last: nobody signs with
    /// them, because giving a token asks the database too.
    ///
    /// # Errors
    /// When the database did not answer yet.
    pub(in crate::http) async fn ring(&self, cp: &ControlPlane) -> Result<Arc<KeyRing>, Error> {
        let now = cp.clock().now();
        let known = self.known();
        if let Some((read_at, ring)) = &known
            && (TimeDelta::zero()..FRESH).contains(&(now - *read_at))
        {
            return Ok(Arc::clone(ring));
        }
        let schedule = match (signing_keys::current(cp).await, known) {
            (Ok(schedule), _) => schedule,
            (Err(_), Some((_, ring))) => return Ok(ring),
            (Err(error), None) => return Err(error),
        };
        let ring = Arc::new(KeyRing::new(&self.root, schedule));
        let mut kept = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Known {
            read_at: now,
            ring: Arc::clone(&ring),
        });
        Ok(ring)
    }

    fn known(&self) -> Option<(DateTime<Utc>, Arc<KeyRing>)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .as_ref()
            .map(|known| (known.read_at, Arc::clone(&known.ring)))
    }
}

impl KeyRing {
    fn new(root: &SigningKey, mut schedule: Vec<Schedule>) -> Self {
        if schedule.is_empty() {
            // Before the first is noted the root signs.
            schedule.push(Schedule {
                number: 0,
                published_at: DateTime::UNIX_EPOCH,
                signs_from: DateTime::UNIX_EPOCH,
            });
        }
        let keys = schedule.iter().map(|key| Key::derive(root, key.number));
        let cards = schedule.iter().map(|key| CardKey::derive(root, key.number));
        Self {
            keys: keys.collect(),
            cards: cards.collect(),
            schedule,
        }
    }

    /// The signed token.
    pub(in crate::http) fn sign(
        &self,
        claims: &impl Serialize,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let number = signing(&self.schedule, now)?;
        let key = self.keys.iter().find(|key| key.number == number)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.id.clone());
        encode_with(key, &header, claims)
    }

    /// The claims of a token that we signed with a key that is still good, and that has not expired.
    pub(in crate::http) fn verify(
        &self,
        text: &str,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Option<AccessClaims> {
        if text.len() > MAX_BYTES {
            return None;
        }
        // The header's key is a name to look for among ours, and nothing else.
        let kid = decode_header(text).ok()?.kid?;
        let key = self.good(now).find(|key| key.id == kid)?;
        let key = DecodingKey::from_ed_components(&key.x).ok()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[issuer]);
        validation.set_issuer(&[issuer]);
        // The time is checked below, by our own clock.
        validation.validate_exp = false;
        let token = decode::<AccessClaims>(text, &key, &validation).ok()?;
        let typed = token.header.typ.as_deref() == Some("at+jwt");
        (typed && token.claims.lives(now.timestamp())).then_some(token.claims)
    }

    /// The public keys as a JSON Web Key Set: those that will sign, sign, and did while their tokens live.
    pub(super) fn jwks(&self, now: DateTime<Utc>) -> Value {
        set(self.good(now).map(|key| (key.x.as_str(), key.id.as_str())))
    }

    fn good(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Key> {
        self.keys
            .iter()
            .filter(move |key| state(&self.schedule, key.number, now) != SigningKeyState::Retired)
    }
}

fn encode_with(key: &Key, header: &Header, claims: &impl Serialize) -> Option<String> {
    jsonwebtoken::encode(header, claims, key.encoding.as_ref()?)
        .map_err(|error| tracing::error!(%error, "an access token could not be signed"))
        .ok()
}

impl Key {
    /// The key of a number: the root itself for the first, and for each later one what a keyed hash makes of it.
    fn derive(root: &SigningKey, number: i64) -> Self {
        let key = if number == 0 {
            root.clone()
        } else {
            SigningKey::from_bytes(&seed(root, PURPOSE, number))
        };
        let (x, name) = public(&key);
        Self {
            number,
            id: if number == 0 {
                name
            } else {
                format!("{number}-{name}")
            },
            x,
            // Encoding a well-formed key does not fail; if it did, no token would be given.
            encoding: key
                .to_pkcs8_der()
                .ok()
                .map(|der| EncodingKey::from_ed_der(der.as_bytes())),
        }
    }
}

/// A JSON Web Key Set of public halves and names.
fn set<'a>(keys: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let keys = keys.map(|(x, id)| {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": id, "use": "sig", "alg": "EdDSA" })
    });
    json!({ "keys": keys.collect::<Vec<_>>() })
}

/// The public half, base64url, and a name for it.
fn public(key: &SigningKey) -> (String, String) {
    let public = key.verifying_key();
    let name = hex::encode(&Sha256::digest(public.as_bytes())[..8]);
    (URL_SAFE_NO_PAD.encode(public.as_bytes()), name)
}

fn seed(root: &SigningKey, purpose: &[u8], number: i64) -> [u8; 32] {
    // Every length is a key's length, so the fallback is never taken; it would be no key of ours.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(root.as_bytes()) else {
        return [0; 32];
    };
    mac.update(purpose);
    mac.update(&number.to_be_bytes());
    mac.finalize().into_bytes().into()
}
