//! Text that a person does not see and a model reads: zero-width characters, bidirectional controls, tag characters and
//! terminal escapes, in prompts, documents, configuration and code.

use domain::gate::{Finding, Severity};

use crate::report::finding;

/// So many invisible characters in a row carry a message.
const RUN: usize = 8;

/// True for characters that take no room and are not part of ordinary writing.
pub(crate) const fn is_invisible(c: char) -> bool {
    is_zero_width(c) || is_bidi(c) || is_tag(c)
}

const fn is_zero_width(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}'
    )
}

const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Scans a text file.
pub(crate) fn scan(name: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        // A byte-order mark at the very start is an encoding, not a hiding place.
        let line = if number == 1 {
            line.strip_prefix('\u{feff}').unwrap_or(line)
        } else {
            line
        };
        if !line.is_ascii() || line.contains('\u{1b}') {
            findings.extend(scan_line(name, number, line));
        }
    }
    findings
}

fn scan_line(name: &str, number: u32, line: &str) -> Vec<Finding> {
    let chars: Vec<char> = line.chars().collect();
    let mut found = Vec::new();
    let mut add = |rule, severity, message: &str| {
        found.push(finding(rule, severity, message, name, Some(number)))
    };
    if chars.iter().any(|c| is_bidi(*c)) {
        add(
            "agent-hidden-text-bidi",
            Severity::High,
            "Bidirectional control characters make this line read differently from what it says: remove them.",
        );
    }
    if hides_tags(&chars) {
        add(
            "agent-hidden-text-tags",
            Severity::High,
            "Invisible tag characters spell text that a model reads and a person does not see: remove them.",
        );
    }
    if line.contains("\u{1b}[") || line.contains("\u{1b}]") {
        add(
            "agent-hidden-text-ansi",
            Severity::High,
            "A terminal escape sequence can hide or rewrite this line where it is printed: remove it.",
        );
    }
    let (zero_width, longest) = zero_width(&chars);
    if longest >= RUN {
        add(
            "agent-hidden-text-zero-width",
            Severity::High,
            "A run of zero-width characters is long enough to carry a hidden message: remove it.",
        );
    } else if zero_width > 0 {
        add(
            "agent-zero-width-character",
            Severity::Medium,
            "A zero-width character hides in this line: remove it, or write it as an escape.",
        );
    }
    found
}

/// Tags are ordinary in one place only: the flags of regions, which start with a black flag and end with a cancel tag.
fn hides_tags(chars: &[char]) -> bool {
    let mut in_flag = false;
    chars.iter().any(|c| match *c {
        '\u{1f3f4}' => {
            in_flag = true;
            false
        }
        '\u{e007f}' => !std::mem::take(&mut in_flag),
        tag if is_tag(tag) => !in_flag,
        _ => {
            in_flag = false;
            false
        }
    })
}

/// How many zero-width characters are out of place, and the longest run.
fn zero_width(chars: &[char]) -> (usize, usize) {
    let mut count = 0;
    let mut run = 0;
    let mut longest = 0;
    for (at, c) in chars.iter().enumerate() {
        if !is_zero_width(*c) {
            run = 0;
            continue;
        }
        run += 1;
        longest = longest.max(run);
        // Joiners belong between letters of scripts that join, and between the parts of an emoji.
        let joiner = matches!(*c, '\u{200c}' | '\u{200d}');
        let neighbour = |at: Option<usize>| {
            at.and_then(|at| chars.get(at))
                .is_some_and(|c| !c.is_ascii() && !is_zero_width(*c))
        };
        if !(joiner && neighbour(at.checked_sub(1)) && neighbour(at.checked_add(1))) {
            count += 1;
        }
    }
    (count, longest)
}
