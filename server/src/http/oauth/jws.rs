//! Compact JWS (RFC 7515): the header, and whether a key signed it. Only the algorithms below are known, each for its own kind of key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::Value;

/// Ed25519 under its old name and its own (RFC 9864).
pub(super) const ED25519: [&str; 2] = ["EdDSA", "Ed25519"];
/// ECDSA over P-256 (RFC 7518, 3.4).
pub(super) const ES256: &str = "ES256";

/// What is read of a header. Of the key only [`super::dpop`] makes use.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) jwk: Option<Value>,
    /// What must be understood; nothing of it is.
    crit: Option<serde::de::IgnoredAny>,
}

/// The header of a text that may be a JWS; none where it demands to be understood.
pub(super) fn header(text: &str) -> Option<Header> {
    let (first, _) = text.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(first).ok()?).ok()?;
    header.crit.is_none().then_some(header)
}

/// The payload, if this key signed it by this algorithm. Another kind of key is for another algorithm, and is used for none.
pub(super) fn payload(text: &str, alg: &str, key: &Jwk) -> Option<Vec<u8>> {
    let (message, signature) = text.rsplit_once('.')?;
    let (_, payload) = message.split_once('.')?;
    let (key, algorithm) = match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair)
            if ED25519.contains(&alg) && pair.curve == EllipticCurve::Ed25519 =>
        {
            (DecodingKey::from_ed_components(&pair.x), Algorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(point)
            if alg == ES256 && point.curve == EllipticCurve::P256 =>
        {
            (
                DecodingKey::from_ec_components(&point.x, &point.y),
                Algorithm::ES256,
            )
        }
        AlgorithmParameters::OctetKeyPair(_)
        | AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::RSA(_)
        | AlgorithmParameters::OctetKey(_) => return None,
    };
    let holds = crypto::verify(signature, message.as_bytes(), &key.ok()?, algorithm);
    if !holds.unwrap_or(false) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(payload).ok()
}
