//! Slack: an incoming webhook's Block Kit message. Words of others stand in `plain_text`, where Slack reads no markup and
//! no mention; the two texts that are markup are ours, with what is in them escaped.

use control_plane::ports::notifier::Letter;
use domain::text::cut;
use serde_json::{Value, json};

use super::chat;

/// Slack's own limits.
const HEADER_MAX: usize = 150;
const SECTION_MAX: usize = 2_900;
const FIELD_MAX: usize = 1_900;
const FIELDS_MAX: usize = 10;

/// The body of the call.
pub(super) fn body(letter: &Letter) -> Vec<u8> {
    let message = &letter.message;
    let mut blocks = vec![json!({
        "type": "header",
        "text": plain(&message.title, HEADER_MAX),
    })];
    if !message.lead.is_empty() {
        blocks.push(section(&message.lead));
    }
    let fields: Vec<Value> = message
        .facts
        .iter()
        .take(FIELDS_MAX)
        .map(|(label, value)| plain(&format!("{label}\n{value}"), FIELD_MAX))
        .collect();
    if !fields.is_empty() {
        blocks.push(json!({ "type": "section", "fields": fields }));
    }
    blocks.extend(message.sections.iter().map(|s| section(&chat::section(s))));
    if let Some(digest) = &message.digest {
        blocks.push(section(&format!("Digest\n{digest}")));
    }
    if !message.note.is_empty() {
        blocks.push(json!({
            "type": "context",
            "elements": [plain(&message.note, FIELD_MAX)],
        }));
    }
    let link = format!(
        "<{}|{}>",
        escaped(&message.link),
        escaped(&message.link_label)
    );
    blocks.push(json!({
        "type": "section",
        "text": { "type": "mrkdwn", "text": link, "verbatim": true },
    }));
    let body = json!({
        // Read out by notifications, which show no blocks.
        "text": escaped(&message.title),
        "blocks": blocks,
        "unfurl_links": false,
        "unfurl_media": false,
    });
    body.to_string().into_bytes()
}

fn plain(text: &str, max: usize) -> Value {
    json!({ "type": "plain_text", "text": cut(text, max), "emoji": false })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": plain(text, SECTION_MAX) })
}

/// The three characters with which Slack's markup begins anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
