//! Structured personal data in text, each kind with its checksum or its form. Names and addresses in free text are not
//! claimed.

mod email;
mod network;
mod number;
mod phone;
mod social_security;

use std::collections::{BTreeMap, BTreeSet};

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address of a person; role addresses such as `support@` are not personal.
    Email,
    /// A payment card number that passes the Luhn check.
    Card,
    /// An IBAN whose check digits are right.
    Iban,
    /// A telephone number: international, in a national form, or named as one.
    Phone,
    /// A United States social security number in its usual form.
    SocialSecurity,
    /// An address of the internet protocol, version 4 or 6.
    Ip,
    /// A web address. Found, and no leak: most belong to nobody in particular.
    WebAddress,
}

impl Kind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Card => "payment card number",
            Self::Iban => "IBAN",
            Self::Phone => "telephone number",
            Self::SocialSecurity => "social security number",
            Self::Ip => "IP address",
            Self::WebAddress => "web address",
        }
    }

    /// The stable id of the check that reports it.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Email => "personal-data-email",
            Self::Card => "personal-data-card",
            Self::Iban => "personal-data-iban",
            Self::Phone => "personal-data-phone",
            Self::SocialSecurity => "personal-data-social-security",
            Self::Ip => "personal-data-ip",
            Self::WebAddress => "personal-data-web-address",
        }
    }

    /// True where it tells of a person by itself.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        match self {
            Self::Email
            | Self::Card
            | Self::Iban
            | Self::Phone
            | Self::SocialSecurity
            | Self::Ip => true,
            Self::WebAddress => false,
        }
    }
}

/// One piece of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its value without separators, lower-case, for comparison.
    pub value: String,
    /// The bytes of the text that it takes.
    pub span: std::ops::Range<usize>,
}

/// Everything found in `text`, in order. Where two kinds overlap, the one with a checksum or the longer form wins.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    // Where each found span starts and ends. They do not overlap, so that the last one before an end is the one to ask.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for finder in [
        email::find,
        network::web_addresses,
        number::find,
        social_security::find,
        network::ip_addresses,
        phone::find,
    ] {
        for one in finder(text) {
            let before = taken.range(..one.span.end).next_back();
            if before.is_none_or(|(_, end)| *end <= one.span.start) {
                taken.insert(one.span.start, one.span.end);
                found.push(one);
            }
        }
    }
    found.sort_by_key(|one| one.span.start);
    found
}

/// What `answer` has and `prompt` has not: personal data that the user did not bring. Free-phone numbers and web addresses
/// are no leak.
#[must_use]
pub fn leaked(prompt: &str, answer: &str) -> Vec<Found> {
    let known: BTreeSet<String> = find(prompt).into_iter().map(|one| one.value).collect();
    find(answer)
        .into_iter()
        .filter(|one| one.kind.is_personal() && !known.contains(&one.value))
        .filter(|one| one.kind != Kind::Phone || !phone::is_free(&one.value))
        .collect()
}

/// `text` with everything in `found` replaced by its kind in brackets, so that evidence does not repeat a leak.
#[must_use]
pub fn redact(text: &str, found: &[Found]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for one in found {
        if one.span.start >= at {
            out.push_str(text.get(at..one.span.start).unwrap_or_default());
            out.push('[');
            out.push_str(one.kind.label());
            out.push(']');
            at = one.span.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
