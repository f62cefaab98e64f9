//! The candidate against the live version.

use domain::gate::{CaseResult, LiveStanding, Verdict};
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
fn what_is_equal_is_not_worse_once_there_are_enough_cases() {
    let many = compare(&run(200, 10), &run(200, 10), 0.05);
    assert_eq!(many.standing, LiveStanding::NotWorse);
    assert!(many.newly_failing.is_empty() && many.difference.abs() < 1e-9);
    let few = compare(&run(12, 0), &run(12, 0), 0.05);
    assert_eq!(few.standing, LiveStanding::Unclear);
    assert_eq!(few.needed, Some(314));
}

#[test]
fn what_is_worse_by_more_than_the_margin_is_named() {
    let worse = compare(&run(100, 30), &run(100, 5), 0.05);
    assert_eq!(worse.standing, LiveStanding::Worse);
    assert_eq!(worse.newly_failing.len(), 25);
    assert_eq!(
        worse.newly_failing[0],
        ("s.jsonl".to_owned(), "c5".to_owned())
    );
    assert!(worse.p_value < 1e-6 && worse.interval.high < -0.05);
    assert_eq!(worse.needed, None);
}

#[test]
fn worse_within_the_margin_or_perhaps_beyond_it_are_two_things() {
    let (now, before) = (run(1_000, 60), run(1_000, 40));
    let within = compare(&now, &before, 0.05);
    assert!(within.interval.high < 0.0 && within.p_value < 0.05);
    assert_eq!(within.standing, LiveStanding::NotWorse);
    let perhaps = compare(&now, &before, 0.02);
    assert_eq!(perhaps.standing, LiveStanding::PerhapsWorse);
}

#[test]
fn five_newly_failing_cases_can_be_chance_and_six_cannot() {
    for (newly, standing) in [(5, LiveStanding::Unclear), (6, LiveStanding::Worse)] {
        let found = compare(&run(12, newly), &run(12, 0), 0.01);
        assert_eq!(found.standing, standing, "{newly}: {found:?}");
    }
}

#[test]
fn a_version_that_is_as_good_is_rarely_called_worse() {
    // Both pass 90 % of 60 cases, independently: seeded draws, so that the rate is the same each time.
    let mut state: u64 = 7;
    let mut draw = |total: usize| {
        cases((0..total).map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            if (state >> 33).is_multiple_of(10) {
                Verdict::Failed
            } else {
                Verdict::Passed
            }
        }))
    };
    let runs = 2_000;
    let mut stopped = 0;
    for _ in 0..runs {
        let found = compare(&draw(60), &draw(60), 0.05);
        stopped += u32::from(matches!(
            found.standing,
            LiveStanding::Worse | LiveStanding::PerhapsWorse
        ));
    }
    assert!(stopped <= runs * 25 / 1_000, "{stopped} of {runs}");
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
    assert_eq!(compare(&[], &run(5, 0), 0.1).pairs.total(), 0);
}

#[test]
fn a_case_that_was_rewritten_is_another_case() {
    let before = run(3, 0);
    let mut now = run(3, 0);
    now[0].asked = "another question".to_owned();
    now[1].expected = Some("newly kept".to_owned());
    let mut kept = before.clone();
    kept[2].expected = Some("yes".to_owned());
    now[2].expected = Some("no".to_owned());
    assert_eq!(compare(&now, &before, 0.1).pairs.total(), 2);
    assert_eq!(compare(&now, &kept, 0.1).pairs.total(), 1);
}
