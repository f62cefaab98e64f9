//! Intervals of a difference of two proportions, from separate cases and from the same ones.

use super::interval::{Interval, Level};
use super::proportion::{share, wilson};

/// The same cases judged twice: for the candidate and for what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pairs {
    /// Passed by both.
    pub both: u32,
    /// Passed by the candidate alone.
    pub only_new: u32,
    /// Passed by the live version alone: newly failing.
    pub only_old: u32,
    /// Passed by neither.
    pub neither: u32,
}

impl Pairs {
    /// Counts one case.
    pub const fn add(&mut self, new: bool, old: bool) {
        let cell = match (new, old) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.only_new,
            (false, true) => &mut self.only_old,
            (false, false) => &mut self.neither,
        };
        *cell = cell.saturating_add(1);
    }

    /// How many cases.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.both
            .saturating_add(self.only_new)
            .saturating_add(self.only_old)
            .saturating_add(self.neither)
    }

    /// Share of the candidate minus share of the live version.
    #[must_use]
    pub fn difference(self) -> f64 {
        share(self.only_new, self.total()) - share(self.only_old, self.total())
    }

    /// Share of cases in which the two differ.
    #[must_use]
    pub fn discordance(self) -> f64 {
        share(self.only_new, self.total()) + share(self.only_old, self.total())
    }
}

/// The interval of `one - two` for two separate groups, each as (passed, total): Newcombe 1998, Statistics in Medicine
/// 17:873, method 10, which joins the two Wilson intervals.
#[must_use]
pub fn newcombe(one: (u32, u32), two: (u32, u32), level: Level) -> Interval {
    if one.1 == 0 || two.1 == 0 {
        return Interval {
            low: -1.0,
            high: 1.0,
        };
    }
    let (p1, p2) = (share(one.0, one.1), share(two.0, two.1));
    let (i1, i2) = (wilson(one.0, one.1, level), wilson(two.0, two.1, level));
    Interval {
        low: p1 - p2 - (p1 - i1.low).hypot(i2.high - p2),
        high: p1 - p2 + (i1.high - p1).hypot(p2 - i2.low),
    }
    .within(-1.0, 1.0)
}

/// The interval of the difference for the same cases: Newcombe 1998, Statistics in Medicine 17:2635, method 10.
#[must_use]
pub fn newcombe_paired(pairs: Pairs, level: Level) -> Interval {
    let n = pairs.total();
    if n == 0 {
        return Interval {
            low: -1.0,
            high: 1.0,
        };
    }
    let (new, old) = (pairs.both + pairs.only_new, pairs.both + pairs.only_old);
    let (p1, p2) = (share(new, n), share(old, n));
    let (i1, i2) = (wilson(new, n, level), wilson(old, n, level));
    let phi = correlation(pairs);
    let join = |a: f64, b: f64| (a * a - 2.0 * phi * a * b + b * b).max(0.0).sqrt();
    let difference = pairs.difference();
    Interval {
        low: difference - join(p1 - i1.low, i2.high - p2),
        high: difference + join(i1.high - p1, p2 - i2.low),
    }
    .within(-1.0, 1.0)
}

/// The correlation of the two answers, with the continuity correction of method 10; 0 where a margin is empty.
fn correlation(pairs: Pairs) -> f64 {
    let [e, f, g, h] = [pairs.both, pairs.only_new, pairs.only_old, pairs.neither].map(f64::from);
    let margins = (e + f) * (g + h) * (e + g) * (f + h);
    if margins <= 0.0 {
        return 0.0;
    }
    let cross = e * h - f * g;
    let n = e + f + g + h;
    let corrected = if cross > 0.0 {
        (cross - n / 2.0).max(0.0)
    } else {
        cross
    };
    corrected / margins.sqrt()
}
