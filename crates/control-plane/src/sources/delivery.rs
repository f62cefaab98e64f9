//! The check of a webhook call. [`VerifiedDelivery`] has no other constructor: unverified bytes go no further.

use domain::connection::ConnectionKind;
use domain::error::{FieldProblem, ValidationErrors};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::Error;

/// What the caller showed.
#[derive(Clone)]
pub enum Credential {
    /// `X-Hub-Signature-256` of GitHub: HMAC-SHA256 over the raw body.
    GitHubSignature(String),
    /// HTTP basic authentication; only the password counts.
    Basic { user: String, password: String },
    /// A secret in a header of its own.
    Header(String),
    /// Nothing.
    None,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// A webhook call as it came in, unchecked.
#[derive(Debug, Clone)]
pub struct RawDelivery {
    /// Slug of the connection, from the URL: never a field of the body chooses the secret.
    pub connection: String,
    pub kind: ConnectionKind,
    /// `X-GitHub-Event`; empty for Azure DevOps, whose body says it.
    pub event: String,
    /// `X-GitHub-Delivery`; empty for Azure DevOps, whose body says it.
    pub key: String,
    pub credential: Credential,
    pub body: Vec<u8>,
}

/// A webhook call whose sender knows the connection's secret.
#[derive(Debug)]
pub(crate) struct VerifiedDelivery {
    kind: ConnectionKind,
    event: String,
    key: String,
    body: Vec<u8>,
    body_sha256: String,
}

impl VerifiedDelivery {
    /// Compares in constant time. `None` when the credential is wrong, missing or of the wrong kind.
    pub(crate) fn check(raw: RawDelivery, secret: &SecretString) -> Option<Self> {
        let secret = secret.expose_secret().as_bytes();
        let right = !secret.is_empty()
            && match (&raw.kind, &raw.credential) {
                (ConnectionKind::GitHub, Credential::GitHubSignature(signature)) => {
                    signed(signature, secret, &raw.body)
                }
                (ConnectionKind::AzureDevOps, Credential::Basic { password, .. }) => {
                    same(password.as_bytes(), secret)
                }
                (ConnectionKind::AzureDevOps, Credential::Header(value)) => {
                    same(value.as_bytes(), secret)
                }
                _ => false,
            };
        right.then(|| Self {
            body_sha256: hex::encode(Sha256::digest(&raw.body)),
            kind: raw.kind,
            event: domain::text::cut(&domain::text::visible(&raw.event), 60),
            key: raw.key,
            body: raw.body,
        })
    }

    pub(crate) fn event(&self) -> &str {
        if self.event.is_empty() {
            "service_hook"
        } else {
            &self.event
        }
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn body_sha256(&self) -> &str {
        &self.body_sha256
    }

    /// The host's own id of the delivery. Azure DevOps says it in the body; a body without one is named by its hash.
    pub(crate) fn key(&self) -> Result<String, Error> {
        let key = match self.kind {
            ConnectionKind::GitHub => self.key.clone(),
            ConnectionKind::AzureDevOps => {
                super::event::azure_key(&self.body).unwrap_or_else(|| self.body_sha256.clone())
            }
        };
        let plain =
            !key.is_empty() && key.len() <= 200 && key.bytes().all(|b| b.is_ascii_graphic());
        if plain {
            Ok(key)
        } else {
            Err(ValidationErrors::one("X-GitHub-Delivery", FieldProblem::Required).into())
        }
    }
}

/// `sha256=<64 hex digits>` over the raw bytes.
fn signed(signature: &str, secret: &[u8], body: &[u8]) -> bool {
    let Some(given) = signature
        .strip_prefix("sha256=")
        .filter(|hex| hex.len() == 64)
        .and_then(|text| hex::decode(text).ok())
    else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&given).is_ok()
}

/// Equal, in time that depends on neither.
fn same(given: &[u8], secret: &[u8]) -> bool {
    Sha256::digest(given)
        .as_slice()
        .ct_eq(Sha256::digest(secret).as_slice())
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(signature: &str, body: &[u8]) -> RawDelivery {
        RawDelivery {
            connection: "acme".into(),
            kind: ConnectionKind::GitHub,
            event: "push".into(),
            key: "k".into(),
            credential: Credential::GitHubSignature(signature.into()),
            body: body.to_vec(),
        }
    }

    const RIGHT: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn the_published_example_of_the_host_verifies() {
        let secret = SecretString::from("It's a Secret to Everybody");
        assert!(
            VerifiedDelivery::check(call(&format!("sha256={RIGHT}"), b"Hello, World!"), &secret)
                .is_some()
        );
    }

    #[test]
    fn every_flipped_bit_and_every_other_form_is_refused() {
        let secret = SecretString::from("It's a Secret to Everybody");
        let bytes = hex::decode(RIGHT).unwrap();
        for bit in 0..256 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let text = format!("sha256={}", hex::encode(flipped));
            assert!(
                VerifiedDelivery::check(call(&text, b"Hello, World!"), &secret).is_none(),
                "bit {bit}"
            );
        }
        for bad in [
            "",
            "sha256=",
            RIGHT,
            "SHA256=757107",
            "sha1=0123456789012345678901234567890123456789",
            "sha256=757107",
        ] {
            assert!(
                VerifiedDelivery::check(call(bad, b"Hello, World!"), &secret).is_none(),
                "{bad}"
            );
        }
        assert!(
            VerifiedDelivery::check(call(&format!("sha256={RIGHT}"), b"Hello, World? "), &secret)
                .is_none()
        );
        assert!(
            VerifiedDelivery::check(
                call(&format!("sha256={RIGHT}"), b"Hello, World!"),
                &SecretString::from("")
            )
            .is_none()
        );
    }
}
