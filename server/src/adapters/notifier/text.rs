//! The text of a mail, for readers without HTML.

use control_plane::ports::notifier::Letter;
use domain::notification::message::Mark;

/// The whole text.
pub(super) fn body(letter: &Letter) -> String {
    let message = &letter.message;
    let mut lines = vec![message.title.clone(), String::new()];
    if !message.lead.is_empty() {
        lines.extend([message.lead.clone(), String::new()]);
    }
    lines.extend(
        message
            .facts
            .iter()
            .map(|(label, value)| format!("{label}: {value}")),
    );
    for section in &message.sections {
        lines.extend([String::new(), section.heading.clone()]);
        lines.extend(section.lines.iter().map(|line| match line.mark {
            Mark::Attention => format!("  ! {}", line.text),
            Mark::Plain => format!("  - {}", line.text),
        }));
    }
    if let Some(digest) = &message.digest {
        lines.extend([String::new(), format!("Digest: {digest}")]);
    }
    lines.extend([
        String::new(),
        format!("{}: {}", message.link_label, message.link),
    ]);
    if !message.note.is_empty() {
        lines.extend([String::new(), message.note.clone()]);
    }
    lines.extend([
        String::new(),
        "-- ".to_owned(),
        format!(
            "Sent by Clearance. Choose what you hear: {}",
            letter.choose_at
        ),
        String::new(),
    ]);
    lines.join("\n")
}
