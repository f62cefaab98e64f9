//! Proofs of possession (DPoP, RFC 9449): with each call the caller signs which call it is, by a key of its own. A token that
//! was asked for with such a proof is bound to the key (`cnf.jkt`), and is nothing without it.

use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::identities::Proof;
use domain::identity::{ASSERTION_SECONDS, SKEW_SECONDS};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::jws;

/// The header of a call that carries the proof.
pub(super) const HEADER: &str = "dpop";
/// The scheme of `Authorization` for a bound token, and its `token_type`.
pub(super) const SCHEME: &str = "DPoP";
/// The algorithms of proofs.
pub(super) const SIGNED_WITH: [&str; 3] = ["EdDSA", "Ed25519", "ES256"];

/// Longest proof that is looked at.
const MAX_BYTES: usize = 4_096;
const NAME_MAX: usize = 200;

/// Which call a proof must be of.
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    /// Our own address of what is called, without a query.
    pub(super) address: &'a str,
    /// The access token beside it; none at the token endpoint.
    pub(super) token: Option<&'a str>,
    /// Unix seconds.
    pub(super) now: i64,
}

/// What a proof says (RFC 9449, 4.2).
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

/// The one proof of a call.
///
/// # Errors
/// When there are several, or it is no text.
pub(super) fn sent(headers: &HeaderMap) -> Result<Option<&str>, ()> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(());
    }
    first.to_str().map(Some).map_err(|_| ())
}

/// The proof, if the holder of the key in it signed it for this call and for now (RFC 9449, 4.3). That it is used once is
/// for [`control_plane::identities::use_proof`].
pub(super) fn verify(text: &str, call: &Call<'_>) -> Option<Proof> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let header = jws::header(text)?;
    if header.typ.as_deref() != Some("dpop+jwt") || !SIGNED_WITH.contains(&header.alg.as_str()) {
        return None;
    }
    let jwk = header.jwk?;
    // Whoever sends the private half has lost the key.
    if jwk.get("d").is_some() {
        return None;
    }
    let key: Jwk = serde_json::from_value(jwk).ok()?;
    let claims = jws::payload(text, &header.alg, &key)?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let here = claims.htm == call.method.as_str() && same_place(&claims.htu, call.address);
    let age = call.now.checked_sub(claims.iat)?;
    let fresh = (-SKEW_SECONDS..=ASSERTION_SECONDS).contains(&age);
    let named = !claims.jti.is_empty() && claims.jti.len() <= NAME_MAX;
    let beside = match call.token {
        Some(token) => claims.ath.is_some_and(|ath| ath == hash(token)),
        None => true,
    };
    (here && fresh && named && beside).then(|| Proof {
        thumbprint: key.thumbprint(ThumbprintHash::SHA256),
        jti: claims.jti,
        until: claims.iat + ASSERTION_SECONDS + 1,
    })
}

/// Are the two the same address, apart from query and fragment?
fn same_place(said: &str, ours: &str) -> bool {
    let bare = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    bare(said).is_some_and(|said| Some(said) == bare(ours))
}

/// How a proof names the token beside it.
fn hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
