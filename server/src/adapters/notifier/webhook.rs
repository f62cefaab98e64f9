//! Signed webhooks, by the convention of Standard Webhooks: an id that stays the same, the time of the attempt, and an
//! HMAC over both and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use control_plane::ports::PortError;
use control_plane::ports::notifier::Letter;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::Sha256;

use crate::adapters::problem::rejected;

/// The body: the same bytes at every attempt.
pub(super) fn body(letter: &Letter) -> Vec<u8> {
    let message = &letter.message;
    let body = json!({
        "type": letter.action,
        "timestamp": letter.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "data": {
            "event": letter.event,
            "agent": letter.agent,
            "deployment": letter.deployment,
            "tone": message.tone,
            "title": message.title,
            "lead": message.lead,
            "facts": message.facts.iter().map(|(label, value)| json!({ "label": label, "value": value })).collect::<Vec<_>>(),
            "sections": message.sections,
            "digest": message.digest,
            "note": message.note,
            "link": message.link,
        },
    });
    body.to_string().into_bytes()
}

/// The headers by which a receiver knows the message and checks it.
///
/// # Errors
/// When the kept key is none.
pub(super) fn headers(
    letter: &Letter,
    body: &[u8],
    key: &SecretString,
) -> Result<Vec<(&'static str, String)>, PortError> {
    let unusable = || rejected("The channel's signing key cannot be used: add the channel anew.");
    let key = key.expose_secret().trim();
    let key = STANDARD
        .decode(key.strip_prefix("whsec_").unwrap_or(key))
        .map_err(|_| unusable())?;
    let at = letter.sending_at.timestamp().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| unusable())?;
    mac.update(format!("{}.{at}.", letter.key).as_bytes());
    mac.update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Ok(vec![
        ("webhook-id", letter.key.clone()),
        ("webhook-timestamp", at),
        ("webhook-signature", format!("v1,{signature}")),
    ])
}
