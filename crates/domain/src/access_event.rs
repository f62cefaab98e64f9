//! Access events: what an agent did at a resource, as a resource, a gateway or the agent itself reports it.
//!
//! A report is a claim about an act. Who acted, under which deployment and approval, and whether a scope covered it is never
//! taken from the report: it follows from the identity that it names, by what held when the act took place.

use chrono::{DateTime, TimeDelta, Utc};

use crate::identity::TOKEN_SECONDS;
use crate::name::is_scope_part;
use crate::state::words;
use crate::text::is_hidden;
use crate::tone::Tone;

/// Most events of one report.
pub const BATCH_MAX: usize = 500;
/// Longest id that a reporter gives an event, bytes.
pub const KEY_MAX: usize = 100;
/// Longest id of an identity, and longest name of the thing that was acted on, bytes.
pub const TEXT_MAX: usize = 200;
/// Longest name of a resource or an action, bytes: both are parts of a scope.
pub const NAME_MAX: usize = 100;
/// How far a reporter's clock may be off.
pub const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// How many days lines are kept, unless the operator says otherwise.
pub const KEPT_DAYS: u32 = 400;
/// How many events one reporter may send in a minute, unless the operator says otherwise.
pub const PER_MINUTE: u32 = 6_000;
/// A scope that was not used for so many days is offered for removal.
pub const UNUSED_DAYS: i64 = 30;
/// A finding about acts that no scope covers ends when there was none for so many days.
pub const QUIET_DAYS: i64 = 7;

words! {
    /// Who told of an access event.
    EventSource as "source of an access event" {
        /// The resource or a gateway before it, with an API token.
        Resource = "resource",
        /// The agent, with its own access token.
        Agent = "agent",
        /// The agent, in a span of its traces.
        Trace = "trace",
    }
}

impl EventSource {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Resource => "Resource",
            Self::Agent => "The agent itself",
            Self::Trace => "Trace of the agent",
        }
    }
}

words! {
    /// Was the act one that the identity had been given a scope for?
    Coverage as "coverage of an access event" {
        /// A scope that was approved covers it.
        Covered = "covered",
        /// None of the approved scopes covers it.
        OutOfScope = "out_of_scope",
        /// The identity was not made yet, or was revoked or in quarantine and its last token had run out.
        NotInForce = "not_in_force",
        /// There is no such identity, or none that the reporter may speak of.
        UnknownIdentity = "unknown_identity",
    }
}

impl Coverage {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Covered => "In scope",
            Self::OutOfScope => "Out of scope",
            Self::NotInForce => "Identity not in force",
            Self::UnknownIdentity => "Unknown identity",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Covered => Tone::Ok,
            Self::OutOfScope | Self::NotInForce | Self::UnknownIdentity => Tone::Bad,
        }
    }
}

/// What is known of the identity that an event names.
#[derive(Debug, Clone, Copy)]
pub struct Life<'a> {
    pub made_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was in quarantine: from, and until when if that is over.
    pub stopped: &'a [(DateTime<Utc>, Option<DateTime<Utc>>)],
    /// The scopes that were approved for its deployment.
    pub scopes: &'a [String],
}

/// Was an act covered when it took place? A token that was out when its identity was revoked or put into quarantine can pass
/// for some minutes, so an act within them counts as one of before.
#[must_use]
pub fn coverage(
    identity: Option<Life<'_>>,
    (resource, action): (&str, &str),
    at: DateTime<Utc>,
) -> Coverage {
    let Some(identity) = identity else {
        return Coverage::UnknownIdentity;
    };
    let over = |end: DateTime<Utc>| at > end + TimeDelta::seconds(TOKEN_SECONDS);
    let stopped = |(from, until): &(DateTime<Utc>, Option<DateTime<Utc>>)| {
        over(*from) && until.is_none_or(|until| at < until)
    };
    let early = at < identity.made_at - CLOCK_SKEW;
    if early || identity.revoked_at.is_some_and(over) || identity.stopped.iter().any(stopped) {
        return Coverage::NotInForce;
    }
    let of = |scope: &String| scope.split_once(':') == Some((resource, action));
    if identity.scopes.iter().any(of) {
        Coverage::Covered
    } else {
        Coverage::OutOfScope
    }
}

/// One event as it was sent, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent {
    pub id: String,
    /// Client id of the identity; empty where the agent itself reports.
    pub identity: String,
    pub resource: String,
    pub action: String,
    pub object: Option<String>,
    pub allowed: bool,
    /// RFC 3339.
    pub occurred_at: String,
}

/// One event that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The reporter's own id of it: the same one again is the same event.
    pub key: String,
    /// Client id of the identity that acted, as the reporter saw it.
    pub identity: String,
    /// What scopes begin with.
    pub resource: String,
    /// What scopes end with.
    pub action: String,
    /// What was acted on, as the resource calls it.
    pub object: Option<String>,
    pub allowed: bool,
    pub occurred_at: DateTime<Utc>,
}

/// Why one event cannot be kept. Every other event of the report is kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    #[error("The event is no JSON object.")]
    Form,
    #[error("`{0}` is missing.")]
    Missing(&'static str),
    #[error("`{0}` has the wrong type.")]
    WrongType(&'static str),
    #[error("`{0}` is too long.")]
    TooLong(&'static str),
    #[error(
        "`{0}` is no part of a scope: write lower-case letters, digits, dots, hyphens and underscores, beginning with a letter."
    )]
    BadName(&'static str),
    #[error("`{0}` has characters that cannot be seen.")]
    Hidden(&'static str),
    #[error("`occurred_at` is no time such as 2026-01-31T14:32:05Z.")]
    BadTime,
    #[error("`occurred_at` is in the future.")]
    InFuture,
    #[error("`occurred_at` is longer ago than lines are kept.")]
    TooOld,
    #[error("An agent reports what it did under its own identity alone.")]
    NotYours,
}

impl Unacceptable {
    /// Stable and machine-readable.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "not_an_object",
            Self::Missing(_) => "missing",
            Self::WrongType(_) => "wrong_type",
            Self::TooLong(_) => "too_long",
            Self::BadName(_) => "bad_name",
            Self::Hidden(_) => "hidden_characters",
            Self::BadTime => "bad_time",
            Self::InFuture => "in_future",
            Self::TooOld => "too_old",
            Self::NotYours => "not_yours",
        }
    }
}

impl Sent {
    /// The event, if it can be kept: bounded, readable, and neither of the future nor from before `oldest`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(
        self,
        now: DateTime<Utc>,
        oldest: DateTime<Utc>,
    ) -> Result<Reported, Unacceptable> {
        let key = visible("id", &self.id, KEY_MAX)?;
        let identity = visible("identity", &self.identity, TEXT_MAX)?;
        let resource = scope_part("resource", &self.resource)?;
        let action = scope_part("action", &self.action)?;
        let object = match self.object.as_deref() {
            Some(text) if !text.is_empty() => Some(visible("object", text, TEXT_MAX)?),
            Some(_) | None => None,
        };
        let at = DateTime::parse_from_rfc3339(&self.occurred_at);
        let occurred_at = at.map_err(|_| Unacceptable::BadTime)?.to_utc();
        if occurred_at > now + CLOCK_SKEW {
            return Err(Unacceptable::InFuture);
        }
        if occurred_at < oldest {
            return Err(Unacceptable::TooOld);
        }
        Ok(Reported {
            key,
            identity,
            resource,
            action,
            object,
            allowed: self.allowed,
            occurred_at,
        })
    }
}

fn visible(name: &'static str, text: &str, max: usize) -> Result<String, Unacceptable> {
    if text.is_empty() {
        return Err(Unacceptable::Missing(name));
    }
    if text.len() > max {
        return Err(Unacceptable::TooLong(name));
    }
    if text.chars().any(|c| is_hidden(c) || c.is_control()) {
        return Err(Unacceptable::Hidden(name));
    }
    Ok(text.to_owned())
}

fn scope_part(name: &'static str, text: &str) -> Result<String, Unacceptable> {
    if text.is_empty() {
        return Err(Unacceptable::Missing(name));
    }
    if text.len() > NAME_MAX {
        return Err(Unacceptable::TooLong(name));
    }
    if !is_scope_part(text) {
        return Err(Unacceptable::BadName(name));
    }
    Ok(text.to_owned())
}

/// For how many whole days a scope was not used, counted from when it was given if it never was.
#[must_use]
pub fn unused_days(given: DateTime<Utc>, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> i64 {
    let since = last.map_or(given, |last| last.max(given));
    (now - since).num_days().max(0)
}
