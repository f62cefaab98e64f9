//! How many events one reporter may send: a bucket for each that fills by the clock. It keeps one program, or one rogue agent,
//! from filling the tables that others need; it is of this process alone, and costs no statement.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};

/// Most reporters that are told apart. Those whose bucket is full again are forgotten first.
const MOST: usize = 10_000;

/// What one reporter may still send, in thousandths of an event, and since when.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: i64,
    at: DateTime<Utc>,
}

/// Every reporter of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<String, Bucket>>);

impl Limits {
    /// May this reporter send so many events now? Then they are counted. A report that is larger than a whole minute's is let in
    /// with a full bucket, because it could never be sent otherwise.
    pub(crate) fn admit(
        &self,
        reporter: &str,
        events: usize,
        per_minute: u32,
        now: DateTime<Utc>,
    ) -> bool {
        let full = i64::from(per_minute) * 1_000;
        let wanted = i64::try_from(events).unwrap_or(i64::MAX / 1_000);
        let wanted = wanted.saturating_mul(1_000).min(full);
        let Ok(mut all) = self.0.lock() else {
            return false;
        };
        let filled = |bucket: &Bucket| {
            let gone = (now - bucket.at).num_milliseconds().clamp(0, 60_000);
            (bucket.left + i64::from(per_minute) * gone / 60).min(full)
        };
        if all.len() >= MOST && !all.contains_key(reporter) {
            all.retain(|_, bucket| filled(bucket) < full);
            if all.len() >= MOST {
                return false;
            }
        }
        let left = all.get(reporter).map_or(full, filled);
        let let_in = left >= wanted;
        let left = if let_in { left - wanted } else { left };
        all.insert(reporter.to_owned(), Bucket { left, at: now });
        let_in
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    #[test]
    fn a_reporter_sends_a_minutes_worth_and_then_what_time_gives_it() {
        let (limits, at) = (Limits::default(), noon());
        assert!(limits.admit("one", 600, 600, at));
        assert!(!limits.admit("one", 1, 600, at));
        assert!(limits.admit("other", 600, 600, at), "each has its own");
        let later = at + TimeDelta::seconds(5);
        assert!(!limits.admit("one", 51, 600, later));
        assert!(limits.admit("one", 50, 600, later));
        assert!(!limits.admit("one", 1, 600, later));
        let next = later + TimeDelta::hours(1);
        assert!(limits.admit("one", 600, 600, next));
        assert!(
            !limits.admit("one", 1, 600, next),
            "no more than a minute is saved up"
        );
        assert!(
            !limits.admit("one", 600, 600, at),
            "a clock that goes back gives nothing"
        );
    }

    #[test]
    fn a_report_of_more_than_a_minutes_worth_takes_all_of_it() {
        let (limits, at) = (Limits::default(), noon());
        assert!(limits.admit("one", 1_000, 10, at));
        assert!(!limits.admit("one", 1, 10, at));
    }

    #[test]
    fn strangers_fill_no_memory() {
        let (limits, at) = (Limits::default(), noon());
        for number in 0..MOST + 50 {
            limits.admit(&number.to_string(), 1, 600, at);
        }
        assert_eq!(limits.0.lock().unwrap().len(), MOST);
        assert!(
            limits.admit("late", 1, 600, at + TimeDelta::seconds(1)),
            "what is full again is forgotten"
        );
    }
}
