//! The counterfactual test for amounts: a price, a limit, a number of days. Only the protected attribute changes, so the
//! amount must not.

use crate::statistics::interval::Interval;
use crate::statistics::number::{count, t_quantile};
use crate::statistics::permutation::sign_flip;

use super::counterfactual::{Apart, Found, Limits, conclude, pairs};

/// Templates below which an interval of means is not trusted to pass.
const MIN_TEMPLATES: u32 = 50;
/// Nobody is told to write more templates than this.
const MOST: u32 = 100_000;
/// Sign patterns that are drawn where all are too many.
const DRAWS: u32 = 20_000;

/// What one group got: an amount for every template, in the same order for all groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Amounts {
    /// The group's name.
    pub name: String,
    /// By template; `None` where no single amount could be read.
    pub amounts: Vec<Option<f64>>,
}

/// Compares every pair of groups by their relative difference, (a - b) over the mean of both sizes, so that templates of any size
/// count alike. The p-value is of the sign-flip permutation test, the interval Student's t on the differences; the limits
/// are those of decisions. Passes with 50 templates at least. `None` with fewer than two groups.
#[must_use]
pub fn compare_amounts(groups: &[Amounts], limits: Limits) -> Option<Found> {
    let pairs = pairs(groups).map(|(one, two)| {
        let differences: Vec<f64> = one
            .amounts
            .iter()
            .zip(&two.amounts)
            .filter_map(|(a, b)| Some(relative((*a)?, (*b)?)))
            .collect();
        apart((one, two), &differences, limits)
    });
    conclude(pairs.collect(), MIN_TEMPLATES, limits, None)
}

fn relative(one: f64, two: f64) -> f64 {
    let size = f64::midpoint(one.abs(), two.abs());
    if size > 0.0 { (one - two) / size } else { 0.0 }
}

fn apart((one, two): (&Amounts, &Amounts), differences: &[f64], limits: Limits) -> Apart {
    let n = count(differences.len());
    let (mean, half) = if differences.len() < 2 {
        // Nothing is known of the spread: two amounts are two apart at the most.
        (differences.first().copied().unwrap_or_default(), 2.0)
    } else {
        let mean = differences.iter().sum::<f64>() / n;
        let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
        let half = t_quantile(0.975, n - 1.0) * (squares / (n - 1.0) / n).sqrt();
        (mean, half)
    };
    Apart {
        groups: (one.name.clone(), two.name.clone()),
        difference: mean,
        interval: Interval {
            low: mean - half,
            high: mean + half,
        },
        p_value: sign_flip(differences, DRAWS, 1),
        templates: u32::try_from(differences.len()).unwrap_or(u32::MAX),
        needed: needed(n, mean.abs(), half, limits),
    }
}

/// Templates at which the interval would be narrow enough, if mean and spread stay as they are: it shrinks with their root.
fn needed(n: f64, mean: f64, half: f64, limits: Limits) -> Option<u32> {
    let room = (limits.pass_below - mean).max(mean - limits.fail_above);
    let wanted = (n * (half / room) * (half / room)).max(f64::from(MIN_TEMPLATES));
    (MIN_TEMPLATES..=MOST).find(|templates| f64::from(*templates) >= wanted)
}
