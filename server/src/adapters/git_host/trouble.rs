//! What git's complaints mean. Owns the reading of its messages, which are in English because we set the locale; refuses
//! to hand on credentials, control characters or more than a line.

use control_plane::ports::{PortError, PortErrorKind};

/// Longest quotation of a message, characters.
const MAX_QUOTE: usize = 240;

/// Signs, the kind of trouble, and what to do; the first that fits counts.
const SIGNS: [(&[&str], PortErrorKind, &str); 10] = [
    (
        &[
            "Host key verification failed",
            "REMOTE HOST IDENTIFICATION HAS CHANGED",
        ],
        PortErrorKind::Rejected,
        "The git host's SSH key is not known: add it to `known_hosts` of the user that runs Clearance.",
    ),
    (
        &[
            "Authentication failed",
            "could not read Username",
            "could not read Password",
            "terminal prompts disabled",
            "Permission denied (",
            "error: 401",
            "error: 403",
        ],
        PortErrorKind::Rejected,
        "The git host refused access: check the token or deploy key that is configured for it.",
    ),
    (
        &["error: 301", "error: 302", "error: 307", "error: 308"],
        PortErrorKind::Rejected,
        "The git host redirects to another address: update the repository's address, often by adding .git.",
    ),
    (
        &[
            "error: 429",
            "error: 500",
            "error: 502",
            "error: 503",
            "error: 504",
            "Could not resolve",
            "Connection refused",
            "Connection reset",
            "Connection timed out",
            "Operation timed out",
            "Failed to connect",
            "Operation too slow",
            "unexpected disconnect",
            "early EOF",
            "the remote end hung up",
            "Network is unreachable",
        ],
        PortErrorKind::Unavailable,
        "The git host could not be reached: it is tried again.",
    ),
    (
        &[
            "SSL certificate",
            "server certificate verification failed",
            "certificate",
        ],
        PortErrorKind::Rejected,
        "The git host's certificate is not trusted: add its authority to this machine's certificates.",
    ),
    (
        &[
            "epository not found",
            "error: 404",
            "does not appear to be a git repository",
            "not a git repository",
            "No such file or directory",
            "does not exist",
        ],
        PortErrorKind::NotFound,
        "The repository is not there, or the configured token may not see it: check its address.",
    ),
    (
        &["not allowed", "transport '"],
        PortErrorKind::Rejected,
        "This way of fetching is not allowed: use https or ssh.",
    ),
    (
        &[
            "fsck error",
            "error in object",
            "hasDotgit",
            "index-pack failed",
        ],
        PortErrorKind::Rejected,
        "The repository holds objects that git's own check refuses: repair its history.",
    ),
    (
        &["dubious ownership"],
        PortErrorKind::Rejected,
        "The folder belongs to another user of this machine: give it to the user that runs Clearance.",
    ),
    (
        &["No space left on device", "Disk quota exceeded"],
        PortErrorKind::Unavailable,
        "The disk of this machine is full: free some space.",
    ),
];

/// The error behind what git wrote to standard error.
pub(super) fn of(stderr: &str) -> PortError {
    let found = SIGNS
        .iter()
        .find(|(signs, ..)| signs.iter().any(|sign| stderr.contains(sign)));
    let (kind, advice) = found.map_or(
        (PortErrorKind::Protocol, "Git did not finish its work."),
        |(_, kind, advice)| (*kind, advice),
    );
    let quote = quote(stderr);
    let message = if quote.is_empty() {
        advice.to_owned()
    } else {
        format!("{advice} Git says: {quote}")
    };
    PortError::new(kind, message)
}

/// The line of git's that says most, safe to show.
pub(super) fn quote(stderr: &str) -> String {
    let lines = || {
        stderr
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let telling = |line: &&str| {
        ["fatal:", "error:", "remote: error", "ERROR:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let line = lines()
        .find(telling)
        .or_else(|| lines().next_back())
        .unwrap_or_default();
    safe(line, MAX_QUOTE)
}

/// One line of text without control characters, reordering characters or credentials in addresses.
pub(super) fn safe(text: &str, most: usize) -> String {
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = text
        .chars()
        .map(|c| if c == '\t' || c == '\n' { ' ' } else { c })
        .filter(|c| !hidden(c))
        .take(most)
        .collect();
    without_credentials(&clean)
}

fn without_credentials(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let end = after
            .find(|c: char| matches!(c, '/' | '\'' | '"') || c.is_whitespace())
            .unwrap_or(after.len());
        rest = match after.get(..end).and_then(|authority| authority.rfind('@')) {
            Some(at) => after.split_at(at + 1).1,
            None => after,
        };
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_understood() {
        for (text, kind) in [
            (
                "fatal: unable to access 'https://h/x/': Could not resolve host: h",
                PortErrorKind::Unavailable,
            ),
            (
                "fatal: unable to access 'https://h/x/': The requested URL returned error: 403",
                PortErrorKind::Rejected,
            ),
            (
                "fatal: unable to access 'https://h/x/': The requested URL returned error: 502",
                PortErrorKind::Unavailable,
            ),
            (
                "fatal: could not read Username for 'https://h': terminal prompts disabled",
                PortErrorKind::Rejected,
            ),
            (
                "remote: Repository not found.\nfatal: repository 'https://h/x/' not found",
                PortErrorKind::NotFound,
            ),
            (
                "fatal: '/gone' does not appear to be a git repository",
                PortErrorKind::NotFound,
            ),
            (
                "fatal: transport 'ext' not allowed",
                PortErrorKind::Rejected,
            ),
            (
                "error: object 1: hasDotgit: contains '.git'\nfatal: fsck error in packed object",
                PortErrorKind::Rejected,
            ),
            ("something new", PortErrorKind::Protocol),
            ("", PortErrorKind::Protocol),
        ] {
            assert_eq!(of(text).kind, kind, "{text}");
        }
    }

    #[test]
    fn a_quotation_is_one_clean_line_without_credentials() {
        let text = "Cloning…\nfatal: unable to access 'https://me:secret@host/x': \x1b[31mno\u{202e}\nmore";
        assert_eq!(
            quote(text),
            "fatal: unable to access 'https://host/x': [31mno"
        );
        assert_eq!(quote(&"x".repeat(5_000)).len(), MAX_QUOTE);
    }
}
