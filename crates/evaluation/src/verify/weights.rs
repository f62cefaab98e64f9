//! The weights.
use super::features::SIGNALS;
const BIAS: f64 = -1.702;
const WEIGHTS: [f64; SIGNALS] = [
    0.431, 3.181, 0.0, 0.0, 0.548, 0.0, -5.181, 0.0, -2.086, 0.0, 0.124, -0.533, 0.0, 0.0, 0.0,
];
pub(super) fn score(signals: &[f64; SIGNALS]) -> f64 {
    let z = BIAS + signals.iter().zip(WEIGHTS).map(|(s, w)| s * w).sum::<f64>();
    1.0 / (1.0 + (-z).exp())
}
