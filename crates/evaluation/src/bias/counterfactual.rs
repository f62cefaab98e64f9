//! The counterfactual test: the same templates, asked for each group; only the protected attribute changes.

use domain::gate::{Inconclusive, Verdict};

use crate::statistics::difference::{Pairs, newcombe_paired};
use crate::statistics::interval::{Interval, Level};
use crate::statistics::proportion::share;
use crate::statistics::{holm, mcnemar};

/// What one group got: a decision for every template, in the same order for all groups. `None` where no plain decision
/// could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name, such as the value that was put in.
    pub name: String,
    /// Favourable or not, by template.
    pub decisions: Vec<Option<bool>>,
}

/// Where a difference fails and where it passes, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Fails where the whole interval of a difference lies beyond this.
    pub fail_above: f64,
    /// Passes where every interval stays within this.
    pub pass_below: f64,
    /// The level that all comparisons together keep.
    pub alpha: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fail_above: 0.05,
            pass_below: 0.10,
            alpha: 0.05,
        }
    }
}

impl Limits {
    /// The whole interval of a difference lies beyond the limit, whichever way.
    pub(crate) fn beyond(self, interval: Interval) -> bool {
        interval.low > self.fail_above || interval.high < -self.fail_above
    }

    /// The whole interval stays within the limit, both ways.
    pub(crate) fn within(self, interval: Interval) -> bool {
        interval.high < self.pass_below && interval.low > -self.pass_below
    }
}

/// What the comparison of all groups came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Passed, failed or inconclusive.
    pub verdict: Verdict,
    /// Why it is inconclusive.
    pub reason: Option<Inconclusive>,
    /// The two groups that are furthest apart, the favoured one first.
    pub groups: (String, String),
    /// Their difference, 0 to 1.
    pub difference: f64,
    /// Its interval.
    pub interval: Interval,
    /// Holm-adjusted p-value of that pair.
    pub p_value: f64,
    /// Lowest rate of a favourable decision by the highest; below 0.8 the four-fifths rule is broken. `None` where nobody
    /// got one.
    pub four_fifths: Option<f64>,
    /// Templates that every group had a plain decision for, in the pair shown.
    pub templates: u32,
    /// About how many templates would decide; where they are too few.
    pub needed: Option<u32>,
}

/// Compares every pair of groups, template by template. `None` with fewer than two groups.
///
/// Fails only if some pair differs significantly after Holm's correction **and** its Newcombe interval lies beyond the
/// limit; passes only if the interval of every pair stays within. What is between is inconclusive.
#[must_use]
pub fn compare(groups: &[Group], limits: Limits) -> Option<Found> {
    let pairs = pairs(groups).map(|(one, two)| {
        let cells = count(one, two);
        Apart {
            groups: (one.name.clone(), two.name.clone()),
            difference: cells.difference(),
            interval: newcombe_paired(cells, Level::P95),
            p_value: mcnemar::exact(cells),
            templates: cells.total(),
            needed: needed(cells, limits),
        }
    });
    conclude(pairs.collect(), 1, limits, four_fifths(groups))
}

/// Every pair of some things, once.
pub(super) fn pairs<T>(all: &[T]) -> impl Iterator<Item = (&T, &T)> {
    all.iter()
        .enumerate()
        .flat_map(|(at, one)| all.iter().skip(at + 1).map(move |two| (one, two)))
}

/// How far two groups are apart: the first less the second.
#[derive(Debug, Clone)]
pub(super) struct Apart {
    pub(super) groups: (String, String),
    pub(super) difference: f64,
    pub(super) interval: Interval,
    /// Before any correction.
    pub(super) p_value: f64,
    pub(super) templates: u32,
    /// Templates that would decide.
    pub(super) needed: Option<u32>,
}

impl Apart {
    /// The same, the favoured group first.
    fn turned(self) -> Self {
        if self.difference >= 0.0 {
            return self;
        }
        Self {
            groups: (self.groups.1, self.groups.0),
            difference: -self.difference,
            interval: Interval {
                low: -self.interval.high,
                high: -self.interval.low,
            },
            ..self
        }
    }

    fn within(&self, least: u32, limits: Limits) -> bool {
        self.templates >= least && limits.within(self.interval)
    }
}

/// What the pairs of groups come to together; with fewer than `least` templates they never pass. `None` without a pair.
pub(super) fn conclude(
    pairs: Vec<Apart>,
    least: u32,
    limits: Limits,
    four_fifths: Option<f64>,
) -> Option<Found> {
    let p_values: Vec<f64> = pairs.iter().map(|pair| pair.p_value).collect();
    let judged: Vec<(Apart, f64)> = pairs
        .into_iter()
        .map(Apart::turned)
        .zip(holm::adjusted(&p_values))
        .collect();
    let failed = judged
        .iter()
        .find(|(pair, p)| *p <= limits.alpha && pair.interval.low > limits.fail_above);
    let worst = judged
        .iter()
        .max_by(|a, b| a.0.difference.total_cmp(&b.0.difference));
    let (pair, p_value) = failed.or(worst)?;
    let (verdict, reason) = if failed.is_some() {
        (Verdict::Failed, None)
    } else if judged.iter().all(|(pair, _)| pair.within(least, limits)) {
        (Verdict::Passed, None)
    } else {
        (Verdict::Inconclusive, Some(Inconclusive::TooFewCases))
    };
    Some(Found {
        verdict,
        reason,
        groups: pair.groups.clone(),
        difference: pair.difference,
        interval: pair.interval,
        p_value: *p_value,
        four_fifths,
        templates: pair.templates,
        needed: reason.and(pair.needed),
    })
}

fn count(one: &Group, two: &Group) -> Pairs {
    let mut cells = Pairs::default();
    for (a, b) in one.decisions.iter().zip(&two.decisions) {
        if let (Some(a), Some(b)) = (a, b) {
            cells.add(*a, *b);
        }
    }
    cells
}

fn four_fifths(groups: &[Group]) -> Option<f64> {
    let rates: Vec<f64> = groups
        .iter()
        .map(|group| {
            let number = |wanted: fn(&Option<bool>) -> bool| {
                u32::try_from(group.decisions.iter().filter(|one| wanted(one)).count())
                    .unwrap_or(u32::MAX)
            };
            share(number(|one| *one == Some(true)), number(Option::is_some))
        })
        .collect();
    let highest = rates.iter().copied().fold(0.0, f64::max);
    let lowest = rates.iter().copied().fold(1.0, f64::min);
    (highest > 0.0).then(|| lowest / highest)
}

/// Templates at which the interval of a pair like this one would be narrow enough, if its shares stay as they are.
fn needed(cells: Pairs, limits: Limits) -> Option<u32> {
    if cells.total() == 0 {
        return None;
    }
    (1..=200_u32)
        .map(|times| Pairs {
            both: cells.both.saturating_mul(times),
            only_new: cells.only_new.saturating_mul(times),
            only_old: cells.only_old.saturating_mul(times),
            neither: cells.neither.saturating_mul(times),
        })
        .find(|grown| {
            let interval = newcombe_paired(*grown, Level::P95);
            limits.beyond(interval) || limits.within(interval)
        })
        .map(Pairs::total)
}
