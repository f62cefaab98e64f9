//! The candidate against the live version.

use domain::gate::{CaseResult, Inconclusive, Verdict};
use evaluation::baseline::compare;

fn cases(verdicts: impl IntoIterator<Item = Verdict>) -> Vec<CaseResult> {
    verdicts
        .into_iter()
        .enumerate()
        .map(|(at, verdict)| CaseResult {
            id: format!("c{at}"),
            suite: "s.jsonl".to_owned(),
            asked: String::new(),
            expected: None,
            answered: String::new(),
            verdict,
            why: String::new(),
            latency_ms: 0,
        })
        .collect()
}

/// `total` cases of which the first `failed` fail.
fn run(total: usize, failed: usize) -> Vec<CaseResult> {
    cases((0..total).map(|at| {
        if at < failed {
            Verdict::Failed
        } else {
            Verdict::Passed
        }
    }))
}

#[test]
fn what_is_equal_passes_once_there_are_enough_cases() {
    let many = compare(&run(200, 10), &run(200, 10), 0.05);
    assert_eq!(many.verdict, Verdict::Passed);
    assert!(many.newly_failing.is_empty() && many.difference.abs() < 1e-9);
    let few = compare(&run(12, 0), &run(12, 0), 0.05);
    assert_eq!(
        (few.verdict, few.reason),
        (Verdict::Inconclusive, Some(Inconclusive::TooFewCases))
    );
    assert_eq!(few.needed, Some(248));
}

#[test]
fn what_is_worse_fails_and_is_named() {
    let worse = compare(&run(100, 30), &run(100, 5), 0.05);
    assert_eq!(worse.verdict, Verdict::Failed);
    assert_eq!(worse.newly_failing.len(), 25);
    assert_eq!(
        worse.newly_failing[0],
        ("s.jsonl".to_owned(), "c5".to_owned())
    );
    assert!(worse.p_value > 0.9 && worse.interval.high < -0.05);
}

#[test]
fn only_cases_judged_for_both_are_paired() {
    use Verdict::{Errored, Failed, Inconclusive as Undecided, Passed};
    let found = compare(
        &cases([Passed, Errored, Passed, Failed, Passed]),
        &cases([Passed, Passed, Undecided, Failed]),
        0.1,
    );
    assert_eq!(
        (found.pairs.both, found.pairs.neither, found.pairs.total()),
        (1, 1, 2)
    );
    assert_eq!(found.unpaired, 3);
    assert_eq!(
        compare(&[], &run(5, 0), 0.1).reason,
        Some(Inconclusive::NoCases)
    );
}
