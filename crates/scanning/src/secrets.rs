//! Secrets written into text files. Findings say which kind and where, and never repeat the value.

mod rules;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::gate::{Finding, Severity};
use regex::Regex;

use crate::report::{beginning, finding, line_at};

pub use rules::{SecretRules, SecretRulesError};

/// Bits per character from which a value looks random.
const MIN_ENTROPY: f64 = 3.5;
/// Characters of a line that are looked at: minified files have lines of megabytes.
const MAX_LINE: usize = 8 * 1024;

/// A kind of secret with a shape of its own.
struct Kind {
    rule: &'static str,
    what: &'static str,
    severity: Severity,
    pattern: &'static str,
}

/// The whole match is the secret; entropy and placeholders are checked on it.
const KINDS: &[Kind] = &[
    Kind {
        rule: "secret-aws-access-key",
        what: "an AWS access key id",
        severity: Severity::High,
        pattern: r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    },
    Kind {
        rule: "secret-api-key",
        what: "a model provider's API key",
        severity: Severity::High,
        pattern: r"\bsk-(?:ant-|proj-|svcacct-|admin-|or-)?[A-Za-z0-9_-]{20,}",
    },
    Kind {
        rule: "secret-stripe-key",
        what: "a live payment key",
        severity: Severity::Critical,
        pattern: r"\b[sr]k_live_[0-9a-zA-Z]{20,}",
    },
    Kind {
        rule: "secret-github-token",
        what: "a GitHub token",
        severity: Severity::High,
        pattern: r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    },
    Kind {
        rule: "secret-gitlab-token",
        what: "a GitLab token",
        severity: Severity::High,
        pattern: r"\bglpat-[A-Za-z0-9_-]{20,}",
    },
    Kind {
        rule: "secret-slack-token",
        what: "a Slack token",
        severity: Severity::High,
        pattern: r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}",
    },
    Kind {
        rule: "secret-google-key",
        what: "a Google API key",
        severity: Severity::High,
        pattern: r"\bAIza[0-9A-Za-z_-]{35}\b",
    },
    Kind {
        rule: "secret-hugging-face-token",
        what: "a Hugging Face token",
        severity: Severity::High,
        pattern: r"\bhf_[A-Za-z0-9]{30,}\b",
    },
    Kind {
        rule: "secret-azure-storage-key",
        what: "an Azure storage key",
        severity: Severity::High,
        pattern: r"AccountKey=[A-Za-z0-9+/]{80,}={0,2}",
    },
];

static COMPILED: LazyLock<Vec<(&'static Kind, Regex)>> = LazyLock::new(|| {
    KINDS
        .iter()
        .filter_map(|kind| Some((kind, Regex::new(kind.pattern).ok()?)))
        .collect()
});

/// A PEM header that a key follows, in the file's own lines or as `\n` in a string.
static PRIVATE_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\[rn]|["'\s,+]|(?:Proc-Type|DEK-Info|Version|Comment): ?[^\n]{0,100})*[A-Za-z0-9+/=]{24,}"#,
    )
    .ok()
});

/// An assignment of a quoted value to a name that promises a secret.
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r#"(?i){NAME}["']?\]?\s*(?::\s*str\s*)?(?:=|:|=>)\s*["']([^"'\s]{{8,}})["']"#
    ))
    .ok()
});

/// The same without quotes, for files in which values need none.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r#"(?i)^\s*(?:export\s+|-\s+)?{NAME}["']?\s*[=:]\s*([^"'\s#]{{8,}})\s*(?:#.*)?$"#
    ))
    .ok()
});

const NAME: &str = r"[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|credential|auth_?-?key)[\w-]*";

/// A password inside a URL.
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@"'<>]{1,64}:([^\s:/@"'<>]{6,})@[\w.-]+"#)
        .ok()
});

/// Scans a text file.
pub(crate) fn scan(name: &str, text: &str) -> Vec<Finding> {
    let mut findings = private_keys(name, text);
    let bare = takes_bare_values(name);
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let line = beginning(line.trim_end_matches('\r'), MAX_LINE);
        if let Some((rule, severity, message)) = scan_line(line, bare) {
            findings.push(finding(rule, severity, message, name, Some(number)));
        }
    }
    findings
}

/// True if `text` holds the start of a private key with key material behind it.
pub(crate) fn has_private_key(text: &str) -> bool {
    PRIVATE_KEY
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

fn private_keys(name: &str, text: &str) -> Vec<Finding> {
    let Some(pattern) = PRIVATE_KEY.as_ref() else {
        return Vec::new();
    };
    let found = pattern.find_iter(text).take(20);
    found
        .map(|one| {
            let line = line_at(text, one.start());
            let message = "A private key is written here: revoke it, and give the agent a secret reference instead.";
            finding("secret-private-key", Severity::Critical, message, name, Some(line))
        })
        .collect()
}

/// The first secret of a line. One is enough to act on.
fn scan_line(line: &str, bare: bool) -> Option<(&'static str, Severity, String)> {
    for (kind, pattern) in COMPILED.iter() {
        if let Some(one) = pattern.find_iter(line).find(|one| is_random(one.as_str())) {
            let length = one.as_str().chars().count();
            let message = format!(
                "This looks like {} ({length} characters): revoke it, and use a secret reference.",
                kind.what
            );
            return Some((kind.rule, kind.severity, message));
        }
    }
    let value = |pattern: &LazyLock<Option<Regex>>| -> Option<usize> {
        pattern.as_ref()?.captures_iter(line).find_map(|captures| {
            let value = captures.get(1)?.as_str();
            (is_secret_value(value)).then(|| value.chars().count())
        })
    };
    if let Some(length) = value(&URL) {
        let message = format!(
            "A URL carries a password ({length} characters): revoke it, and use a secret reference."
        );
        return Some(("secret-in-url", Severity::High, message));
    }
    let length = value(&QUOTED).or_else(|| if bare { value(&BARE) } else { None })?;
    let message = format!(
        "A name that promises a secret is given a random-looking value ({length} characters): revoke it, and use a secret reference."
    );
    Some(("secret-assignment", Severity::High, message))
}

/// A value that is random, has letters and digits, and is neither a placeholder nor a reference.
fn is_secret_value(value: &str) -> bool {
    let reference = value.starts_with(['$', '<', '{', '%', '@'])
        || value.contains("${")
        || value.contains("{{")
        || value.contains("://")
        || value.contains('(')
        || value.ends_with(':');
    let mixed =
        value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(|c| c.is_ascii_alphabetic());
    value.chars().count() >= 12 && mixed && !reference && is_random(value)
}

/// Random enough to be real, and not one of the words people put in examples.
fn is_random(value: &str) -> bool {
    const PLACEHOLDERS: &[&str] = &[
        "example",
        "changeme",
        "change-me",
        "placeholder",
        "your",
        "dummy",
        "xxxx",
        "redacted",
        "0000000",
        "1234567890",
    ];
    let lower = value.to_lowercase();
    entropy(value) >= MIN_ENTROPY.min(entropy_limit(value))
        && !PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Short values cannot reach the full entropy: 16 different characters have 4 bits, 12 have 3.58.
fn entropy_limit(value: &str) -> f64 {
    let length = f64::from(u32::try_from(value.chars().count()).unwrap_or(u32::MAX)).max(1.0);
    length.log2() * 0.85
}

/// Shannon entropy in bits per character.
fn entropy(value: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    for c in value.chars() {
        *counts.entry(c).or_default() += 1;
    }
    let total: f64 = counts.values().map(|count| f64::from(*count)).sum();
    -counts
        .values()
        .map(|count| f64::from(*count) / total)
        .map(|share| share * share.log2())
        .sum::<f64>()
}

/// Files in which a value stands without quotes.
fn takes_bare_values(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    file.starts_with(".env")
        || file == "dockerfile"
        || [
            ".env",
            ".ini",
            ".cfg",
            ".conf",
            ".properties",
            ".yaml",
            ".yml",
            ".toml",
            ".sh",
            ".tfvars",
        ]
        .iter()
        .any(|end| file.ends_with(end))
}
