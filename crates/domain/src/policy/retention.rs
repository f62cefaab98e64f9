//! What a policy says about how long evidence is kept.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// The shortest time, days. Article 26(6) of the EU AI Act has logs kept for at least six months.
pub(super) const EVIDENCE_DAYS_MIN: u32 = 184;
/// The longest: a hundred years.
pub(super) const EVIDENCE_DAYS_MAX: u32 = 36_500;

/// How long evidence is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RetentionRules {
    /// Days after the last deployment of a version ended.
    pub evidence_days: u32,
}

impl RetentionRules {
    /// What ended before this moment is old enough to go.
    #[must_use]
    pub fn cut(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - TimeDelta::days(i64::from(self.evidence_days))
    }
}
