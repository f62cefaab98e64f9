//! Microsoft Teams: an incoming webhook's Adaptive Card. Words of others stand in text runs, where Teams reads no markup.

use control_plane::ports::notifier::Letter;
use domain::notification::message::MessageTone;
use serde_json::{Value, json};

use super::chat;

/// Teams takes 28 KB.
const BYTES_MAX: usize = 26 * 1024;

/// The body of the call. What is too long for Teams is left to the page.
pub(super) fn body(letter: &Letter) -> Vec<u8> {
    let mut sections = letter.message.sections.len();
    loop {
        let bytes = with(letter, sections).to_string().into_bytes();
        if bytes.len() <= BYTES_MAX || sections == 0 {
            return bytes;
        }
        sections -= 1;
    }
}

fn with(letter: &Letter, sections: usize) -> Value {
    let message = &letter.message;
    let color = match message.tone {
        MessageTone::Ok => "Good",
        MessageTone::Wait => "Warning",
        MessageTone::Bad => "Attention",
    };
    let mut body = vec![
        block(&[json!({
            "type": "TextRun", "text": message.tone.word(), "size": "Small", "weight": "Bolder", "color": color,
        })]),
        block(&[
            json!({ "type": "TextRun", "text": message.title, "size": "Large", "weight": "Bolder" }),
        ]),
    ];
    if !message.lead.is_empty() {
        body.push(block(&[run(&message.lead)]));
    }
    for (label, value) in &message.facts {
        body.push(block(&[strong(&format!("{label}: ")), run(value)]));
    }
    for section in message.sections.iter().take(sections) {
        body.push(block(&[strong(&section.heading)]));
        body.extend(
            section
                .lines
                .iter()
                .map(|line| block(&[run(&chat::line(line))])),
        );
    }
    if sections < message.sections.len() {
        body.push(block(&[run("More is on the page.")]));
    }
    if let Some(digest) = &message.digest {
        body.push(block(&[
            strong("Digest: "),
            json!({ "type": "TextRun", "text": digest, "fontType": "Monospace" }),
        ]));
    }
    if !message.note.is_empty() {
        body.push(block(&[
            json!({ "type": "TextRun", "text": message.note, "isSubtle": true }),
        ]));
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
                "actions": [{ "type": "Action.OpenUrl", "title": message.link_label, "url": message.link }],
                "msteams": { "width": "Full" },
            },
        }],
    })
}

fn block(inlines: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines })
}

fn run(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text })
}

fn strong(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text, "weight": "Bolder" })
}
