//! Numbers of cases, and repeated trials.

use evaluation::statistics::interval::Level;
use evaluation::statistics::repetition::{Trials, pass_hat};
use evaluation::statistics::sample_size::{advise, non_inferiority, without_failure};

use super::close;

#[test]
fn a_threshold_out_of_reach_is_said_with_the_number_needed() {
    let advice = advise(0.90, 20, Level::P95);
    assert_eq!((advice.failures_allowed, advice.needed), (None, Some(35)));
    assert_eq!(
        advice.warning().as_deref(),
        Some("A threshold of 90 % cannot be reached with 20 cases: it needs 35, all passed.")
    );
    for (cases, failures) in [(35, 0), (50, 0), (100, 4), (200, 11), (500, 36)] {
        let advice = advise(0.90, cases, Level::P95);
        assert_eq!(advice.failures_allowed, Some(failures), "{cases}");
        assert_eq!(advice.warning(), None);
    }
    assert_eq!(advise(0.95, 50, Level::P95).needed, Some(73));
    let never = advise(1.0, 5_000, Level::P95);
    assert_eq!((never.failures_allowed, never.needed), (None, None));
    assert!(
        never
            .warning()
            .is_some_and(|text| text.contains("any number"))
    );
    assert_eq!(advise(0.9, 0, Level::P95).failures_allowed, None);
}

/// The rule of three, exactly: 29, 59, 149 and 299 cases without a failure.
#[test]
fn what_must_not_happen_needs_many_clean_cases() {
    for (rate, needed) in [(0.10, 29), (0.05, 59), (0.02, 149), (0.01, 299)] {
        assert_eq!(without_failure(rate, Level::P90), Some(needed));
    }
    assert_eq!(without_failure(0.0, Level::P90), None);
}

#[test]
fn a_comparison_needs_cases_by_its_margin() {
    assert_eq!(non_inferiority(0.10, 0.05), Some(314));
    assert_eq!(non_inferiority(0.20, 0.10), Some(157));
    assert_eq!(non_inferiority(0.20, 0.0), None);
}

/// tau-bench's estimator: with 3 of 4 trials passed, pass^1 is 3/4, pass^2 is 3/6, pass^4 is 0.
#[test]
fn pass_hat_k_is_the_chance_that_all_pass() {
    let case = Trials {
        passed: 3,
        total: 4,
    };
    close(case.all_of(1).expect("trials"), 0.75);
    close(case.all_of(2).expect("trials"), 0.5);
    close(case.all_of(4).expect("trials"), 0.0);
    assert_eq!(case.all_of(5), None);
    assert_eq!(case.all_of(0), None);
    close(case.flips(), 0.25);
    let steady = Trials {
        passed: 4,
        total: 4,
    };
    close(pass_hat(&[case, steady], 2).expect("trials"), 0.75);
    assert_eq!(pass_hat(&[], 1), None);
    let short = Trials {
        passed: 1,
        total: 1,
    };
    assert_eq!(pass_hat(&[case, short], 2), None);
}
