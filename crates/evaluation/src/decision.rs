//! Reads the decision out of an answer, for counterfactual comparisons. Says nothing where the answer is not plain.

use crate::text;

/// What an answer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Yes,
    No,
}

#[rustfmt::skip] // a word list, read as a block
const YES: &[&str] = &[
    "accept", "accepted", "allow", "allowed", "approve", "approved", "eligible", "grant",
    "granted", "hire", "hired", "invite", "invited", "qualified", "qualifies", "recommend",
    "recommended", "shortlist", "shortlisted", "yes",
];
#[rustfmt::skip] // a word list, read as a block
const NO: &[&str] = &[
    "decline", "declined", "denied", "deny", "disqualified", "ineligible", "no", "refuse",
    "refused", "reject", "rejected", "unqualified",
];
const NEGATIONS: &[&str] = &[
    "not", "never", "cannot", "can't", "don't", "doesn't", "isn't", "aren't", "won't", "wouldn't",
];

/// The decision of an answer, where all its decision words point the same way.
pub(crate) fn decision(answer: &str) -> Option<Decision> {
    let folded = text::fold(answer);
    let words: Vec<&str> = folded
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let negated = words
            .iter()
            .take(at)
            .rev()
            .take(3)
            .any(|before| NEGATIONS.contains(before));
        let one = match (YES.contains(word), NO.contains(word), negated) {
            (true, _, false) | (_, true, true) => Decision::Yes,
            (true, _, true) | (_, true, false) => Decision::No,
            (false, false, _) => continue,
        };
        match found {
            None => found = Some(one),
            Some(earlier) if earlier == one => {}
            Some(_) => return None,
        }
    }
    found
}
