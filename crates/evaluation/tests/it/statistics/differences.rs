//! Two proportions, from separate cases and from the same ones.

use evaluation::statistics::difference::{Pairs, newcombe, newcombe_paired};
use evaluation::statistics::interval::Level;
use evaluation::statistics::{holm, mcnemar, permutation, tango};

use super::{close, spans};

const fn pairs(both: u32, only_new: u32, only_old: u32, neither: u32) -> Pairs {
    Pairs {
        both,
        only_new,
        only_old,
        neither,
    }
}

/// Newcombe 1998, Statistics in Medicine 17:873, table II, method 10; statsmodels 0.14 `confint_proportions_2indep`.
#[test]
fn newcombe_matches_the_published_examples() {
    for (one, two, low, high) in [
        ((56, 70), (48, 80), 0.052_431_472_4, 0.333_872_654_0),
        ((9, 10), (3, 10), 0.170_522_723_9, 0.809_017_973_5),
        ((6, 7), (2, 7), 0.058_227_927_5, 0.806_249_637_5),
        ((5, 56), (0, 29), -0.038_137_147_9, 0.192_560_013_9),
        ((0, 10), (0, 20), -0.161_125_158_1, 0.277_532_799_9),
        ((0, 10), (0, 10), -0.277_532_799_9, 0.277_532_799_9),
        ((10, 10), (0, 20), 0.679_086_037_1, 1.0),
        ((10, 10), (0, 10), 0.607_509_350_4, 1.0),
    ] {
        spans(newcombe(one, two, Level::P95), low, high);
    }
    spans(newcombe((0, 0), (1, 2), Level::P95), -1.0, 1.0);
}

/// The airway data of Bentur and others 2009 as in Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33:2850, who
/// print -0.507 to -0.026 for this method and -0.517 to -0.026 for Tango's; the further decimals by the closed form over
/// statsmodels' Wilson intervals, and by numerical likelihood (SciPy 1.17).
#[test]
fn paired_intervals_match_the_published_example() {
    let airway = pairs(1, 1, 7, 12);
    spans(
        newcombe_paired(airway, Level::P95),
        -0.506_920_226_7,
        -0.025_559_124_2,
    );
    spans(
        tango::interval(airway, Level::P95),
        -0.517_232_277_3,
        -0.026_003_030_0,
    );
    spans(
        newcombe_paired(pairs(54, 0, 0, 0), Level::P95),
        -0.066_413_588_1,
        0.066_413_588_1,
    );
}

/// Tango 1998, Statistics in Medicine 17:891: contact-lens disinfection, 43 lenses both, 1 the standard alone, margin 0.1;
/// the paper prints Z = 1.709, p = 0.044. Further decimals by numerical likelihood (SciPy 1.17).
#[test]
fn tango_matches_the_published_example() {
    let lenses = pairs(43, 0, 1, 0);
    close(tango::statistic(lenses, -0.1), 1.708_564_253_7);
    close(tango::non_inferiority(lenses, 0.1), 0.043_765_847_4);
    spans(
        tango::interval(lenses, Level::P95),
        -0.118_077_101_4,
        0.059_393_231_1,
    );
    let ratings = pairs(794, 86, 150, 570);
    spans(
        tango::interval(ratings, Level::P95),
        -0.058_998_033_1,
        -0.021_361_564_7,
    );
}

#[test]
fn tango_knows_the_ends() {
    let none = Pairs::default();
    close(tango::statistic(none, 0.0), 0.0);
    spans(tango::interval(none, Level::P95), -1.0, 1.0);
    for all in [pairs(0, 9, 0, 0), pairs(0, 0, 9, 0), pairs(9, 0, 0, 0)] {
        let found = tango::interval(all, Level::P95);
        assert!(found.contains(all.difference()), "{all:?} {found:?}");
        assert!(found.low >= -1.0 && found.high <= 1.0 && found.low < found.high);
    }
}

/// The airway data in Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91: 0.0703 and 0.0391. The
/// ratings of Agresti, Categorical Data Analysis, table 11.1; statsmodels 0.14 `mcnemar`.
#[test]
fn mcnemar_matches_the_published_examples() {
    close(mcnemar::exact(pairs(1, 1, 7, 12)), 0.070_312_5);
    close(mcnemar::mid_p(pairs(1, 1, 7, 12)), 0.039_062_5);
    close(mcnemar::exact(pairs(0, 6, 16, 0)), 0.052_478_790_3);
    let ratings = mcnemar::exact(pairs(794, 86, 150, 570));
    assert!((ratings - 3.715_936_14e-5).abs() < 1e-12, "{ratings}");
    close(mcnemar::exact(pairs(3, 5, 5, 3)), 1.0);
    close(mcnemar::exact(pairs(3, 0, 0, 3)), 1.0);
    close(mcnemar::mid_p(pairs(3, 0, 0, 3)), 1.0);
    close(mcnemar::exact(pairs(0, 0, 3, 0)), 0.25);
}

/// The example of Holm's procedure with p = 0.01, 0.04, 0.03, 0.005 (R `p.adjust`, statsmodels 0.14 `multipletests`).
#[test]
fn holm_matches_the_published_example() {
    let found = holm::adjusted(&[0.01, 0.04, 0.03, 0.005]);
    for (found, wanted) in found.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
        close(found, wanted);
    }
    assert_eq!(holm::adjusted(&[]), Vec::<f64>::new());
    assert_eq!(holm::adjusted(&[0.9, 0.9]), vec![1.0, 1.0]);
}

/// Fisher's paired maize data (The Design of Experiments, 1935, section 21): 1,726 of 32,768 sign patterns reach the sum,
/// so p = 0.05267 on two sides.
#[test]
fn the_permutation_test_matches_fisher() {
    let maize = [
        49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0,
    ];
    close(permutation::sign_flip(&maize, 1_000, 1), 1_726.0 / 32_768.0);
    close(permutation::sign_flip(&[], 1_000, 1), 1.0);
    close(permutation::sign_flip(&[0.0, f64::NAN], 1_000, 1), 1.0);
    let many: Vec<f64> = maize.iter().chain(&maize).copied().collect();
    let p = permutation::sign_flip(&many, 5_000, 1);
    assert!((0.001..0.02).contains(&p), "{p}");
    close(permutation::sign_flip(&many, 5_000, 1), p);
}

proptest::proptest! {
    #[test]
    fn the_test_and_the_interval_agree(both in 0_u32..200, new in 0_u32..30, old in 0_u32..30, neither in 0_u32..50) {
        let cell = pairs(both, new, old, neither);
        proptest::prop_assume!(cell.total() > 0);
        let interval = tango::interval(cell, Level::P90);
        for margin in [0.02, 0.05, 0.1] {
            let rejected = tango::non_inferiority(cell, margin) < 0.05;
            if (interval.low + margin).abs() > 1e-9 {
                proptest::prop_assert_eq!(rejected, interval.low > -margin, "{:?}", cell);
            }
        }
    }
}
