//! How much of one text is in another. Weak evidence of meaning, and the same everywhere.

use std::collections::BTreeMap;
use std::hash::Hash;

use super::words::{f1, plain, words};
use crate::statistics::number::{count, ratio};

/// Words or characters of a text that are compared: what is longer is cut, because the cost is the product.
const MOST: usize = 4_000;

/// F1 over words, as SQuAD counts it.
#[must_use]
pub fn token_f1(answer: &str, reference: &str) -> f64 {
    let (a, r) = (plain(answer), plain(reference));
    if a.is_empty() || r.is_empty() {
        return f64::from(u8::from(a.is_empty() && r.is_empty()));
    }
    let shared = shared(&grams(&a, 1), &grams(&r, 1));
    f1(ratio(shared, a.len()), ratio(shared, r.len()))
}

/// ROUGE-N as F1 over word n-grams (Lin 2004), without stemming.
#[must_use]
pub fn rouge_n(answer: &str, reference: &str, n: usize) -> f64 {
    let (a, r) = (words(answer), words(reference));
    let (a, r) = (grams(&a, n.max(1)), grams(&r, n.max(1)));
    let total = |grams: &BTreeMap<Vec<&String>, usize>| grams.values().sum::<usize>();
    let hits = shared(&a, &r);
    f1(ratio(hits, total(&a)), ratio(hits, total(&r)))
}

/// ROUGE-L as F1 over the longest common subsequence of words (Lin 2004).
#[must_use]
pub fn rouge_l(answer: &str, reference: &str) -> f64 {
    let (mut a, mut r) = (words(answer), words(reference));
    a.truncate(MOST);
    r.truncate(MOST);
    let mut row = vec![0_usize; r.len() + 1];
    for one in &a {
        let mut diagonal = 0;
        let mut left = 0;
        for (cell, two) in row.iter_mut().skip(1).zip(&r) {
            let above = *cell;
            *cell = if one == two {
                diagonal + 1
            } else {
                above.max(left)
            };
            diagonal = above;
            left = *cell;
        }
    }
    let common = row.last().copied().unwrap_or_default();
    f1(ratio(common, a.len()), ratio(common, r.len()))
}

/// BLEU-4 of one sentence against its references, in lower case, with exponential smoothing of missing n-grams (Papineni
/// and others 2002; Chen and Cherry 2014, method 3, as sacrebleu does it).
#[must_use]
pub fn bleu(answer: &str, references: &[String]) -> f64 {
    let answer = words(answer);
    let references: Vec<Vec<String>> = references.iter().map(|one| words(one)).collect();
    let Some(length) = references
        .iter()
        .map(Vec::len)
        .min_by_key(|length| (length.abs_diff(answer.len()), *length))
    else {
        return 0.0;
    };
    let (mut smooth, mut sum) = (1.0_f64, 0.0_f64);
    for n in 1..=4 {
        let mine = grams(&answer, n);
        let total: usize = mine.values().sum();
        if total == 0 {
            return 0.0;
        }
        let theirs: Vec<_> = references.iter().map(|one| grams(one, n)).collect();
        let hits: usize = mine
            .iter()
            .map(|(gram, times)| {
                let most = theirs.iter().filter_map(|one| one.get(gram)).max();
                (*times).min(most.copied().unwrap_or_default())
            })
            .sum();
        if n == 1 && hits == 0 {
            return 0.0;
        }
        let precision = if hits == 0 {
            smooth *= 2.0;
            1.0 / (smooth * count(total))
        } else {
            ratio(hits, total)
        };
        sum += precision.ln();
    }
    let brevity = if answer.len() < length {
        (1.0 - count(length) / count(answer.len())).exp()
    } else {
        1.0
    };
    brevity * (sum / 4.0).exp()
}

/// chrF2 over character n-grams of one to six without spaces (Popović 2015), 0 to 1.
#[must_use]
pub fn chrf(answer: &str, reference: &str) -> f64 {
    let letters = |text: &str| -> Vec<char> {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .take(MOST)
            .collect()
    };
    let (a, r) = (letters(answer), letters(reference));
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0_usize);
    for n in 1..=6 {
        let (mine, theirs) = (grams(&a, n), grams(&r, n));
        let (total, wanted): (usize, usize) = (mine.values().sum(), theirs.values().sum());
        if total == 0 || wanted == 0 {
            continue;
        }
        let hits = shared(&mine, &theirs);
        precision += ratio(hits, total);
        recall += ratio(hits, wanted);
        orders += 1;
    }
    if orders == 0 {
        return 0.0;
    }
    let (p, r) = (precision / count(orders), recall / count(orders));
    if p + r <= 0.0 {
        return 0.0;
    }
    5.0 * p * r / (4.0 * p + r)
}

/// Edits from one text to the other: insertions, deletions and replacements of characters.
#[must_use]
pub fn levenshtein(one: &str, two: &str) -> usize {
    let cut = |text: &str| text.chars().take(MOST).collect::<String>();
    strsim::levenshtein(&cut(one), &cut(two))
}

/// The n-grams of a list with how often each occurs.
fn grams<T: Ord + Hash>(items: &[T], n: usize) -> BTreeMap<Vec<&T>, usize> {
    let mut found = BTreeMap::new();
    for window in items.windows(n) {
        *found.entry(window.iter().collect()).or_default() += 1;
    }
    found
}

/// How many n-grams two texts share, each counted as often as both have it.
fn shared<T: Ord>(one: &BTreeMap<T, usize>, two: &BTreeMap<T, usize>) -> usize {
    one.iter()
        .filter_map(|(gram, times)| two.get(gram).map(|others| (*times).min(*others)))
        .sum()
}
