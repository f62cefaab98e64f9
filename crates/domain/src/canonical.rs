//! Canonical bytes and their digests: RFC 8785 JSON, SHA-256.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Canonical JSON of a value (RFC 8785). The same value gives the same bytes on every machine.
///
/// # Errors
/// When the value has a map key that is not a string, or a number that JSON cannot hold.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json_canonicalizer::to_string(value)
}

/// `sha256:<64 hex digits>` of bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let hash = Sha256::digest(bytes);
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in hash {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Digest of a value's canonical JSON.
///
/// # Errors
/// As [`to_json`].
pub fn digest_of<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(digest(to_json(value)?.as_bytes()))
}
