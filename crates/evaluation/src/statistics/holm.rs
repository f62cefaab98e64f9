//! Several tests in one gate: Holm's step-down procedure (Holm 1979, Scandinavian Journal of Statistics 6:65).
//!
//! Gates themselves need none: they must all pass, so a false promotion needs every one of them to err.

use super::number::count;

/// The adjusted p-values, in the order given: reject those up to the level that the whole gate shall keep.
#[must_use]
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|one, two| one.1.total_cmp(&two.1));
    let mut reached: f64 = 0.0;
    let mut found: Vec<(usize, f64)> = order
        .into_iter()
        .enumerate()
        .map(|(rank, (at, p))| {
            reached = reached.max((count(p_values.len() - rank) * p).min(1.0));
            (at, reached)
        })
        .collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, p)| p).collect()
}
