//! Intervals of a proportion. Owns the arithmetic alone: what an interval means for a verdict is decided in `judge`.

/// The 97.5 % quantile of the standard normal distribution: two-sided 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// The two-sided 95 % Wilson score interval of `passed` out of `total`, as (low, high) within 0 to 1.
///
/// Without a case nothing is known: (0, 1). A `passed` above `total` is read as `total`.
#[must_use]
pub fn wilson_95(passed: u32, total: u32) -> (f64, f64) {
    if total == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(total);
    let p = f64::from(passed.min(total)) / n;
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the closed form is exact and rounding is not.
    let low = if passed == 0 {
        0.0
    } else {
        (centre - half).max(0.0)
    };
    let high = if passed >= total {
        1.0
    } else {
        (centre + half).min(1.0)
    };
    (low, high)
}

/// `passed / total`, and 0 without a case.
#[must_use]
pub fn share(passed: u32, total: u32) -> f64 {
    if total == 0 {
        0.0
    } else {
        f64::from(passed) / f64::from(total)
    }
}
