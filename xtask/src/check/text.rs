//! Rules about the source text that no lint knows. Each finding names the file, the line and the reason.

use std::path::Path;

use anyhow::{Result, bail};

use crate::proc::Cmd;
use crate::report::Counts;

/// The longest file; from 400 lines on, look again.
const MOST_LINES: usize = 600;

/// Where a status code of ours may be named, and where another system's is read.
const STATUS_CODES: [&str; 7] = [
    "app/src/error.rs",
    "app/src/rpc",
    "crates/local-runtime/",
    "crates/witness/src/http.rs",
    "server/src/adapters",
    "server/src/http",
    "xtask/",
];

/// Reads every file that git knows or would add.
pub(crate) fn check(root: &Path) -> Result<Counts> {
    let list = Cmd::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()?;
    let mut found = Vec::new();
    for path in list.split('\0').filter(|path| is_source(path)) {
        // A file that git still lists but that was just deleted breaks no rule.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            found.extend(findings(path, &text));
        }
    }
    if !found.is_empty() {
        bail!("\n  {}", found.join("\n  "));
    }
    Ok(Counts::PASSED)
}

fn is_source(path: &str) -> bool {
    [".rs", ".css", ".ts", ".py", ".sh"]
        .iter()
        .any(|extension| path.ends_with(extension))
}

/// What is wrong with one file.
fn findings(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES {
        found.push(format!(
            "{path}: {lines} lines, at most {MOST_LINES}: split it by noun"
        ));
    }
    if !path.ends_with(".rs") {
        return found;
    }
    if path == "mod.rs" || path.ends_with("/mod.rs") {
        found.push(format!(
            "{path}: write `name.rs` beside `name/`, not `mod.rs`"
        ));
    }
    if is_module(path) && !opens_with_doc(text) {
        found.push(format!(
            "{path}:1: a module opens with `//!`: what it owns and what it refuses"
        ));
    }
    for (index, line) in text.lines().enumerate() {
        if let Some(reason) = bad_line(path, code_of(line)) {
            found.push(format!("{path}:{}: {reason}", index + 1));
        }
    }
    found
}

/// A module of a crate, as against a build script or an example.
fn is_module(path: &str) -> bool {
    path.starts_with("src/") || path.contains("/src/")
}

fn opens_with_doc(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!["))
        .is_some_and(|line| line.starts_with("//!"))
}

/// The line without its comment; a `//` inside a string cuts too much, which can only miss a finding.
fn code_of(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

fn bad_line(path: &str, code: &str) -> Option<&'static str> {
    let in_product = is_module(path);
    if in_product
        && has_word(code, "StatusCode")
        && !STATUS_CODES.iter().any(|place| path.starts_with(place))
    {
        return Some(
            "only the parts that speak HTTP know status codes (server/src/http, app/src/rpc, the witness's http.rs); return a typed error",
        );
    }
    if (path.starts_with("app/src/ui/") || path == "app/src/ui.rs") && has_word(code, "rpc") {
        return Some("a component of app/src/ui takes values; it never calls a server function");
    }
    if code.trim_start().starts_with("#[ignore") {
        return Some("a test runs or is removed; it is not ignored");
    }
    None
}

/// True if `word` stands in the line as a whole identifier.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn status_codes_stay_at_the_edge() {
        let text = "//! Doc.\nuse http::StatusCode;\n";
        assert_eq!(findings("crates/domain/src/error.rs", text).len(), 1);
        assert!(
            findings("crates/domain/src/error.rs", text)[0]
                .starts_with("crates/domain/src/error.rs:2: ")
        );
        assert!(findings("server/src/http/error.rs", text).is_empty());
        assert!(findings("app/src/rpc/agents.rs", text).is_empty());
        assert!(
            findings(
                "crates/domain/src/error.rs",
                "//! Doc.\n// StatusCode is not ours.\n"
            )
            .is_empty()
        );
        assert!(
            findings(
                "crates/domain/src/error.rs",
                "//! Doc.\nstruct MyStatusCode;\n"
            )
            .is_empty()
        );
    }

    #[test]
    fn components_do_not_call_server_functions() {
        let text = "//! Doc.\nuse crate::rpc::agents;\n";
        assert_eq!(findings("app/src/ui/table.rs", text).len(), 1);
        assert!(findings("app/src/pages/agents.rs", text).is_empty());
    }

    #[test]
    fn shape_of_files() {
        assert_eq!(findings("app/src/ui/mod.rs", "//! Doc.\n").len(), 1);
        assert_eq!(findings("app/src/ui/table.rs", "use x;\n").len(), 1);
        assert!(findings("app/src/lib.rs", "#![allow(x, reason = \"y\")]\n//! Doc.\n").is_empty());
        assert!(findings("server/build.rs", "fn main() {}\n").is_empty());
        assert_eq!(findings("style/main.css", &"a{}\n".repeat(601)).len(), 1);
        assert!(findings("style/main.css", &"a{}\n".repeat(600)).is_empty());
    }

    #[test]
    fn no_test_is_ignored() {
        // Built from two parts, so that this file passes its own rule.
        let text = format!("//! Doc.\n    #[{}]\n", "ignore");
        assert_eq!(findings("crates/domain/tests/it/main.rs", &text).len(), 1);
    }
}
