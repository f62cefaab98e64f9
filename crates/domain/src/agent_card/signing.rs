//! What a signature on a card covers: the card without its signatures and without what is empty, as canonical JSON (RFC 8785), in a JWS
//! with detached payload (RFC 7515, appendix F). Protocol: A2A 1.0, 8.4; what is empty is left out as the protocol's own SDK does.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::canonical;

/// The bytes that are signed.
///
/// # Errors
/// When the text is no JSON.
pub fn signed_bytes(card: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut card: Value = serde_json::from_str(card)?;
    if let Some(fields) = card.as_object_mut() {
        fields.remove("signatures");
    }
    let card = filled(card).unwrap_or_else(|| json!({}));
    canonical::to_json(&card).map(String::into_bytes)
}

/// The card with one more signature: the JWS's header and signature, both base64url.
///
/// # Errors
/// When the text is no JSON object.
pub fn with_signature(
    card: &str,
    (protected, signature): (&str, &str),
) -> Result<Value, serde_json::Error> {
    let mut card: serde_json::Map<String, Value> = serde_json::from_str(card)?;
    let one = json!({ "protected": protected, "signature": signature });
    match card.get_mut("signatures").and_then(Value::as_array_mut) {
        Some(all) => all.push(one),
        None => {
            card.insert("signatures".to_owned(), json!([one]));
        }
    }
    Ok(Value::Object(card))
}

/// The value without empty texts, lists and objects, however deep.
fn filled(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Array(all) => {
            let all: Vec<Value> = all.into_iter().filter_map(filled).collect();
            (!all.is_empty()).then_some(Value::Array(all))
        }
        Value::Object(all) => {
            let all: serde_json::Map<String, Value> = all
                .into_iter()
                .filter_map(|(name, value)| Some((name, filled(value)?)))
                .collect();
            (!all.is_empty()).then_some(Value::Object(all))
        }
        Value::String(_) | Value::Bool(_) | Value::Number(_) => Some(value),
    }
}

/// The protected header of a signature. None for what is no header.
pub(super) fn header(protected: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(protected).ok()?;
    serde_json::from_slice(&bytes).ok()
}
