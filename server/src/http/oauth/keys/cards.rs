//! The keys that sign agents' A2A cards. They follow the schedule of the token keys and are no token keys: a card's text comes from a
//! repository, and signed by a token key a card that looks like a token's claims would be one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::agent_card::{signed_bytes, with_signature};
use domain::signing_key::signing;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::{KeyRing, public, seed, set};

/// Keeps these keys apart from whatever else is derived from the same root.
const PURPOSE: &[u8] = b"clearance agent card key\0";

/// One key.
pub(super) struct CardKey {
    number: i64,
    id: String,
    /// The public half, base64url.
    x: String,
    key: SigningKey,
}

impl CardKey {
    /// The key of a number.
    pub(super) fn derive(root: &SigningKey, number: i64) -> Self {
        let key = SigningKey::from_bytes(&seed(root, PURPOSE, number));
        let (x, name) = public(&key);
        Self {
            number,
            x,
            id: format!("card-{number}-{name}"),
            key,
        }
    }
}

impl KeyRing {
    /// The card with our signature beside those that it has; `jku` is where its key is published. None for what is no card.
    pub(in crate::http) fn sign_card(
        &self,
        card: &str,
        jku: &str,
        now: DateTime<Utc>,
    ) -> Option<Value> {
        let number = signing(&self.schedule, now)?;
        let key = self.cards.iter().find(|key| key.number == number)?;
        let header = json!({ "alg": "EdDSA", "typ": "JOSE", "kid": key.id, "jku": jku });
        let protected = URL_SAFE_NO_PAD.encode(header.to_string());
        let payload = URL_SAFE_NO_PAD.encode(signed_bytes(card).ok()?);
        let signature = key.key.sign(format!("{protected}.{payload}").as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        with_signature(card, (&protected, &signature)).ok()
    }

    /// The public keys as a JSON Web Key Set, each as long as the token key of its number.
    pub(in crate::http) fn card_jwks(&self, now: DateTime<Utc>) -> Value {
        let good: Vec<i64> = self.good(now).map(|key| key.number).collect();
        let keys = self.cards.iter().filter(|key| good.contains(&key.number));
        set(keys.map(|key| (key.x.as_str(), key.id.as_str())))
    }
}
