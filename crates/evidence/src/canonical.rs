//! One spelling for every value (RFC 8785), and its SHA-256.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A value that JSON cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("this cannot be written as JSON")]
pub struct CanonicalError(#[source] serde_json::Error);

/// Canonical JSON of a value.
///
/// # Errors
/// [`CanonicalError`] for keys that are no texts and numbers that JSON cannot hold.
pub fn to_canonical<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    serde_json_canonicalizer::to_string(value).map_err(CanonicalError)
}

/// The value as JSON, for a predicate.
pub(crate) fn to_value<T: Serialize>(value: &T) -> Result<Value, CanonicalError> {
    serde_json::to_value(value).map_err(CanonicalError)
}

/// SHA-256 as 64 lower-case hex digits.
#[must_use]
pub fn digest_of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
