//! How the overlap scorers see a text.

use crate::text;

/// Words in lower case: runs of letters and digits.
pub(super) fn words(given: &str) -> Vec<String> {
    text::fold(given)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Words as SQuAD compares them: without punctuation and articles (Rajpurkar and others 2016).
pub(super) fn plain(given: &str) -> Vec<String> {
    let folded = text::fold(given);
    let kept: String = folded
        .chars()
        .filter(|c| !c.is_ascii_punctuation())
        .collect();
    kept.split_whitespace()
        .filter(|word| !matches!(*word, "a" | "an" | "the"))
        .map(str::to_owned)
        .collect()
}

/// The harmonic mean.
pub(super) fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall <= 0.0 {
        0.0
    } else {
        2.0 * precision * recall / (precision + recall)
    }
}
