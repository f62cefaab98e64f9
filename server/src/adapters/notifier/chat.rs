//! What the two chat channels share: lines with their mark in words, because a colour may not be seen.

use domain::notification::message::{Line, Mark, Section};

/// Before a line that a person must look at.
const ATTENTION: &str = "\u{25b2} ";
const PLAIN: &str = "\u{2022} ";

/// A line as plain text.
pub(super) fn line(line: &Line) -> String {
    let mark = match line.mark {
        Mark::Attention => ATTENTION,
        Mark::Plain => PLAIN,
    };
    format!("{mark}{}", line.text)
}

/// A section as plain text, its heading first.
pub(super) fn section(section: &Section) -> String {
    let lines: Vec<String> = section.lines.iter().map(line).collect();
    format!("{}\n{}", section.heading, lines.join("\n"))
}
