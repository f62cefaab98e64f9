//! What a judge that errs says about the truth: the Rogan-Gladen correction with an interval for calibrated judges.

use super::interval::{Interval, Level};
use super::proportion::share;

/// How a judge did on items whose label is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calibration {
    /// Good items that it called good.
    pub good_found: u32,
    /// Good items.
    pub good: u32,
    /// Bad items that it called bad.
    pub bad_found: u32,
    /// Bad items.
    pub bad: u32,
}

impl Calibration {
    /// Share of good items called good.
    #[must_use]
    pub fn sensitivity(self) -> f64 {
        share(self.good_found, self.good)
    }

    /// Share of bad items called bad.
    #[must_use]
    pub fn specificity(self) -> f64 {
        share(self.bad_found, self.bad)
    }
}

/// The share of good answers after the judge's errors are taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corrected {
    /// The estimate, within 0 to 1 (Rogan and Gladen 1978, American Journal of Epidemiology 107:71).
    pub estimate: f64,
    /// Its interval (Lang and Reiczigel 2014, Preventive Veterinary Medicine 113:13).
    pub interval: Interval,
}

/// Corrects `good` out of `total` verdicts of a judge. `None` where the judge is no better than chance, or was shown only
/// one kind of item: then its verdicts say nothing.
#[must_use]
pub fn corrected(good: u32, total: u32, judge: Calibration, level: Level) -> Option<Corrected> {
    if total == 0 || judge.good == 0 || judge.bad == 0 {
        return None;
    }
    let youden = judge.sensitivity() + judge.specificity() - 1.0;
    if youden <= 0.0 {
        return None;
    }
    let estimate = ((share(good, total) + judge.specificity() - 1.0) / youden).clamp(0.0, 1.0);
    let (z, n) = (level.z(), f64::from(total));
    let z2 = z * z;
    let (m1, m0) = (f64::from(judge.good), f64::from(judge.bad));
    // Adjusted shares: half of z squared more verdicts of each kind, and one more item of each kind in the calibration.
    let q = (n * share(good, total) + z2 / 2.0) / (n + z2);
    let se = (m1 * judge.sensitivity() + 1.0) / (m1 + 2.0);
    let sp = (m0 * judge.specificity() + 1.0) / (m0 + 2.0);
    let spread = se + sp - 1.0;
    if spread <= 0.0 {
        return None;
    }
    let p = (q + sp - 1.0) / spread;
    let (v1, v0) = (se * (1.0 - se) / (m1 + 2.0), sp * (1.0 - sp) / (m0 + 2.0));
    let shift = 2.0 * z2 * (p * v1 - (1.0 - p) * v0);
    let variance = q * (1.0 - q) / (n + z2) + (1.0 - p) * (1.0 - p) * v0 + p * p * v1;
    let half = z * variance.sqrt() / spread;
    let interval = Interval {
        low: p + shift - half,
        high: p + shift + half,
    };
    Some(Corrected {
        estimate,
        interval: interval.within(0.0, 1.0),
    })
}
