//! How the overlap scorers see a text, and how values are quoted.

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

/// A value in quotation marks, cut.
pub(super) fn quote(wanted: &str) -> String {
    format!("“{}”", text::cut(wanted, 80))
}

/// A count as a number.
pub(super) fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// `part / whole`, and 0 for nothing of nothing.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        count(part) / count(whole)
    }
}

/// The harmonic mean.
pub(super) fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall <= 0.0 {
        0.0
    } else {
        2.0 * precision * recall / (precision + recall)
    }
}
