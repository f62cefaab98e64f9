//! A witness's key pair: Ed25519, signature type 0x04 of the signed-note format. The same key must not sign anything else.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;
use signed_note::Signature;

use crate::checkpoint::key::{decode, encode, holds, key_id};
use crate::checkpoint::{Checkpoint, CheckpointKey, KeyError};

/// Signature type of an Ed25519 cosignature.
const COSIGNATURE: u8 = 4;
const TIME_BYTES: usize = 8;
/// The largest time that a cosignature may have (C2SP tlog-cosignature).
const TIME_MAX: u64 = (1 << 63) - 1;

/// The private key of one witness. `Debug` shows the name only.
#[derive(Debug, Clone)]
pub struct WitnessKey(CheckpointKey);

impl WitnessKey {
    /// A key from 32 bytes of a cryptographic random generator.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        CheckpointKey::from_seed(name, seed).map(Self)
    }

    /// Reads a private key as [`WitnessKey::to_pkcs8_pem`] writes it.
    ///
    /// # Errors
    /// [`KeyError::Name`] or [`KeyError::Pem`].
    pub fn from_pkcs8_pem(name: &str, pem: &str) -> Result<Self, KeyError> {
        CheckpointKey::from_pkcs8_pem(name, pem).map(Self)
    }

    /// The private key as PKCS #8 PEM. The name is not part of it.
    ///
    /// # Errors
    /// [`KeyError::Pem`] if the encoder fails, which a well-formed key does not cause.
    pub fn to_pkcs8_pem(&self) -> Result<String, KeyError> {
        self.0.to_pkcs8_pem()
    }

    /// The public half, to give to logs and to whoever verifies.
    #[must_use]
    pub fn verifier_key(&self) -> WitnessVerifierKey {
        WitnessVerifierKey {
            name: self.0.name().to_owned(),
            key: self.0.public(),
        }
    }

    /// The signature line of a checkpoint at a time, in seconds since 1970 UTC, with its line feed. Whoever calls this has
    /// checked that the tree grew out of the last one, and has written the new one down: signing is the last step.
    ///
    /// # Errors
    /// [`KeyError::Name`] if the key's name cannot stand in a note.
    pub fn cosign(&self, checkpoint: &Checkpoint, time: u64) -> Result<String, KeyError> {
        let time = time.min(TIME_MAX);
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend(
            self.0
                .sign_bytes(&message(checkpoint.text().as_bytes(), time)),
        );
        let public = self.verifier_key();
        let id = key_id(&public.name, &public.key, COSIGNATURE);
        let signature = Signature::new(public.name, id, bytes).map_err(|_| KeyError::Name)?;
        String::from_utf8(signature.to_bytes()).map_err(|_| KeyError::Name)
    }
}

/// The public key of a witness, written as `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessVerifierKey {
    pub(super) name: String,
    pub(super) key: VerifyingKey,
}

impl WitnessVerifierKey {
    /// The name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `name+hash`: tells keys apart in a few letters.
    #[must_use]
    pub fn id(&self) -> String {
        let id = key_id(&self.name, &self.key, COSIGNATURE);
        format!("{}+{id:08x}", self.name)
    }
}

impl FromStr for WitnessVerifierKey {
    type Err = KeyError;

    /// Reads the one canonical spelling; surrounding white space is the caller's to remove.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, key) = decode(text, COSIGNATURE)?;
        Ok(Self { name, key })
    }
}

impl fmt::Display for WitnessVerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.name, &self.key, COSIGNATURE))
    }
}

impl fmt::Debug for WitnessVerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessVerifierKey({self})")
    }
}

impl signed_note::Verifier for WitnessVerifierKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        key_id(&self.name, &self.key, COSIGNATURE)
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        split(signature)
            .is_some_and(|(time, signature)| holds(&self.key, &message(text, time), signature))
    }
}

/// Time and signature of a `timestamped_signature`.
pub(super) fn split(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = bytes.split_at_checked(TIME_BYTES)?;
    let time = u64::from_be_bytes(time.try_into().ok()?);
    (time <= TIME_MAX).then_some((time, signature))
}

/// What is signed: two lines, and the note's text.
fn message(text: &[u8], time: u64) -> Vec<u8> {
    let mut message = format!("cosignature/v1\ntime {time}\n").into_bytes();
    message.extend_from_slice(text);
    message
}
