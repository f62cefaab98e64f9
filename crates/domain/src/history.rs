//! What held when: facts that the audit log tells, and the stretch of it in which each held.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::state::words;

words! {
    /// What kind of fact held for a while.
    SpanKind as "kind of fact" {
        /// The agent was registered. Subject: its slug.
        Agent = "agent",
        /// A deployment was live. Subject: the agent's slug; place: the environment; fact: the deployment's number.
        Live = "live",
        /// An identity stood. Subject: its client id; fact: the deployment's number.
        Identity = "identity",
        /// An identity was held. Subject: its client id; place: by what.
        Hold = "hold",
        /// A version of the policy was in force. Fact: its number.
        Policy = "policy",
    }
}

/// Holds by a person, and by a quarantine: places of [`SpanKind::Hold`].
pub const BY_PERSON: &str = "person";
/// See [`BY_PERSON`].
pub const BY_QUARANTINE: &str = "quarantine";

/// A moment of the past, as an address has it: a time (RFC 3339, or without a zone in UTC), or a day, which stands for its end.
///
/// # Errors
/// When it is none of these.
pub fn moment(text: &str) -> Result<DateTime<Utc>, NotAMoment> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    for form in ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(text, form) {
            return Ok(at.and_utc());
        }
    }
    let day = text.parse::<NaiveDate>().map_err(|_| NotAMoment)?;
    day.and_hms_micro_opt(23, 59, 59, 999_999)
        .map(|at| at.and_utc())
        .ok_or(NotAMoment)
}

/// It is neither a time nor a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a moment")]
pub struct NotAMoment;
