//! How many cases a judge's verdicts count for, after its errors are taken out.

use super::Figures;
use crate::criterion::Counted;
use crate::statistics::correction::{Corrected, corrected};
use crate::statistics::interval::Level;

/// The cases that a judge called good and bad, as cases that count: passed up to the lower end of the corrected share, failed
/// down from its upper end, undecided between. The share comes with it; a judge that is no better than chance decides nothing.
pub(crate) fn folded(good: u32, total: u32, judge: &Figures) -> (Counted, Option<Corrected>) {
    let Some(share) = corrected(good, total, judge.errors(), Level::P95) else {
        let counted = Counted {
            undecided: total,
            ..Counted::default()
        };
        return (counted, None);
    };
    let up_to = |part: f64| {
        (0..=total)
            .rev()
            .find(|n| f64::from(*n) <= f64::from(total) * part)
            .unwrap_or_default()
    };
    let passed = up_to(share.interval.low);
    let failed = up_to(1.0 - share.interval.high).min(total - passed);
    let counted = Counted {
        passed,
        failed,
        undecided: total - passed - failed,
    };
    (counted, Some(share))
}
