//! The HTML of a mail: one column, nothing remote, light and dark, every word escaped.

use control_plane::ports::notifier::Letter;
use domain::notification::message::{Line, Mark, MessageTone, Section};

/// The values of the interface's tokens; mail programs know no stylesheet of ours.
const STYLE: &str = "
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 24px 12px; background: #f4f6f5; color: #141919; font: 15px/22px 'IBM Plex Sans', 'Segoe UI', Helvetica, Arial, sans-serif; }
.card { max-width: 640px; margin: 0 auto; background: #ffffff; border: 1px solid #e0e5e4; border-radius: 6px; }
.part { padding: 20px 24px; border-top: 1px solid #e0e5e4; }
.first { border-top: 0; }
h1 { margin: 4px 0 8px; font-size: 20px; line-height: 28px; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 0 0 6px; font-size: 15px; line-height: 22px; font-weight: 600; }
p { margin: 0; overflow-wrap: anywhere; }
.word { font-size: 13px; font-weight: 600; }
.ok { color: #11703a; } .wait { color: #835100; } .bad { color: #b02019; }
.soft { color: #5a6664; font-size: 13px; line-height: 20px; }
table { border-collapse: collapse; width: 100%; }
th { width: 30%; padding: 3px 12px 3px 0; text-align: left; vertical-align: top; font-weight: 400; color: #5a6664; }
td { padding: 3px 0; overflow-wrap: anywhere; }
ul { margin: 0; padding: 0 0 0 18px; } li { overflow-wrap: anywhere; }
li.look { color: #b02019; font-weight: 600; }
code { font: 13px/20px 'IBM Plex Mono', Consolas, Menlo, monospace; overflow-wrap: anywhere; }
.button { display: inline-block; padding: 8px 16px; border-radius: 4px; background: #141919; color: #ffffff; text-decoration: none; font-weight: 600; }
.foot { max-width: 640px; margin: 12px auto 0; } .foot a { color: #5a6664; }
@media (prefers-color-scheme: dark) {
body { background: #0c1010; color: #e9eeed; }
.card { background: #131818; border-color: #262e2d; } .part { border-color: #262e2d; }
.ok { color: #5cc98f; } .wait { color: #e3ad45; } .bad, li.look { color: #ff8f85; }
.soft, th, .foot a { color: #96a2a0; }
.button { background: #e9eeed; color: #131818; }
}";

/// The whole document.
pub(super) fn body(letter: &Letter) -> String {
    let message = &letter.message;
    let tone = match message.tone {
        MessageTone::Ok => "ok",
        MessageTone::Wait => "wait",
        MessageTone::Bad => "bad",
    };
    let title = escaped(&message.title);
    let mut parts = vec![format!(
        "<div class=\"part first\"><p class=\"word {tone}\">{}</p><h1>{title}</h1><p>{}</p></div>",
        message.tone.word(),
        escaped(&message.lead)
    )];
    if !message.facts.is_empty() {
        let rows: String = message
            .facts
            .iter()
            .map(|(label, value)| {
                format!(
                    "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                    escaped(label),
                    escaped(value)
                )
            })
            .collect();
        parts.push(format!("<div class=\"part\"><table>{rows}</table></div>"));
    }
    parts.extend(message.sections.iter().map(section));
    if let Some(digest) = &message.digest {
        parts.push(format!(
            "<div class=\"part\"><h2>Digest</h2><code>{}</code></div>",
            escaped(digest)
        ));
    }
    parts.push(format!(
        "<div class=\"part\"><p><a class=\"button\" href=\"{}\">{}</a></p></div>",
        escaped(&message.link),
        escaped(&message.link_label)
    ));
    if !message.note.is_empty() {
        parts.push(format!(
            "<div class=\"part soft\"><p>{}</p></div>",
            escaped(&message.note)
        ));
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><style>{STYLE}</style></head><body><div class=\"card\">{}</div><p class=\"foot soft\">Sent by Clearance. <a href=\"{}\">Choose what you hear</a>.</p></body></html>",
        parts.concat(),
        escaped(&letter.choose_at)
    )
}

fn section(section: &Section) -> String {
    let lines: String = section.lines.iter().map(line).collect();
    format!(
        "<div class=\"part\"><h2>{}</h2><ul>{lines}</ul></div>",
        escaped(&section.heading)
    )
}

fn line(line: &Line) -> String {
    let class = match line.mark {
        Mark::Attention => " class=\"look\"",
        Mark::Plain => "",
    };
    format!("<li{class}>{}</li>", escaped(&line.text))
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
