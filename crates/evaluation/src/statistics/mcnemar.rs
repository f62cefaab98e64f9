//! The exact test of McNemar: do the two answers to the same cases differ by more than chance?

use super::difference::Pairs;
use super::number::fair_at_most;

/// The exact two-sided p-value: the discordant pairs as tosses of a fair coin. 1 without a discordant pair.
#[must_use]
pub fn exact(pairs: Pairs) -> f64 {
    let (few, many) = sorted(pairs);
    (2.0 * fair_at_most(few, few.saturating_add(many))).min(1.0)
}

/// The mid-p version (Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91), less conservative.
#[must_use]
pub fn mid_p(pairs: Pairs) -> f64 {
    let (few, many) = sorted(pairs);
    let n = few.saturating_add(many);
    if n == 0 {
        return 1.0;
    }
    let below = few.checked_sub(1).map_or(0.0, |k| fair_at_most(k, n));
    let point = fair_at_most(few, n) - below;
    (exact(pairs) - point).clamp(0.0, 1.0)
}

fn sorted(pairs: Pairs) -> (u32, u32) {
    (
        pairs.only_new.min(pairs.only_old),
        pairs.only_new.max(pairs.only_old),
    )
}
