//! Dead Simple Signing Envelopes, with one signature and one spelling.
//!
//! The format allows several signatures, unknown fields and two base64 alphabets. A bundle allows none of that: what is
//! not exactly what [`Envelope::line`] writes is refused, so that no byte of it can change unnoticed.

use audit_log::{CheckpointKey, VerifierKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::canonical::to_canonical;

/// Payload type of in-toto statements.
pub const IN_TOTO_PAYLOAD: &str = "application/vnd.in-toto+json";
/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// Why bytes are no envelope of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or not the fields of an envelope.
    #[error("it is no DSSE envelope")]
    Malformed,
    /// Not the payload type of in-toto statements.
    #[error("its payload is no in-toto statement")]
    PayloadType,
    /// Payload or signature is not strict base64 (standard alphabet, padding, no spare bits).
    #[error("payload or signature is not strict base64")]
    Base64,
    /// None or several signatures, or one of another length.
    #[error("it does not have exactly one Ed25519 signature")]
    Signatures,
    /// The same content in another spelling.
    #[error("it is not spelled as Clearance writes it")]
    Spelling,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload: String,
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WireSignature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// A signed payload. The signature is not checked by reading it: see [`Envelope::is_signed_by`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    key_id: String,
    signature: Vec<u8>,
}

impl Envelope {
    /// Signs a statement's bytes.
    #[must_use]
    pub fn sign(key: &CheckpointKey, payload: Vec<u8>) -> Self {
        Self {
            signature: key.sign_payload(IN_TOTO_PAYLOAD, &payload),
            key_id: key.verifier_key().id(),
            payload,
        }
    }

    /// The signed bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Which key signed, as the envelope says it. A hint, and not signed.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Did the holder of this key sign the payload, and does the envelope name this key?
    #[must_use]
    pub fn is_signed_by(&self, key: &VerifierKey) -> bool {
        self.key_id == key.id() && self.holds(key)
    }

    fn holds(&self, key: &VerifierKey) -> bool {
        key.verifies_payload(IN_TOTO_PAYLOAD, &self.payload, &self.signature)
    }

    /// The one spelling: canonical JSON, one line, without the line's end.
    #[must_use]
    pub fn line(&self) -> String {
        let wire = Wire {
            payload: STANDARD.encode(&self.payload),
            payload_type: IN_TOTO_PAYLOAD.to_owned(),
            signatures: vec![WireSignature {
                keyid: self.key_id.clone(),
                sig: STANDARD.encode(&self.signature),
            }],
        };
        // Three texts: nothing that JSON could not hold.
        to_canonical(&wire).unwrap_or_default()
    }

    /// Reads a line of a bundle, in the one spelling.
    ///
    /// # Errors
    /// [`EnvelopeError`] says what it breaks.
    pub fn parse_line(line: &[u8]) -> Result<Self, EnvelopeError> {
        let wire = read(line)?;
        let [one] = wire.signatures.as_slice() else {
            return Err(EnvelopeError::Signatures);
        };
        let envelope = Self {
            payload: payload(&wire)?,
            key_id: one.keyid.clone(),
            signature: signature(one)?,
        };
        if envelope.line().as_bytes() == line {
            Ok(envelope)
        } else {
            Err(EnvelopeError::Spelling)
        }
    }

    /// Reads an envelope that somebody else wrote, however it is spelled, and keeps the signature that one of the keys made.
    /// `None` if none did. The key's position comes with it.
    ///
    /// # Errors
    /// [`EnvelopeError`] for what is no envelope of an in-toto statement.
    pub fn parse_foreign(
        bytes: &[u8],
        keys: &[VerifierKey],
    ) -> Result<Option<(Self, usize)>, EnvelopeError> {
        let wire = read(bytes)?;
        let payload = payload(&wire)?;
        if wire.signatures.is_empty() || wire.signatures.len() > 8 {
            return Err(EnvelopeError::Signatures);
        }
        for one in &wire.signatures {
            let signature = signature(one)?;
            for (position, key) in keys.iter().enumerate() {
                let envelope = Self {
                    payload: payload.clone(),
                    key_id: key.id(),
                    signature: signature.clone(),
                };
                if envelope.holds(key) {
                    return Ok(Some((envelope, position)));
                }
            }
        }
        Ok(None)
    }
}

fn read(bytes: &[u8]) -> Result<Wire, EnvelopeError> {
    let wire: Wire = serde_json::from_slice(bytes).map_err(|_| EnvelopeError::Malformed)?;
    if wire.payload_type == IN_TOTO_PAYLOAD {
        Ok(wire)
    } else {
        Err(EnvelopeError::PayloadType)
    }
}

fn payload(wire: &Wire) -> Result<Vec<u8>, EnvelopeError> {
    STANDARD
        .decode(&wire.payload)
        .map_err(|_| EnvelopeError::Base64)
}

fn signature(one: &WireSignature) -> Result<Vec<u8>, EnvelopeError> {
    let bytes = STANDARD
        .decode(&one.sig)
        .map_err(|_| EnvelopeError::Base64)?;
    if bytes.len() == SIGNATURE_BYTES {
        Ok(bytes)
    } else {
        Err(EnvelopeError::Signatures)
    }
}
