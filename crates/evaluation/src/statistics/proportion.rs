//! Intervals of one proportion.

use super::interval::{Interval, Level};
use super::number::beta_quantile;

/// `passed / total`, and 0 without a case.
#[must_use]
pub fn share(passed: u32, total: u32) -> f64 {
    if total == 0 {
        0.0
    } else {
        f64::from(passed) / f64::from(total)
    }
}

/// The Wilson score interval of `passed` out of `total` (Wilson 1927, JASA 22:209).
///
/// Without a case nothing is known: 0 to 1. A `passed` above `total` is read as `total`.
#[must_use]
pub fn wilson(passed: u32, total: u32, level: Level) -> Interval {
    if total == 0 {
        return Interval::UNKNOWN;
    }
    let passed = passed.min(total);
    let found = wilson_of(share(passed, total), f64::from(total), level.z());
    // At the ends the closed form is exact and rounding is not.
    Interval {
        low: if passed == 0 { 0.0 } else { found.low },
        high: if passed == total { 1.0 } else { found.high },
    }
}

/// The same for a share of an effective number of cases, which need not be whole.
pub(super) fn wilson_of(share: f64, cases: f64, z: f64) -> Interval {
    let z2 = z * z;
    let centre = (share + z2 / (2.0 * cases)) / (1.0 + z2 / cases);
    let spread = share * (1.0 - share) / cases + z2 / (4.0 * cases * cases);
    let half = z / (1.0 + z2 / cases) * spread.max(0.0).sqrt();
    Interval {
        low: centre - half,
        high: centre + half,
    }
    .within(0.0, 1.0)
}

/// The exact interval (Clopper and Pearson 1934, Biometrika 26:404): it covers at least its level, whatever the truth.
///
/// For what must not happen: with `failed` of `total`, `high` at [`Level::P90`] is the 95 % bound on one side.
#[must_use]
pub fn clopper_pearson(passed: u32, total: u32, level: Level) -> Interval {
    if total == 0 {
        return Interval::UNKNOWN;
    }
    let passed = passed.min(total);
    let (x, n) = (f64::from(passed), f64::from(total));
    Interval {
        low: if passed == 0 {
            0.0
        } else {
            beta_quantile(level.tail(), x, n - x + 1.0)
        },
        high: if passed == total {
            1.0
        } else {
            beta_quantile(1.0 - level.tail(), x + 1.0, n - x)
        },
    }
}
