//! Counting as floating point, and quantiles, without a cast and without a panic.

use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::beta::{checked_beta_reg, inv_beta_reg};
use statrs::function::erf;

/// A count as a number. Counts beyond 2^32 do not occur: suites are bounded far below.
pub(crate) fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// `part / whole`, and 0 for nothing of nothing.
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        count(part) / count(whole)
    }
}

/// The quantile of the standard normal distribution.
pub(super) fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erf::erfc_inv(2.0 * p)
}

/// The share of the standard normal distribution above `z`.
pub(super) fn normal_upper_tail(z: f64) -> f64 {
    0.5 * erf::erfc(z / std::f64::consts::SQRT_2)
}

/// The quantile of Student's t with `freedom` degrees of freedom; the normal one where there is no such distribution.
pub(crate) fn t_quantile(p: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or_else(|_| normal_quantile(p), |t| t.inverse_cdf(p))
}

/// The quantile of the beta distribution; both shapes must be above zero.
pub(super) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    inv_beta_reg(a, b, p.clamp(0.0, 1.0))
}

/// Probability of at most `k` successes in `n` fair tosses.
pub(super) fn fair_at_most(k: u32, n: u32) -> f64 {
    if k >= n {
        return 1.0;
    }
    checked_beta_reg(f64::from(n - k), f64::from(k) + 1.0, 0.5).unwrap_or(1.0)
}
