//! One proportion: Newcombe 1998, Statistics in Medicine 17:857, table I, methods 3 and 5; statsmodels 0.14
//! `proportion_confint`.

use evaluation::statistics::interval::{Interval, Level};
use evaluation::statistics::proportion::{clopper_pearson, share, wilson};

use super::{close, spans};

#[test]
fn wilson_matches_the_published_examples() {
    let wilson = |passed, total| wilson(passed, total, Level::P95);
    spans(wilson(81, 263), 0.255_288_519_9, 0.366_209_577_0);
    spans(wilson(15, 148), 0.062_386_399_5, 0.160_487_241_7);
    spans(wilson(0, 20), 0.0, 0.161_125_158_1);
    spans(wilson(1, 29), 0.006_113_214_3, 0.171_755_218_8);
}

#[test]
fn clopper_pearson_matches_the_published_examples() {
    let exact = |passed, total| clopper_pearson(passed, total, Level::P95);
    spans(exact(81, 263), 0.252_736_745_6, 0.367_621_922_6);
    spans(exact(15, 148), 0.057_844_010_1, 0.161_650_490_3);
    spans(exact(0, 20), 0.0, 0.168_433_471_0);
    spans(exact(1, 29), 0.000_872_646_9, 0.177_644_295_5);
    spans(exact(20, 20), 1.0 - 0.168_433_471_0, 1.0);
}

#[test]
fn the_bounds_that_the_planning_table_names_are_reached() {
    let low = |passed, total| wilson(passed, total, Level::P95).low;
    for (passed, total) in [(50, 50), (96, 100), (189, 200), (464, 500)] {
        assert!(low(passed, total) >= 0.90, "{passed} of {total}");
    }
    for (passed, total) in [(20, 20), (95, 100), (188, 200), (463, 500)] {
        assert!(low(passed, total) < 0.90, "{passed} of {total}");
    }
}

#[test]
fn the_ends_are_exact_and_nothing_is_known_without_cases() {
    for interval in [wilson, clopper_pearson] {
        assert_eq!(interval(0, 0, Level::P95), Interval::UNKNOWN);
        close(interval(0, 7, Level::P95).low, 0.0);
        close(interval(7, 7, Level::P95).high, 1.0);
        close(interval(9, 7, Level::P95).high, 1.0);
    }
    close(share(0, 0), 0.0);
    assert_eq!(Level::new(0.0), None);
    assert_eq!(Level::new(1.0), None);
    close(Level::P90.z(), 1.644_853_627_0);
}

proptest::proptest! {
    #[test]
    fn holds_the_estimate_and_stays_in_range(total in 1_u32..100_000, part in 0.0_f64..=1.0) {
        let passed = (0..=total).rev().find(|n| f64::from(*n) <= part * f64::from(total)).unwrap_or(0);
        let value = share(passed, total);
        let exact = clopper_pearson(passed, total, Level::P95);
        for found in [wilson(passed, total, Level::P95), exact] {
            proptest::prop_assert!((0.0..=1.0).contains(&found.low) && (0.0..=1.0).contains(&found.high));
            proptest::prop_assert!(found.contains(value), "{found:?} {value}");
        }
    }
}
