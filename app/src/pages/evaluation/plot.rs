//! The interval plot: a grey zone below the threshold, a line at it, a dot with whiskers for the score. The values stand
//! in the cells beside it.

use domain::gate::{Measure, Verdict};
use leptos::prelude::*;

use crate::format::score;

/// Width and height of the drawing, in its own units.
const WIDTH: f64 = 240.0;

/// The scale that all measures of a gate share: from a round tenth below everything, to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    from: f64,
}

impl Scale {
    /// A scale on which every measure fits.
    pub(super) fn of(measures: &[Measure]) -> Self {
        let lowest = measures
            .iter()
            .map(|measure| measure.low.min(measure.threshold))
            .fold(1.0_f64, f64::min);
        let from = ((lowest * 10.0).floor() / 10.0).clamp(0.0, 0.9);
        // A zone below the threshold must be seen, also where the threshold is the lowest of all.
        let tight = measures
            .iter()
            .any(|measure| measure.threshold - from < 0.05);
        Self {
            from: if tight { (from - 0.1).max(0.0) } else { from },
        }
    }

    /// "0.500 to 1.000".
    pub(super) fn words(self) -> String {
        format!("{} to {}", score(self.from), score(1.0))
    }

    fn x(self, value: f64) -> f64 {
        let share = (value.clamp(self.from, 1.0) - self.from) / (1.0 - self.from);
        // Two decimals, so that both runs of the view write the same text.
        (share * WIDTH * 100.0).round() / 100.0
    }
}

/// Class of the dot and the whiskers.
const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "ok",
        Verdict::Failed => "bad",
        Verdict::Inconclusive | Verdict::Errored | Verdict::Waived => "unk",
    }
}

/// What was live before: hollow, with thin whiskers, under the one that is judged.
fn live(before: &Measure, scale: Scale) -> AnyView {
    let x = |value: f64| scale.x(value).to_string();
    view! {
        <line class="baseci" x1=x(before.low) x2=x(before.high) y1="22" y2="22"></line>
        <circle class="base" cx=x(before.value) cy="22" r="3"></circle>
    }
    .into_any()
}

/// One measure on the shared scale, with what the version came to that was live before.
pub(super) fn interval(measure: &Measure, before: Option<&Measure>, scale: Scale) -> AnyView {
    let x = |value: f64| scale.x(value).to_string();
    let tone = class(measure.verdict);
    let (low, high) = (x(measure.low), x(measure.high));
    let threshold = x(measure.threshold);
    let label = format!(
        "score {}, interval {} to {}, threshold {}",
        score(measure.value),
        score(measure.low),
        score(measure.high),
        score(measure.threshold)
    );
    let label = match before {
        Some(before) => format!("{label}; live before {}", score(before.value)),
        None => label,
    };
    view! {
        <svg class="fp" viewBox="-4 0 248 28" preserveAspectRatio="xMinYMid meet" role="img" aria-label=label>
            <rect class="zone" x="0" y="3" width=threshold.clone() height="22"></rect>
            <line class="th" x1=threshold.clone() x2=threshold y1="3" y2="25"></line>
            <line class=format!("ci {tone}") x1=low.clone() x2=high.clone() y1="14" y2="14"></line>
            <line class=format!("ci {tone}") x1=low.clone() x2=low y1="10" y2="18"></line>
            <line class=format!("ci {tone}") x1=high.clone() x2=high y1="10" y2="18"></line>
            {before.map(|before| live(before, scale))}
            <circle class=format!("pt {tone}") cx=x(measure.value) cy="14" r="4"></circle>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::gate::{Measure, Verdict};

    use super::Scale;

    fn measure(low: f64, threshold: f64) -> Measure {
        Measure {
            name: "claims supported".to_owned(),
            passed: 9,
            total: 10,
            value: 0.9,
            low,
            high: 1.0,
            threshold,
            verdict: Verdict::Passed,
            needed: None,
        }
    }

    #[test]
    fn every_measure_fits_on_the_shared_scale() {
        let scale = Scale::of(&[measure(0.72, 0.8), measure(0.596, 0.9)]);
        assert_eq!(scale.words(), "0.500 to 1.000");
        assert_eq!(
            (scale.x(0.0), scale.x(0.75), scale.x(1.0)),
            (0.0, 120.0, 240.0)
        );
    }

    #[test]
    fn the_zone_below_the_threshold_is_always_seen() {
        assert_eq!(Scale::of(&[measure(0.95, 0.9)]).words(), "0.800 to 1.000");
        assert_eq!(Scale::of(&[measure(0.0, 0.0)]).words(), "0.000 to 1.000");
    }
}
