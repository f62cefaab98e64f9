//! The log's key pair: Ed25519 (signature type 0x01 of the signed-note format).
//!
//! Making randomness is the caller's business, and so is keeping the private key in a file of its own, away from the
//! database.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{Signature, SignatureError, Signer as _, SigningKey, VerifyingKey};

use super::is_valid_origin;

/// Signature type of a log's own key.
const ED25519: u8 = 1;

/// Why a key cannot be used. Never carries key material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name breaks the rules for origins.
    #[error("a key name has 1 to 255 bytes and no spaces, control characters or plus signs")]
    Name,
    /// Not a PKCS #8 PEM file with an Ed25519 private key.
    #[error("not an Ed25519 private key in PKCS #8 PEM form")]
    Pem,
    /// Not a verifier key.
    #[error("not an Ed25519 verifier key of the form name+hash+base64")]
    VerifierKey,
    /// A public key that accepts signatures of nobody in particular.
    #[error("the public key is weak: it accepts signatures that nobody made")]
    Weak,
}

/// The private key that signs the checkpoints of one log. `Debug` shows the name only.
#[derive(Clone)]
pub struct CheckpointKey {
    name: String,
    key: SigningKey,
}

impl CheckpointKey {
    /// A key from 32 bytes of a cryptographic random generator. `name` is the origin of the log.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Self::checked(name, SigningKey::from_bytes(seed))
    }

    /// Reads a private key as [`CheckpointKey::to_pkcs8_pem`] writes it, or as `openssl genpkey -algorithm ed25519` does.
    ///
    /// # Errors
    /// [`KeyError::Name`] or [`KeyError::Pem`].
    pub fn from_pkcs8_pem(name: &str, pem: &str) -> Result<Self, KeyError> {
        let key = SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| KeyError::Pem)?;
        Self::checked(name, key)
    }

    fn checked(name: &str, key: SigningKey) -> Result<Self, KeyError> {
        if !is_valid_origin(name) {
            return Err(KeyError::Name);
        }
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// The private key as PKCS #8 version 1 PEM, which every version of OpenSSL reads. The name is not part of it.
    ///
    /// # Errors
    /// [`KeyError::Pem`] if the encoder fails, which a well-formed key does not cause.
    pub fn to_pkcs8_pem(&self) -> Result<String, KeyError> {
        let pair = KeypairBytes {
            secret_key: self.key.to_bytes(),
            public_key: None,
        };
        let pem = pair
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| KeyError::Pem)?;
        Ok(pem.as_str().to_owned())
    }

    /// The name of the key, equal to the origin of its log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn public(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    /// For this crate alone: whoever signs says by the form of the bytes what they are.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).to_bytes().to_vec()
    }

    /// The public half, to give to whoever verifies.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl signed_note::Signer for CheckpointKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        signed_note::Verifier::key_id(&self.verifier_key())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.key.try_sign(message)?.to_bytes().to_vec())
    }
}

/// The public key of a log, written as `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The name of the key, equal to the origin of its log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `name+hash`: tells keys apart in a few letters, as envelopes name the key that signed them.
    #[must_use]
    pub fn id(&self) -> String {
        let id = signed_note::Verifier::key_id(self);
        format!("{}+{id:08x}", self.name)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    /// Reads the one canonical spelling; surrounding white space is the caller's to remove.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, key) = decode(text, ED25519)?;
        Ok(Self { name, key })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.name, &self.key, ED25519))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl signed_note::Verifier for VerifierKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        key_id(&self.name, &self.key, ED25519)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        holds(&self.key, message, signature)
    }
}

/// The bytes that a verifier key of one signature type carries.
fn material(key: &VerifyingKey, kind: u8) -> [u8; 33] {
    let mut bytes = [kind; 33];
    bytes[1..].copy_from_slice(key.as_bytes());
    bytes
}

/// The key id of the signed-note format.
pub(crate) fn key_id(name: &str, key: &VerifyingKey, kind: u8) -> u32 {
    signed_note::key_id(name, &material(key, kind))
}

/// The text of a verifier key: `name+hash+base64`.
pub(crate) fn encode(name: &str, key: &VerifyingKey, kind: u8) -> String {
    let id = key_id(name, key, kind);
    format!("{name}+{id:08x}+{}", STANDARD.encode(material(key, kind)))
}

/// Name and key of a verifier key of one signature type, in the one spelling that [`encode`] gives.
pub(crate) fn decode(text: &str, kind: u8) -> Result<(String, VerifyingKey), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(_), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::VerifierKey);
    };
    if !is_valid_origin(name) {
        return Err(KeyError::Name);
    }
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|_| KeyError::VerifierKey)?;
    let (Some(found), Some(key)) = (
        bytes.first(),
        bytes.get(1..).and_then(|key| key.try_into().ok()),
    ) else {
        return Err(KeyError::VerifierKey);
    };
    if *found != kind {
        return Err(KeyError::VerifierKey);
    }
    let key = VerifyingKey::from_bytes(key).map_err(|_| KeyError::VerifierKey)?;
    if key.is_weak() {
        return Err(KeyError::Weak);
    }
    // Also checks the hash in the middle.
    if encode(name, &key, kind) != text {
        return Err(KeyError::VerifierKey);
    }
    Ok((name.to_owned(), key))
}

/// Strict verification: one message and key have one set of acceptable signatures in every implementation.
pub(crate) fn holds(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
}
