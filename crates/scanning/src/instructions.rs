//! Instructions to a model where a person does not look for them: comments of documents, descriptions of tools, skill files.

use std::sync::LazyLock;

use domain::gate::{Finding, Severity};
use regex::{Regex, RegexSet};

use crate::report::{finding, line_at};

/// Findings of one file.
const MAX: usize = 50;
/// Bytes of a text file that are searched; prompts are short.
const MAX_BYTES: usize = 512 * 1024;

/// Phrases that only make sense as an attack on whoever reads on.
static PHRASES: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|all|system)\b.{0,20}\b(?:instructions?|prompts?|rules|guidelines)\b",
        r"(?i)\b(?:do not|don't|never|without)\b.{0,20}\b(?:tell|telling|inform|informing|mention|mentioning|reveal|notify|notifying|alert)\b.{0,20}\b(?:the )?(?:user|human|operator|person)\b",
        r"(?i)\b(?:you must|always|first|before (?:using|calling))\b.{0,80}\b(?:read|send|upload|post|exfiltrate|include|pass)\b.{0,60}(?:~/\.|\.ssh|\.aws|id_rsa|\.env\b|api[_ ]?keys?|credentials?|passwords?|mcp\.json)",
        r"(?i)<(?:important|system|secret|hidden|instructions?)>.{0,400}",
        r"(?i)\b(?:new|updated) (?:system )?(?:instructions?|prompt)\s*:",
    ])
    .ok()
});

static COMMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)<!--(.{0,4000}?)-->").ok());

/// Words that address a model.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:you (?:must|should|are)|assistant|agent|model|AI)\b.{0,200}\b(?:must|should|always|never|ignore|send|run|execute|call|fetch)\b").ok()
});

/// Scans a document, a prompt or a skill file.
pub(crate) fn scan(name: &str, text: &str) -> Vec<Finding> {
    if text.len() > MAX_BYTES || !is_document(name) {
        return Vec::new();
    }
    let mut found = comments(name, text);
    // A prompt may say what a model must not tell; a skill or a document that others wrote may not.
    if is_skill(name) {
        for (number, line) in (1_u32..).zip(text.lines()) {
            if found.len() < MAX && is_attack(line) {
                found.push(at(name, number));
            }
        }
    }
    found
}

/// True where a text gives a model orders against the people it works for.
pub(crate) fn is_attack(text: &str) -> bool {
    PHRASES.as_ref().is_some_and(|set| set.is_match(text))
}

/// Comments of Markdown and HTML are left out where a person reads the page.
fn comments(name: &str, text: &str) -> Vec<Finding> {
    let (Some(comment), Some(address)) = (COMMENT.as_ref(), ADDRESS.as_ref()) else {
        return Vec::new();
    };
    comment
        .captures_iter(text)
        .filter_map(|captures| captures.get(1))
        .filter(|inner| is_attack(inner.as_str()) || address.is_match(inner.as_str()))
        .take(MAX)
        .map(|inner| at(name, line_at(text, inner.start())))
        .collect()
}

fn at(name: &str, line: u32) -> Finding {
    let message = "This text gives a model orders that a person would not see or want: read it, and take it out unless it is yours.";
    finding(
        "agent-hidden-instruction",
        Severity::High,
        message,
        name,
        Some(line),
    )
}

fn is_document(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        ".md",
        ".mdx",
        ".markdown",
        ".txt",
        ".html",
        ".htm",
        ".prompt",
        ".j2",
        ".jinja",
    ]
    .iter()
    .any(|end| lower.ends_with(end))
}

fn is_skill(name: &str) -> bool {
    let lower = name.to_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    matches!(
        file,
        "skill.md" | "agents.md" | "claude.md" | ".cursorrules"
    ) || lower
        .split('/')
        .any(|part| matches!(part, "skills" | "tools" | ".claude"))
}
