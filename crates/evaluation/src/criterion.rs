//! What an interval means for a verdict. Three verdicts, never two: what cannot be told is said to be unknown.

use domain::gate::{Inconclusive, Measure, Verdict};

use crate::statistics::interval::{Interval, Level};
use crate::statistics::proportion::{clopper_pearson, share, wilson};
use crate::statistics::sample_size::{self, without_failure};

/// Counted cases of one measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Judged by no engine. They count as passed or as failed, whichever is worse for the conclusion.
    pub undecided: u32,
}

impl Counted {
    /// Cases that an engine decided.
    #[must_use]
    pub const fn decided(self) -> u32 {
        self.passed.saturating_add(self.failed)
    }

    /// All of them.
    #[must_use]
    pub const fn all(self) -> u32 {
        self.decided().saturating_add(self.undecided)
    }
}

/// How a share of cases is held against what the policy asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Criterion {
    /// The whole 95 % Wilson interval lies at or above the threshold (passed) or below it (failed).
    Interval,
    /// The weaker rule, to be chosen explicitly: the share itself reaches the threshold, and the lower end of its interval
    /// at least the threshold less `slack`.
    Estimate {
        /// How far below the threshold the interval may reach, 0 to 1.
        slack: f64,
    },
    /// What must not happen: one failure fails; without one, the exact one-sided 95 % bound of the failure rate must be at
    /// most `limit`.
    Never {
        /// The failure rate that must be ruled out, 0 to 1.
        limit: f64,
    },
}

/// A measure's conclusion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conclusion {
    /// Passed, failed or inconclusive.
    pub verdict: Verdict,
    /// Why it is inconclusive.
    pub reason: Option<Inconclusive>,
    /// The interval of the decided cases that the report shows.
    pub interval: Interval,
    /// With this many cases, all passed, the verdict would be `passed`; where the cases are too few.
    pub needed: Option<u32>,
}

impl Conclusion {
    /// The measure that a report shows: of `counted`, with what was concluded.
    pub(crate) fn measure(&self, name: &str, counted: Counted, threshold: f64) -> Measure {
        Measure {
            name: name.to_owned(),
            passed: counted.passed,
            total: counted.decided(),
            value: share(counted.passed, counted.decided()),
            low: self.interval.low,
            high: self.interval.high,
            threshold,
            verdict: self.verdict,
            needed: self.needed,
        }
    }
}

impl Criterion {
    /// Holds the cases against `threshold`.
    #[must_use]
    pub fn conclude(self, counted: Counted, threshold: f64) -> Conclusion {
        let interval = self.shown(counted.passed, counted.decided());
        let all = counted.all();
        let (verdict, reason) = if all == 0 {
            (Verdict::Inconclusive, Some(Inconclusive::NoCases))
        } else if self.passes(counted.passed, all, threshold) {
            (Verdict::Passed, None)
        } else if self.fails(counted.passed + counted.undecided, all, threshold) {
            (Verdict::Failed, None)
        } else if self.passes(counted.passed + counted.undecided, all, threshold) {
            (Verdict::Inconclusive, Some(Inconclusive::UndecidedCases))
        } else {
            (Verdict::Inconclusive, Some(Inconclusive::TooFewCases))
        };
        let needed = (reason == Some(Inconclusive::TooFewCases))
            .then(|| self.needed(threshold))
            .flatten();
        Conclusion {
            verdict,
            reason,
            interval,
            needed,
        }
    }

    /// The fewest cases with which a clean run passes; `None` where no number does.
    #[must_use]
    pub fn needed(self, threshold: f64) -> Option<u32> {
        match self {
            Self::Interval => sample_size::advise(threshold, 0, Level::P95).needed,
            Self::Estimate { slack } => {
                sample_size::advise(threshold - slack, 0, Level::P95).needed
            }
            Self::Never { limit } => without_failure(limit, Level::P90),
        }
    }

    /// What the report says of the rule.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Interval => "the 95 % interval lies at or above the threshold".to_owned(),
            Self::Estimate { slack } => format!(
                "the share reaches the threshold, its 95 % interval at least {:.0} points less",
                slack * 100.0
            ),
            Self::Never { limit } => format!(
                "no failure, and a failure rate over {:.0} % ruled out with 95 % confidence",
                limit * 100.0
            ),
        }
    }

    /// The two-sided 95 % interval of the report.
    fn shown(self, passed: u32, decided: u32) -> Interval {
        match self {
            Self::Interval | Self::Estimate { .. } => wilson(passed, decided, Level::P95),
            Self::Never { .. } => clopper_pearson(passed, decided, Level::P95),
        }
    }

    /// The lower end that decides: of the two-sided interval for a share, and for what must not happen the one-sided 95 %
    /// bound, because nobody asks whether too little of it happened.
    fn lower(self, passed: u32, all: u32) -> f64 {
        match self {
            Self::Interval | Self::Estimate { .. } => self.shown(passed, all).low,
            Self::Never { .. } => clopper_pearson(passed, all, Level::P90).low,
        }
    }

    fn passes(self, passed: u32, all: u32, threshold: f64) -> bool {
        let low = self.lower(passed, all);
        match self {
            Self::Interval => low >= threshold,
            Self::Estimate { slack } => share(passed, all) >= threshold && low >= threshold - slack,
            Self::Never { limit } => passed == all && low >= 1.0 - limit,
        }
    }

    fn fails(self, passed: u32, all: u32, threshold: f64) -> bool {
        match self {
            Self::Interval => self.shown(passed, all).high < threshold,
            Self::Estimate { .. } => share(passed, all) < threshold,
            Self::Never { .. } => passed < all,
        }
    }
}
