//! How many cases it takes: said when a suite is saved, and not after it ran.

use super::interval::Level;
use super::proportion::{clopper_pearson, wilson};

/// Suites are not larger than this, so larger needs are reported as "more than".
pub const MOST: u32 = 100_000;

/// What a number of cases can show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advice {
    /// The share that is asked for.
    pub threshold: f64,
    /// Cases there are.
    pub cases: u32,
    /// Failures that the suite may have and still pass; `None` if even a clean run cannot pass.
    pub failures_allowed: Option<u32>,
    /// The fewest cases with which a clean run passes; `None` beyond [`MOST`].
    pub needed: Option<u32>,
}

impl Advice {
    /// A sentence for whoever saves the suite; `None` where the suite is large enough.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        if self.failures_allowed.is_some() {
            return None;
        }
        let percent = self.threshold * 100.0;
        let cases = if self.cases == 1 {
            "1 case".to_owned()
        } else {
            format!("{} cases", self.cases)
        };
        Some(match self.needed {
            Some(needed) => format!(
                "A threshold of {percent:.0} % cannot be reached with {cases}: it needs {needed}, all passed."
            ),
            None => {
                format!("A threshold of {percent:.0} % cannot be reached with any number of cases.")
            }
        })
    }
}

/// What `cases` cases can show about `threshold` when the lower end of the Wilson interval must reach it.
#[must_use]
pub fn advise(threshold: f64, cases: u32, level: Level) -> Advice {
    let reaches =
        |failed: u32| failed <= cases && wilson(cases - failed, cases, level).low >= threshold;
    let failures_allowed = (cases > 0 && reaches(0)).then(|| last(cases, reaches));
    Advice {
        threshold,
        cases,
        failures_allowed,
        needed: first(|n| wilson(n, n, level).low >= threshold),
    }
}

/// The fewest cases that must run without a failure to show, exactly, that failures are rarer than `rate`.
#[must_use]
pub fn without_failure(rate: f64, level: Level) -> Option<u32> {
    first(|n| clopper_pearson(0, n, level).high <= rate)
}

/// About how many cases a non-inferiority test needs for 80 % power at 2.5 % on one side, if the two versions are equal and
/// differ in a share `discordance` of the cases: (1.960 + 0.842)^2 * discordance / margin^2.
#[must_use]
pub fn non_inferiority(discordance: f64, margin: f64) -> Option<u32> {
    if margin <= 0.0 || discordance < 0.0 {
        return None;
    }
    let wanted = 7.848_879 * discordance / (margin * margin);
    first(|n| f64::from(n) >= wanted)
}

/// The smallest number from 1 to [`MOST`] that fulfils what, once fulfilled, stays fulfilled.
fn first(fulfilled: impl Fn(u32) -> bool) -> Option<u32> {
    if !fulfilled(MOST) {
        return None;
    }
    let (mut low, mut high) = (1, MOST);
    while low < high {
        let middle = u32::midpoint(low, high);
        if fulfilled(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

/// The largest number up to `most` that is fulfilled, where 0 is.
fn last(most: u32, fulfilled: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if fulfilled(middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}
