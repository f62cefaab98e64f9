//! Cases that are not independent: several questions about one document, turns of one conversation, variants of one
//! template. An interval that ignores it is too narrow.

use std::collections::BTreeMap;

use super::interval::{Interval, Level};
use super::number::{count, t_quantile};
use super::proportion::wilson_of;

/// The mean score of clustered cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean over cases.
    pub mean: f64,
    /// Its interval, within 0 to 1.
    pub interval: Interval,
    /// Cases.
    pub cases: usize,
    /// Clusters; a case without one counts for itself.
    pub clusters: usize,
    /// As many independent cases would tell as much, the fewer degrees of freedom counted in.
    pub effective_cases: f64,
}

/// Estimates the mean of scores in 0 to 1, each with its cluster.
///
/// The standard error is the cluster-robust one with the small-sample factor G/(G-1) (Liang and Zeger 1986; Miller 2024,
/// arXiv 2411.00640, equation 4), the interval is Student's t with G-1 degrees of freedom. Where every cluster agrees the
/// data say nothing about the spread; then each cluster counts as one case of a Wilson interval with the same t.
/// `None` without a case.
#[must_use]
pub fn estimate(scores: &[(&str, f64)], level: Level) -> Option<Estimate> {
    if scores.is_empty() {
        return None;
    }
    let n = count(scores.len());
    let mean = scores.iter().map(|(_, score)| score).sum::<f64>() / n;
    let mut residuals: BTreeMap<&str, f64> = BTreeMap::new();
    for (cluster, score) in scores {
        *residuals.entry(cluster).or_default() += score - mean;
    }
    let clusters = residuals.len();
    let g = count(clusters);
    if clusters < 2 {
        // One cluster is one observation.
        return Some(Estimate {
            mean,
            interval: Interval::UNKNOWN,
            cases: scores.len(),
            clusters,
            effective_cases: 1.0,
        });
    }
    let sum: f64 = residuals.values().map(|residual| residual * residual).sum();
    let variance = sum / (n * n) * g / (g - 1.0);
    let t = t_quantile(1.0 - level.tail(), g - 1.0);
    let plain = mean * (1.0 - mean);
    let (interval, effective_cases) = if variance > 1e-12 {
        let half = t * variance.sqrt();
        let interval = Interval {
            low: mean - half,
            high: mean + half,
        };
        let ratio = level.z() / t;
        let effective = plain / variance * ratio * ratio;
        (interval.within(0.0, 1.0), effective.clamp(1.0, n))
    } else {
        (wilson_of(mean, g, t), g)
    };
    Some(Estimate {
        mean,
        interval,
        cases: scores.len(),
        clusters,
        effective_cases,
    })
}
