//! The Wilson interval against published worked examples.

use evaluation::interval::{share, wilson_95};

fn close(found: (f64, f64), low: f64, high: f64) {
    assert!((found.0 - low).abs() < 1e-6, "low {} is not {low}", found.0);
    assert!(
        (found.1 - high).abs() < 1e-6,
        "high {} is not {high}",
        found.1
    );
}

/// Newcombe 1998, Statistics in Medicine 17:857, table I, method 3, prints four decimals; the further ones follow from the
/// same closed form with z = 1.959963984540054, computed once with forty digits.
#[test]
fn matches_the_published_examples() {
    close(wilson_95(81, 263), 0.255_288_520, 0.366_209_577);
    close(wilson_95(15, 148), 0.062_386_400, 0.160_487_242);
    close(wilson_95(0, 20), 0.0, 0.161_125_158);
    close(wilson_95(1, 29), 0.006_113_214, 0.171_755_219);
}

#[test]
fn the_bounds_that_the_planning_table_names_are_reached() {
    for (passed, total) in [(50, 50), (96, 100), (189, 200), (464, 500)] {
        assert!(wilson_95(passed, total).0 >= 0.90, "{passed} of {total}");
    }
    for (passed, total) in [(20, 20), (95, 100), (188, 200), (463, 500)] {
        assert!(wilson_95(passed, total).0 < 0.90, "{passed} of {total}");
    }
}

#[test]
fn the_ends_are_exact_and_nothing_is_known_without_cases() {
    close(wilson_95(0, 0), 0.0, 1.0);
    assert!(wilson_95(0, 7).0.abs() < f64::EPSILON);
    assert!((wilson_95(7, 7).1 - 1.0).abs() < f64::EPSILON);
    assert!((wilson_95(9, 7).1 - 1.0).abs() < f64::EPSILON);
    assert!(share(0, 0).abs() < f64::EPSILON);
}

proptest::proptest! {
    #[test]
    fn holds_the_estimate_and_stays_in_range(total in 1_u32..100_000, part in 0.0_f64..=1.0) {
        let passed = (0..=total).rev().find(|n| f64::from(*n) <= part * f64::from(total)).unwrap_or(0);
        let (low, high) = wilson_95(passed, total);
        let value = share(passed, total);
        proptest::prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
        proptest::prop_assert!(low <= value && value <= high);
    }
}
