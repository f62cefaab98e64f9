//! Krippendorff's alpha: any number of judges, missing ratings, four scales (Krippendorff 2011, "Computing Krippendorff's
//! Alpha-Reliability").

use crate::statistics::number::count;

/// What a rating is, which says how far two ratings are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Names.
    Nominal,
    /// An order.
    Ordinal,
    /// Differences mean something.
    Interval,
    /// Ratios mean something; ratings are not negative.
    Ratio,
}

/// Alpha over units, each with the ratings that it got; a judge who gave none is left out. `None` where no unit was rated
/// twice, or every rating is the same, which shows no agreement beyond chance.
#[must_use]
pub fn krippendorff_alpha(units: &[Vec<f64>], scale: Scale) -> Option<f64> {
    let pairable: Vec<&Vec<f64>> = units.iter().filter(|unit| unit.len() > 1).collect();
    let mut values: Vec<f64> = pairable.iter().copied().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|one, two| one.total_cmp(two).is_eq());
    let totals: Vec<f64> = values
        .iter()
        .map(|value| {
            count(
                pairable
                    .iter()
                    .copied()
                    .flatten()
                    .filter(|v| same(**v, *value))
                    .count(),
            )
        })
        .collect();
    let n: f64 = totals.iter().sum();
    let distance = |one: f64, two: f64| apart(one, two, scale, &values, &totals);
    let mut observed = 0.0;
    for unit in &pairable {
        let weight = 1.0 / (count(unit.len()) - 1.0);
        for one in unit.iter() {
            observed += unit.iter().map(|two| distance(*one, *two)).sum::<f64>() * weight;
        }
    }
    let mut expected = 0.0;
    for (one, n_one) in values.iter().zip(&totals) {
        for (two, n_two) in values.iter().zip(&totals) {
            expected += n_one * n_two * distance(*one, *two);
        }
    }
    (expected > 0.0).then(|| 1.0 - (n - 1.0) * observed / expected)
}

fn same(one: f64, two: f64) -> bool {
    one.total_cmp(&two).is_eq()
}

/// The squared difference of two ratings on their scale.
fn apart(one: f64, two: f64, scale: Scale, values: &[f64], totals: &[f64]) -> f64 {
    if same(one, two) {
        return 0.0;
    }
    match scale {
        Scale::Nominal => 1.0,
        Scale::Interval => (one - two).powi(2),
        Scale::Ratio => {
            let sum = one + two;
            if sum == 0.0 {
                0.0
            } else {
                ((one - two) / sum).powi(2)
            }
        }
        Scale::Ordinal => {
            let (low, high) = if one.total_cmp(&two).is_lt() {
                (one, two)
            } else {
                (two, one)
            };
            let between: f64 = values
                .iter()
                .zip(totals)
                .filter(|(value, _)| low <= **value && **value <= high)
                .map(|(value, n)| {
                    if same(*value, low) || same(*value, high) {
                        n / 2.0
                    } else {
                        *n
                    }
                })
                .sum();
            between.powi(2)
        }
    }
}
