//! Signatures over DSSE payloads by the log's key.
//!
//! The pre-authentication encoding begins with `DSSEv1 `, a word and a space. No checkpoint and no statement about a digest
//! begins like that, because the origin in their first line has no space: a signature made for one is never one for another.

use crate::checkpoint::{CheckpointKey, VerifierKey};

/// The bytes that a DSSE signature covers: the pre-authentication encoding of `DSSEv1`
/// (<https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md>).
#[must_use]
fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl CheckpointKey {
    /// Signs a payload of a type. 64 bytes, the same for the same payload (Ed25519 takes no randomness).
    #[must_use]
    pub fn sign_payload(&self, payload_type: &str, payload: &[u8]) -> Vec<u8> {
        self.sign_bytes(&pae(payload_type, payload))
    }
}

impl VerifierKey {
    /// Did the holder of this key sign exactly this payload, as exactly this type?
    #[must_use]
    pub fn verifies_payload(&self, payload_type: &str, payload: &[u8], signature: &[u8]) -> bool {
        signed_note::Verifier::verify(self, &pae(payload_type, payload), signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the protocol's own text.
    #[test]
    fn the_encoding_is_that_of_the_protocol() {
        let bytes = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(
            bytes,
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn a_signature_is_for_one_payload_one_type_and_one_key() {
        let key = CheckpointKey::from_seed("log.example/audit", &[7; 32]).unwrap();
        let other = CheckpointKey::from_seed("log.example/audit", &[8; 32]).unwrap();
        let signature = key.sign_payload("a/b", b"{}");
        let known = key.verifier_key();
        assert!(known.verifies_payload("a/b", b"{}", &signature));
        assert!(!known.verifies_payload("a/c", b"{}", &signature));
        assert!(!known.verifies_payload("a/b", b"{} ", &signature));
        assert!(!known.verifies_payload("a/b", b"{}", &signature[1..]));
        assert!(
            !other
                .verifier_key()
                .verifies_payload("a/b", b"{}", &signature)
        );
    }
}
