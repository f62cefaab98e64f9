//! What passes, what fails, and what is too little to tell.

use domain::gate::{Inconclusive, Verdict};
use evaluation::criterion::{Conclusion, Counted, Criterion};

fn conclude(criterion: Criterion, passed: u32, failed: u32, undecided: u32) -> Conclusion {
    let counted = Counted {
        passed,
        failed,
        undecided,
    };
    criterion.conclude(counted, 0.9)
}

#[test]
fn the_whole_interval_decides() {
    let of = |passed, failed| conclude(Criterion::Interval, passed, failed, 0);
    assert_eq!(of(50, 0).verdict, Verdict::Passed);
    assert_eq!(of(96, 4).verdict, Verdict::Passed);
    assert_eq!(of(95, 5).verdict, Verdict::Inconclusive);
    assert_eq!(of(70, 30).verdict, Verdict::Failed);
    let small = of(20, 0);
    assert_eq!(
        (small.verdict, small.reason, small.needed),
        (
            Verdict::Inconclusive,
            Some(Inconclusive::TooFewCases),
            Some(35)
        )
    );
    assert_eq!(of(0, 0).reason, Some(Inconclusive::NoCases));
}

#[test]
fn undecided_cases_count_against_the_conclusion() {
    let of = |p, f, u| conclude(Criterion::Interval, p, f, u);
    assert_eq!(of(96, 0, 4).verdict, Verdict::Passed);
    let open = of(60, 0, 10);
    assert_eq!(
        (open.verdict, open.reason),
        (Verdict::Inconclusive, Some(Inconclusive::UndecidedCases))
    );
    assert_eq!(of(50, 40, 10).verdict, Verdict::Failed);
}

#[test]
fn the_weaker_rule_is_weaker_and_still_has_a_floor() {
    let rule = Criterion::Estimate { slack: 0.15 };
    assert_eq!(conclude(rule, 12, 0, 0).verdict, Verdict::Passed);
    let small = conclude(rule, 11, 0, 0);
    assert_eq!(
        (small.reason, small.needed),
        (Some(Inconclusive::TooFewCases), Some(12))
    );
    assert_eq!(conclude(rule, 17, 3, 0).verdict, Verdict::Failed);
    assert!(rule.words().contains("15 points"));
}

#[test]
fn what_must_not_happen_fails_at_once_and_passes_late() {
    let rule = Criterion::Never { limit: 0.10 };
    assert_eq!(conclude(rule, 400, 1, 0).verdict, Verdict::Failed);
    let clean = conclude(rule, 29, 0, 0);
    assert_eq!(clean.verdict, Verdict::Passed);
    // Shown is the two-sided interval, 0.025^(1/29); decided is by the one-sided bound, 0.05^(1/29) = 0.9019.
    assert!((clean.interval.low - 0.025_f64.powf(1.0 / 29.0)).abs() < 1e-9);
    assert!(clean.interval.low < 0.9);
    let small = conclude(rule, 28, 0, 0);
    assert_eq!(
        (small.reason, small.needed),
        (Some(Inconclusive::TooFewCases), Some(29))
    );
    assert_eq!(
        conclude(rule, 40, 0, 1).reason,
        Some(Inconclusive::UndecidedCases)
    );
}

proptest::proptest! {
    #[test]
    fn a_better_run_is_never_judged_worse(passed in 0_u32..120, failed in 0_u32..40, undecided in 0_u32..10) {
        let rank = |verdict| match verdict {
            Verdict::Failed => 0,
            Verdict::Inconclusive | Verdict::Errored => 1,
            Verdict::Passed | Verdict::Waived => 2,
        };
        for rule in [Criterion::Interval, Criterion::Estimate { slack: 0.1 }, Criterion::Never { limit: 0.05 }] {
            let before = rank(conclude(rule, passed, failed + 1, undecided).verdict);
            let after = rank(conclude(rule, passed + 1, failed, undecided).verdict);
            proptest::prop_assert!(before <= after, "{:?}", rule);
        }
    }
}
