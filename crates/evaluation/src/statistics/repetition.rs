//! Cases asked several times: pass^k, and how often a case changes its mind.

use super::number::count;

/// The trials of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trials {
    /// Trials that passed.
    pub passed: u32,
    /// Trials that were judged.
    pub total: u32,
}

impl Trials {
    /// Unbiased estimate of the probability that `k` independent trials of this case all pass: C(passed, k) / C(total, k)
    /// (Yao and others 2024, tau-bench, arXiv 2406.12045). `None` where fewer than `k` were judged, or `k` is 0.
    #[must_use]
    pub fn all_of(self, k: u32) -> Option<f64> {
        if k == 0 || self.total < k {
            return None;
        }
        Some((0..k).fold(1.0, |so_far, i| {
            so_far * f64::from(self.passed.saturating_sub(i)) / f64::from(self.total - i)
        }))
    }

    /// The share of trials that do not agree with most of them: 0 for a steady case, one half at the worst.
    #[must_use]
    pub fn flips(self) -> f64 {
        super::proportion::share(
            self.passed.min(self.total.saturating_sub(self.passed)),
            self.total,
        )
    }
}

/// pass^k of a suite: the mean over its cases. `None` if a case has fewer than `k` judged trials, or there is none.
#[must_use]
pub fn pass_hat(cases: &[Trials], k: u32) -> Option<f64> {
    if cases.is_empty() {
        return None;
    }
    let sum: f64 = cases
        .iter()
        .map(|case| case.all_of(k))
        .sum::<Option<f64>>()?;
    Some(sum / count(cases.len()))
}
