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
    /// Holm-adjusted exact p-value of that pair (McNemar).
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
    let mut pairs = Vec::new();
    for (at, one) in groups.iter().enumerate() {
        for two in groups.iter().skip(at + 1) {
            pairs.push((one, two, count(one, two)));
        }
    }
    let p_values: Vec<f64> = pairs
        .iter()
        .map(|(.., cells)| mcnemar::exact(*cells))
        .collect();
    let adjusted = holm::adjusted(&p_values);
    let judged: Vec<_> = pairs
        .iter()
        .zip(adjusted)
        .map(|((one, two, cells), p)| {
            let interval = newcombe_paired(*cells, Level::P95);
            if cells.difference() < 0.0 {
                let flipped = Interval {
                    low: -interval.high,
                    high: -interval.low,
                };
                (*two, *one, *cells, flipped, p)
            } else {
                (*one, *two, *cells, interval, p)
            }
        })
        .collect();
    let failed = judged
        .iter()
        .find(|(.., interval, p)| *p <= limits.alpha && interval.low > limits.fail_above);
    let worst = judged
        .iter()
        .max_by(|a, b| a.2.difference().abs().total_cmp(&b.2.difference().abs()));
    let (favoured, other, cells, interval, p_value) = failed.or(worst)?;
    let within = judged.iter().all(|(.., cells, interval, _)| {
        cells.total() > 0 && interval.high < limits.pass_below && interval.low > -limits.pass_below
    });
    let (verdict, reason) = if failed.is_some() {
        (Verdict::Failed, None)
    } else if within {
        (Verdict::Passed, None)
    } else {
        (Verdict::Inconclusive, Some(Inconclusive::TooFewCases))
    };
    Some(Found {
        verdict,
        reason,
        groups: (favoured.name.clone(), other.name.clone()),
        difference: cells.difference().abs(),
        interval: *interval,
        p_value: *p_value,
        four_fifths: four_fifths(groups),
        templates: cells.total(),
        needed: reason.and_then(|_| needed(*cells, limits)),
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
            let apart = interval.low > limits.fail_above || interval.high < -limits.fail_above;
            let within = interval.high < limits.pass_below && interval.low > -limits.pass_below;
            apart || within
        })
        .map(Pairs::total)
}
