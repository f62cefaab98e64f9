//! The statistics against published worked examples, and against their own promises.
//!
//! Papers print three or four decimals. Each value here agrees with what its paper prints; the further decimals come from a
//! second implementation that is named, so that a slip in the sixth decimal is seen too.

mod agreement;
mod differences;
mod planning;
mod promises;
mod proportions;

use evaluation::statistics::interval::Interval;

/// Within 1e-6.
#[track_caller]
fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
}

#[track_caller]
fn spans(found: Interval, low: f64, high: f64) {
    close(found.low, low);
    close(found.high, high);
}
