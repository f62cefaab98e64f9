//! Addresses of the internet: IP and web.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Kind};

static WEB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:https?://[^\s<>"'`]+|www\.[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}(?:/[^\s<>"'`]*)?)"#).ok()
});

pub(super) fn web_addresses(text: &str) -> Vec<Found> {
    let Some(web) = WEB.as_ref() else {
        return Vec::new();
    };
    web.find_iter(text)
        .map(|found| {
            let address = found
                .as_str()
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
            Found {
                kind: Kind::WebAddress,
                value: address.to_lowercase(),
                span: found.start()..found.start() + address.len(),
            }
        })
        .collect()
}

/// Addresses of version 4 and 6. A version number of four parts after a word such as `version` is none.
pub(super) fn ip_addresses(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    for piece in text.split_inclusive(|c: char| !part(c)) {
        let run = piece.trim_end_matches(|c: char| !part(c));
        let start = at;
        at += piece.len();
        let tidy = run.trim_end_matches(['.', ':']);
        let lead = tidy.len() - tidy.trim_start_matches('.').len();
        let tidy = tidy.get(lead..).unwrap_or_default();
        // `::` alone and `a::b` in code are addresses by the letter; people mean one with a few groups.
        let long = tidy.matches('.').count() == 3 || tidy.matches(':').count() >= 4;
        let before = text.get(..start).unwrap_or_default();
        let joined = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'));
        // Nearly every piece ends here: what follows looks at the text around it.
        if !long || joined {
            continue;
        }
        let end = start + lead + tidy.len();
        let continues = text
            .get(end..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
        if continues || is_named_version(before) {
            continue;
        }
        if let Ok(address) = tidy.parse::<IpAddr>()
            && !address.is_loopback()
            && !address.is_unspecified()
        {
            found.push(Found {
                kind: Kind::Ip,
                value: address.to_string(),
                span: start + lead..end,
            });
        }
    }
    found
}

/// True where the text before a number says that it is a version.
fn is_named_version(before: &str) -> bool {
    let before = before.trim_end().as_bytes();
    ["version", " v", "release"].iter().any(|word| {
        before
            .len()
            .checked_sub(word.len())
            .and_then(|at| before.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
    })
}
