//! Freezes that come again: the rules of RFC 5545 that are taken, and their windows in a bounded time.
//!
//! All of it is UTC, so no window is an hour longer or shorter for a change of clocks. Rules are kept to days and longer,
//! with small intervals, so that looking for the next window is never long; one that never comes again ends by itself.

use chrono::{DateTime, Datelike as _, Duration, Utc};
use rrule::{Frequency, RRule, RRuleSet, Tz, Unvalidated};

use super::{Freeze, FreezeWindow};

/// Most freezes of a policy that repeat.
pub(super) const REPEATED_MAX: usize = 20;
/// Longest rule, characters.
const RULE_MAX: usize = 200;
/// Longest window of a freeze that repeats, days.
const WINDOW_DAYS: i64 = 31;
/// Highest `COUNT`.
const COUNT_MAX: u32 = 1_000;
/// A freeze that repeats begins in this year at the earliest: its windows are counted from there.
const YEAR_MIN: i32 = 2_020;
/// Most windows that one freeze is asked for at a time.
const WINDOWS_MAX: u16 = 500;

/// Is this a rule that is taken, and does the first window keep to it?
pub(super) fn check(freeze: &Freeze) -> Result<(), String> {
    let Some(text) = freeze.rrule.as_deref() else {
        return Ok(());
    };
    if freeze.until - freeze.from > Duration::days(WINDOW_DAYS) {
        return Err(format!(
            "A freeze that repeats lasts at most {WINDOW_DAYS} days each time."
        ));
    }
    if !(YEAR_MIN..2_200).contains(&freeze.from.year()) {
        return Err(format!(
            "A freeze that repeats begins in {YEAR_MIN} or later."
        ));
    }
    let rule = read(text)?;
    bounds(&rule)?;
    let mut first = set(rule, freeze.from)?.into_iter();
    match first.next() {
        Some(at) if at.to_utc() == freeze.from => Ok(()),
        Some(at) => Err(format!(
            "By this rule the first window begins at {}; write that as from.",
            at.to_utc().format("%Y-%m-%dT%H:%M:%SZ")
        )),
        None => Err("By this rule it never happens.".to_owned()),
    }
}

fn read(text: &str) -> Result<RRule<Unvalidated>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '=' | ';' | ',' | '+' | '-');
    if text.len() > RULE_MAX || text.is_empty() || !text.chars().all(plain) {
        return Err("Write a rule of RFC 5545, such as FREQ=MONTHLY;BYMONTHDAY=-1.".to_owned());
    }
    if text.contains("UNTIL=") && !text.contains('Z') {
        return Err("Write UNTIL in UTC, such as UNTIL=20271231T000000Z.".to_owned());
    }
    text.parse()
        .map_err(|error: rrule::RRuleError| said(&error))
}

fn said(error: &rrule::RRuleError) -> String {
    let text = crate::text::visible(&error.to_string());
    crate::text::cut(&format!("This is no rule of RFC 5545: {text}"), 200)
}

fn bounds(rule: &RRule<Unvalidated>) -> Result<(), String> {
    let most = match rule.get_freq() {
        Frequency::Yearly => 10,
        Frequency::Monthly => 12,
        Frequency::Weekly => 52,
        Frequency::Daily => 30,
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            return Err("Write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.".to_owned());
        }
    };
    if !(1..=most).contains(&rule.get_interval()) {
        return Err(format!("With this FREQ, INTERVAL is from 1 to {most}."));
    }
    if rule
        .get_count()
        .is_some_and(|n| !(1..=COUNT_MAX).contains(&n))
    {
        return Err(format!("COUNT is from 1 to {COUNT_MAX}."));
    }
    let clock = [
        rule.get_by_hour(),
        rule.get_by_minute(),
        rule.get_by_second(),
    ];
    if clock.iter().any(|list| !list.is_empty()) {
        return Err(
            "The time of day is that of from; leave BYHOUR, BYMINUTE and BYSECOND out.".to_owned(),
        );
    }
    let of_years = !rule.get_by_year_day().is_empty() || !rule.get_by_week_no().is_empty();
    if of_years && rule.get_freq() != Frequency::Yearly {
        return Err("BYYEARDAY and BYWEEKNO go with FREQ=YEARLY.".to_owned());
    }
    if rule.get_freq() == Frequency::Daily && !rule.get_by_month_day().is_empty() {
        return Err("Write FREQ=MONTHLY with BYMONTHDAY.".to_owned());
    }
    Ok(())
}

fn set(rule: RRule<Unvalidated>, from: DateTime<Utc>) -> Result<RRuleSet, String> {
    let set = rule.build(from.with_timezone(&Tz::UTC));
    set.map(RRuleSet::limit).map_err(|error| said(&error))
}

impl Freeze {
    /// Its windows that touch the time from `start` to `end`, in order, bounded.
    #[must_use]
    pub fn windows(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> Vec<FreezeWindow> {
        let length = self.until - self.from;
        let window = |from: DateTime<Utc>| FreezeWindow {
            reason: self.reason.clone(),
            from,
            until: from + length,
        };
        let touches = |w: &FreezeWindow| w.from <= end && start < w.until;
        match &self.rrule {
            None => Some(window(self.from))
                .filter(touches)
                .into_iter()
                .collect(),
            Some(text) => {
                let begins = beginnings(text, self.from, start - length, end);
                begins.into_iter().map(window).filter(touches).collect()
            }
        }
    }
}

/// When windows begin, from one moment to another. Only what was checked is kept, so an error here means none.
fn beginnings(
    text: &str,
    first: DateTime<Utc>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    if end < first {
        return Vec::new();
    }
    let Ok(rule) = read(text) else {
        return Vec::new();
    };
    if rule.get_until().is_some_and(|until| until.to_utc() < start) {
        return Vec::new();
    }
    let first = nearer(&rule, first, start);
    let Ok(set) = set(rule, first) else {
        return Vec::new();
    };
    let (start, end) = (start.with_timezone(&Tz::UTC), end.with_timezone(&Tz::UTC));
    let found = set.after(start).before(end).all(WINDOWS_MAX);
    found.dates.into_iter().map(|at| at.to_utc()).collect()
}

/// A beginning of the same rule close before a moment, where days and weeks alone are counted: an old rule costs no more
/// than a new one.
fn nearer(rule: &RRule<Unvalidated>, first: DateTime<Utc>, start: DateTime<Utc>) -> DateTime<Utc> {
    let interval = i64::from(rule.get_interval());
    let days = match rule.get_freq() {
        Frequency::Daily => interval,
        Frequency::Weekly => interval * 7,
        Frequency::Yearly
        | Frequency::Monthly
        | Frequency::Hourly
        | Frequency::Minutely
        | Frequency::Secondly => return first,
    };
    let steps = (start - first).num_days() / days - 1;
    if rule.get_count().is_some() || steps <= 0 {
        return first;
    }
    first + Duration::days(steps * days)
}
