//! Shell lines that more than one gate looks at.

use std::sync::LazyLock;

use regex::Regex;

static DOWNLOAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:curl|wget)\b[^\n|;&]{0,500}\|\s*(?:sudo\s+)?(?:-E\s+)?(?:/\w+/)*(?:ba|z|da|k)?sh\b|\b(?:ba|z|da)?sh\s+(?:-c\s+)?[<\x22']?(?:<?\()?\$?\(?\s*(?:curl|wget)\b")
        .ok()
});

/// `curl … | sh` and its like: what is downloaded is run unseen.
pub(crate) fn downloads_into_shell(text: &str) -> bool {
    DOWNLOAD
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// `pip install name` without an exact version, as a program runs it.
pub(crate) fn unpinned_install(line: &str) -> Option<&str> {
    let at = line.find("install ")?;
    let (before, after) = (line.get(..at)?, line.get(at + 8..)?);
    let python = before.contains("pip");
    let node = before.trim_end().ends_with("npm");
    if !python && !node {
        return None;
    }
    after.split_whitespace().find(|word| {
        let pinned = if python {
            word.contains("==") || word.ends_with(".txt") || word.ends_with(".whl")
        } else {
            word.trim_start_matches('@').contains('@')
        };
        let plain = word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@');
        plain && !pinned
    })
}
