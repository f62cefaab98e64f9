//! The rules of one environment: gates, people, times.

use chrono::{DateTime, Utc};

use super::{ApprovalRules, GateCondition, OnlineRules};
use crate::approval::Rule;
use crate::gate::Gate;

/// A time in which nothing goes to production, once or by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    pub reason: String,
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
    /// An RFC 5545 rule, such as `FREQ=MONTHLY;BYMONTHDAY=-1`, by which it comes again.
    pub rrule: Option<String>,
}

/// One time of a freeze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeWindow {
    pub reason: String,
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
}

/// Rules for one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentPolicy {
    /// Gates that must be satisfied before a version goes live here.
    pub gates: Vec<Gate>,
    /// How many people must approve; 0 asks nobody.
    pub quorum: u32,
    /// Hours until an unanswered approval expires.
    pub approval_hours: u32,
    /// How long a version is live in non-prod before its promotion starts.
    pub soak_minutes: u32,
    /// In order of their beginning.
    pub freeze: Vec<Freeze>,
    /// Nothing is created before enough witnesses have seen a checkpoint of the audit log that includes the approval.
    pub wait_for_witness: bool,
    /// Hours after which a gate's result does not count any more; none for no limit.
    pub evidence_hours: Option<u32>,
    /// In order of their names.
    pub conditions: Vec<GateCondition>,
    pub approval: ApprovalRules,
    /// How what is live here is evaluated; none where it is not.
    pub online: Option<OnlineRules>,
}

impl EnvironmentPolicy {
    /// What an approval must come to.
    #[must_use]
    pub fn rule(&self) -> Rule {
        Rule {
            quorum: self.quorum,
            required: self.approval.required.clone(),
        }
    }

    /// The gates whose results belong to a version rather than to one running attempt.
    #[must_use]
    pub fn gates_but_health(&self) -> Vec<Gate> {
        self.gates
            .iter()
            .copied()
            .filter(|g| *g != Gate::Health)
            .collect()
    }

    /// The window that is open at a moment; of several the one that ends last.
    #[cfg(feature = "formats")]
    #[must_use]
    pub fn frozen_at(&self, now: DateTime<Utc>) -> Option<FreezeWindow> {
        self.freeze
            .iter()
            .flat_map(|freeze| freeze.windows(now, now))
            .max_by_key(|window| window.until)
    }

    /// The windows that touch a time, in order of their beginning, at most `limit`.
    #[cfg(feature = "formats")]
    #[must_use]
    pub fn frozen_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: usize,
    ) -> Vec<FreezeWindow> {
        let freezes = self.freeze.iter();
        let mut windows: Vec<FreezeWindow> = freezes.flat_map(|f| f.windows(from, to)).collect();
        windows.sort_by(|a, b| (a.from, a.until, &a.reason).cmp(&(b.from, b.until, &b.reason)));
        windows.truncate(limit);
        windows
    }

    /// When a result that was judged at a moment stops counting.
    #[must_use]
    pub fn counts_until(&self, judged_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.evidence_hours
            .map(|hours| judged_at + chrono::Duration::hours(i64::from(hours)))
    }

    /// A result that was judged at a moment still counts.
    #[must_use]
    pub fn is_fresh(&self, judged_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.counts_until(judged_at).is_none_or(|end| now < end)
    }

    /// When a version that is live in non-prod since `proven_at` has been there long enough.
    #[must_use]
    pub fn soaked_at(&self, proven_at: DateTime<Utc>) -> DateTime<Utc> {
        proven_at + chrono::Duration::minutes(i64::from(self.soak_minutes))
    }
}
