//! Client assertions: the JWT with which an agent proves that it holds its key. One algorithm, one audience, one minute,
//! one use. The key comes from our own table and never from the token: `jku`, `jwk`, `x5u` and `kid` are not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::{ASSERTION_SECONDS, SKEW_SECONDS};
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;

use super::jws;
use super::metadata::SIGNED_WITH;

/// Longest assertion that is looked at.
const MAX_BYTES: usize = 4_096;
const CLIENT_MAX: usize = 200;

/// What was signed. The audience must be one string: a list may hold somebody else, who could then use the token on us.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    sub: String,
    aud: String,
    /// When it ends, Unix seconds.
    pub(crate) exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
    /// Its name, for using it once.
    pub(crate) jti: String,
}

/// Who the token says that it is from, to find the key. Believed only after [`verify`].
pub(crate) fn claimed_client(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    if text.len() > MAX_BYTES {
        return None;
    }
    let payload = text.split('.').nth(1)?;
    let subject: Subject = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let plain =
        subject.sub.len() <= CLIENT_MAX && subject.sub.bytes().all(|b| b.is_ascii_graphic());
    (plain && !subject.sub.is_empty()).then_some(subject.sub)
}

/// The claims, if the holder of the key signed them for us and for now.
pub(crate) fn verify(
    text: &str,
    jwk: &str,
    client_id: &str,
    issuer: &str,
    now: i64,
) -> Option<Claims> {
    let claims = signed(text, jwk)?;
    let ours = claims.iss == client_id && claims.sub == client_id && claims.aud == issuer;
    let alive = claims.exp > now && claims.exp <= now + ASSERTION_SECONDS + SKEW_SECONDS;
    let begun = claims.nbf.is_none_or(|nbf| nbf <= now + SKEW_SECONDS)
        && claims.iat.is_none_or(|iat| {
            iat <= now + SKEW_SECONDS && claims.exp.saturating_sub(iat) <= ASSERTION_SECONDS
        });
    let named = !claims.jti.is_empty() && claims.jti.len() <= CLIENT_MAX;
    (ours && alive && begun && named).then_some(claims)
}

/// The claims, if the holder of the key signed them. The header says how, and nothing else of it is believed.
fn signed(text: &str, jwk: &str) -> Option<Claims> {
    let header = jws::header(text)?;
    if !SIGNED_WITH.contains(&header.alg.as_str()) {
        return None;
    }
    let key: Jwk = serde_json::from_str(jwk).ok()?;
    serde_json::from_slice(&jws::payload(text, &header.alg, &key)?).ok()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::EncodePrivateKey as _;
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://clearance.example.com";
    const NOW: i64 = 1_780_000_000;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn jwk() -> String {
        let x = URL_SAFE_NO_PAD.encode(key(1).verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string()
    }

    fn sign(seed: u8, header: &Header, claims: &Value) -> String {
        let der = key(seed).to_pkcs8_der().unwrap();
        encode(header, claims, &EncodingKey::from_ed_der(der.as_bytes())).unwrap()
    }

    fn good() -> Value {
        json!({ "iss": "agent-1", "sub": "agent-1", "aud": ISSUER, "exp": NOW + 30, "jti": "a" })
    }

    fn with(field: &str, value: Value) -> String {
        let mut claims = good();
        claims[field] = value;
        sign(1, &Header::new(Algorithm::EdDSA), &claims)
    }

    fn accepted(text: &str) -> bool {
        claimed_client(text)
            .is_some_and(|client| verify(text, &jwk(), &client, ISSUER, NOW).is_some())
    }

    #[test]
    fn a_good_assertion_is_accepted() {
        assert!(accepted(&with("jti", json!("b"))));
    }

    #[test]
    fn each_wrong_claim_is_refused() {
        assert!(!accepted(&with(
            "aud",
            json!([ISSUER, "https://other.example"])
        )));
        assert!(!accepted(&with("aud", json!([ISSUER]))));
        assert!(!accepted(&with(
            "aud",
            json!(format!("{ISSUER}/oauth/token"))
        )));
        assert!(!accepted(&with("iss", json!("agent-2"))));
        assert!(!accepted(&with("exp", json!(NOW - 60))));
        assert!(!accepted(&with("exp", json!(NOW + 300))));
        assert!(!accepted(&with("nbf", json!(NOW + 300))));
        assert!(!accepted(&with("iat", json!(NOW + 300))));
        assert!(!accepted(&with("jti", json!(""))));
        assert!(!accepted(&with("jti", Value::Null)));
        assert!(!accepted(&with("sub", json!("../../etc/passwd\n"))));
    }

    #[test]
    fn another_key_is_refused() {
        assert!(!accepted(&sign(2, &Header::new(Algorithm::EdDSA), &good())));
    }

    #[test]
    fn a_key_in_the_header_is_not_believed() {
        let mut header = Header::new(Algorithm::EdDSA);
        header.jku = Some("https://evil.example/jwks".to_owned());
        header.kid = Some("../../keys/token-signing.pem".to_owned());
        assert!(!accepted(&sign(2, &header, &good())));
        assert!(accepted(&sign(1, &header, &good())));
    }

    #[test]
    fn other_algorithms_are_refused() {
        let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        assert!(!accepted(&format!(
            "{}.{}.",
            encoded(json!({ "alg": "none" })),
            encoded(good())
        )));
        let public = key(1).verifying_key();
        let hmac = encode(
            &Header::new(Algorithm::HS256),
            &good(),
            &EncodingKey::from_secret(public.as_bytes()),
        )
        .unwrap();
        assert!(!accepted(&hmac));
    }

    #[test]
    fn an_oversized_assertion_is_not_read() {
        assert!(!accepted(&with("jti", json!("a".repeat(8_000)))));
    }
}
