//! What a policy says of agents at work: when they may do what. It only says no: what it is asked about is entitled and in
//! scope already.

#[cfg(feature = "formats")]
use std::str::FromStr as _;

#[cfg(feature = "formats")]
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
#[cfg(feature = "formats")]
use chrono_tz::Tz;

use crate::environment::Environment;
use crate::state::words;

/// The days of a week, as a document writes them, in their order.
pub const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Minutes of a day.
#[cfg(feature = "formats")]
pub(super) const DAY: u32 = 1_440;

/// A time in which something may be done. What one window or several are about is done in one of them alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessWindow {
    pub reason: String,
    /// What scopes begin with; none for every resource.
    pub resource: Option<String>,
    /// One scope; none for every one.
    pub scope: Option<String>,
    /// None for every environment.
    pub environment: Option<Environment>,
    /// Places in [`WEEKDAYS`], in order; none for every day.
    pub days: Vec<u32>,
    /// Minutes after midnight.
    pub from: u32,
    /// The first minute after it. Not later than `from` where it ends on the next day.
    pub until: u32,
    /// An IANA zone, by whose clocks this is.
    pub zone: String,
}

words! {
    /// The type of what callers may say beside a question, in Cedar's words.
    ContextKind as "type" {
        Long = "Long",
        String = "String",
        Bool = "Bool",
        Strings = "Set<String>",
    }
}

/// What may not be done although a scope allows it, in Cedar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restrictions {
    /// What callers may say beside a question, by name.
    pub context: Vec<(String, ContextKind)>,
    /// The statements, each a `forbid`.
    pub cedar: String,
    /// Why each forbids, in the order of the text.
    pub reasons: Vec<String>,
}

/// The section `access` of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessRules {
    pub windows: Vec<AccessWindow>,
    pub restrictions: Option<Restrictions>,
    /// Where access tokens are given for a proof of a key alone.
    pub bound_tokens: Vec<Environment>,
}

impl AccessWindow {
    /// Is it about this scope there?
    #[must_use]
    pub fn is_about(&self, resource: &str, scope: &str, environment: Environment) -> bool {
        self.resource.as_ref().is_none_or(|name| name == resource)
            && self.scope.as_ref().is_none_or(|name| name == scope)
            && self.environment.is_none_or(|at| at == environment)
    }

    /// Is it open at a moment? A window that ends on the next day belongs to the day on which it begins. Clocks that are put
    /// forward or back are those of the zone.
    #[cfg(feature = "formats")]
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        // What was checked when it was proposed is a zone; anything else is never open.
        let Ok(zone) = Tz::from_str(&self.zone) else {
            return false;
        };
        let local = now.with_timezone(&zone);
        let minute = local.hour() * 60 + local.minute();
        let today = local.weekday().num_days_from_monday();
        let on = |day: u32| self.days.is_empty() || self.days.contains(&day);
        if self.from < self.until {
            on(today) && (self.from..self.until).contains(&minute)
        } else {
            let yesterday = (today + 6) % 7;
            (on(today) && minute >= self.from) || (on(yesterday) && minute < self.until)
        }
    }
}

#[cfg(feature = "formats")]
impl AccessRules {
    /// The window that keeps a scope closed at this moment: the first that is about it, where none of them is open.
    #[must_use]
    pub fn closed(
        &self,
        resource: &str,
        scope: &str,
        environment: Environment,
        now: DateTime<Utc>,
    ) -> Option<&AccessWindow> {
        let about = |window: &&AccessWindow| window.is_about(resource, scope, environment);
        let mut all = self.windows.iter().filter(about).peekable();
        let first = all.peek().copied()?;
        (!all.any(|window| window.is_open(now))).then_some(first)
    }
}

#[cfg(feature = "formats")]
impl ContextKind {
    const fn restriction(self) -> restrictions::Kind {
        use restrictions::Kind;
        match self {
            Self::Long => Kind::Long,
            Self::String => Kind::String,
            Self::Bool => Kind::Bool,
            Self::Strings => Kind::Strings,
        }
    }
}

/// Reads statements in Cedar.
///
/// # Errors
/// Every problem of the text.
#[cfg(feature = "formats")]
pub fn read_restrictions(
    cedar: &str,
    context: &[(String, ContextKind)],
) -> Result<restrictions::Restrictions, Vec<restrictions::Problem>> {
    let context: Vec<_> = context
        .iter()
        .map(|(name, kind)| (name.clone(), kind.restriction()))
        .collect();
    restrictions::Restrictions::read(cedar, &context)
}

/// The name of a day, by its place.
#[must_use]
pub fn weekday(day: u32) -> Option<&'static str> {
    WEEKDAYS.get(usize::try_from(day).ok()?).copied()
}

/// A time of day as a document writes it.
#[must_use]
pub fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
