//! E-mail addresses of people.

use super::{Found, Kind};

/// Mailboxes that belong to a role and not to a person.
#[rustfmt::skip] // a word list, read as a block
const ROLES: &[&str] = &[
    "admin", "billing", "contact", "hello", "help", "info", "no-reply", "noreply", "office",
    "press", "privacy", "sales", "security", "service", "support", "team",
];

pub(super) fn find(text: &str) -> Vec<Found> {
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'');
    let domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let (before, after) = text.split_at(at);
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| local(*c))
            .last()
            .map_or(at, |(start, _)| start);
        let after = after.get(1..).unwrap_or_default();
        let length = after.find(|c: char| !domain(c)).unwrap_or(after.len());
        let host = after
            .get(..length)
            .unwrap_or_default()
            .trim_end_matches(['.', '-']);
        let name = before
            .get(start..)
            .unwrap_or_default()
            .trim_start_matches(['.', '\'', '-']);
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        let plausible =
            !name.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
        if plausible && !ROLES.contains(&name.to_lowercase().as_str()) {
            let span = at - name.len()..at + 1 + host.len();
            found.push(Found {
                kind: Kind::Email,
                value: format!("{name}@{host}").to_lowercase(),
                span,
            });
        }
    }
    found
}
