//! Names of models that stand for another model tomorrow.

use crate::report::printable;

/// What the rule `agent-floating-model` says.
pub(crate) fn message(name: &str) -> String {
    format!(
        "`{}` is another model whenever its maker moves the name: write the dated version that was evaluated.",
        printable(name)
    )
}

/// True for a name that its maker moves: `…-latest`, or a family without a date or a version of weights.
pub(crate) fn floats(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let last = lower.rsplit(['/', ':']).next().unwrap_or(&lower);
    if lower.contains('{') || lower.contains('$') || lower.len() > 100 {
        return false;
    }
    if last == "latest" || last.ends_with("-latest") {
        return true;
    }
    let family = [
        "gpt-3.5-turbo",
        "gpt-4",
        "gpt-4-turbo",
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4.1",
        "gpt-4.1-mini",
        "gpt-5",
        "gpt-5-mini",
        "o1",
        "o1-mini",
        "o3",
        "o3-mini",
        "o4-mini",
        "gemini-pro",
        "gemini-flash",
        "gemini-1.5-pro",
        "gemini-1.5-flash",
        "gemini-2.0-flash",
        "gemini-2.5-pro",
        "gemini-2.5-flash",
        "claude-3-opus",
        "claude-3-sonnet",
        "claude-3-haiku",
        "claude-3-5-sonnet",
        "claude-3-7-sonnet",
        "claude-sonnet-4",
        "claude-opus-4",
        "claude-sonnet-4-5",
        "claude-opus-4-1",
        "mistral-large",
        "mistral-small",
        "command-r",
        "command-r-plus",
    ];
    family.contains(&last)
}
