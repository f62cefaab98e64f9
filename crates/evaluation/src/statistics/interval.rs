//! What an interval is, and how sure it is.

use super::number::normal_quantile;

/// The share of cases in which an interval holds the truth, both sides together.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// 95 %, both sides: the level of every report.
    pub const P95: Self = Self(0.95);
    /// 90 %, both sides, which is 95 % on one side: the level of a non-inferiority test.
    pub const P90: Self = Self(0.90);

    /// A level between 0 and 1, both excluded.
    #[must_use]
    pub fn new(coverage: f64) -> Option<Self> {
        (coverage > 0.0 && coverage < 1.0).then_some(Self(coverage))
    }

    /// The share that is left out on one side.
    #[must_use]
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// The standard normal quantile that the level reaches to, such as 1.96.
    #[must_use]
    pub fn z(self) -> f64 {
        normal_quantile(1.0 - self.tail())
    }
}

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Where nothing is known of a proportion.
    pub const UNKNOWN: Self = Self {
        low: 0.0,
        high: 1.0,
    };

    /// True if `value` lies in it, ends included.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half its width, the "plus or minus".
    #[must_use]
    pub fn half_width(self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The part of it within `low` to `high`.
    pub(super) fn within(self, low: f64, high: f64) -> Self {
        Self {
            low: self.low.clamp(low, high),
            high: self.high.clamp(low, high),
        }
    }
}
