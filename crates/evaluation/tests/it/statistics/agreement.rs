//! Agreement of judges, and what a judge that errs says.

use evaluation::statistics::agreement::{Scale, cohen_kappa, krippendorff_alpha};
use evaluation::statistics::correction::{Calibration, corrected};
use evaluation::statistics::interval::Level;

use super::{close, spans};

/// Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1 (kappa 0.68), and the two-category
/// example 20, 5, 10, 15 (kappa 0.4); statsmodels 0.14 `cohens_kappa`.
#[test]
fn kappa_matches_the_published_examples() {
    let psychologists =
        cohen_kappa(&[vec![75, 1, 4], vec![5, 4, 1], vec![0, 0, 10]]).expect("a table");
    close(psychologists.value, 0.676_470_588_2);
    close(psychologists.standard_error, 0.087_702_953_5);
    spans(
        psychologists.interval(Level::P95),
        0.504_575_958_1,
        0.848_365_218_4,
    );
    let grants = cohen_kappa(&[vec![20, 5], vec![10, 15]]).expect("a table");
    close(grants.value, 0.4);
    close(grants.standard_error, 0.126_996_062_9);
}

#[test]
fn kappa_says_nothing_where_there_is_nothing() {
    assert_eq!(cohen_kappa(&[]), None);
    assert_eq!(cohen_kappa(&[vec![1, 2]]), None);
    assert_eq!(cohen_kappa(&[vec![0, 0], vec![0, 0]]), None);
    assert_eq!(cohen_kappa(&[vec![9, 0], vec![0, 0]]), None);
}

/// Krippendorff 2011, section E: four observers, twelve units, missing data: 0.743, 0.815, 0.849, 0.797; Python package
/// krippendorff 0.9.
#[test]
fn alpha_matches_the_published_example() {
    let units: Vec<Vec<f64>> = [
        &[1.0, 1.0, 1.0][..],
        &[2.0, 2.0, 3.0, 2.0],
        &[3.0, 3.0, 3.0, 3.0],
        &[3.0, 3.0, 3.0, 3.0],
        &[2.0, 2.0, 2.0, 2.0],
        &[1.0, 2.0, 3.0, 4.0],
        &[4.0, 4.0, 4.0, 4.0],
        &[1.0, 1.0, 2.0, 1.0],
        &[2.0, 2.0, 2.0, 2.0],
        &[5.0, 5.0, 5.0],
        &[1.0, 1.0],
        &[3.0],
    ]
    .iter()
    .map(|unit| unit.to_vec())
    .collect();
    for (scale, wanted) in [
        (Scale::Nominal, 0.743_421_052_6),
        (Scale::Ordinal, 0.815_387_503_8),
        (Scale::Interval, 0.849_107_142_9),
        (Scale::Ratio, 0.797_402_774_8),
    ] {
        close(krippendorff_alpha(&units, scale).expect("pairs"), wanted);
    }
    assert_eq!(krippendorff_alpha(&[vec![1.0]], Scale::Nominal), None);
    assert_eq!(krippendorff_alpha(&[vec![1.0, 1.0]], Scale::Nominal), None);
}

/// The point estimate of Rogan and Gladen: with a judge of sensitivity 0.9 and specificity 0.7, a truth of 0.9 is seen as
/// 0.84.
#[test]
fn the_correction_takes_the_errors_out() {
    let judge = Calibration {
        good_found: 135,
        good: 150,
        bad_found: 105,
        bad: 150,
    };
    close(judge.sensitivity(), 0.9);
    close(judge.specificity(), 0.7);
    let found = corrected(840, 1_000, judge, Level::P95).expect("a judge");
    close(found.estimate, 0.9);
    assert!(found.interval.contains(0.9));
    let blind = Calibration {
        bad_found: 15,
        ..judge
    };
    assert_eq!(corrected(840, 1_000, blind, Level::P95), None);
    assert_eq!(corrected(0, 0, judge, Level::P95), None);
    let one_sided = Calibration { bad: 0, ..judge };
    assert_eq!(corrected(1, 2, one_sided, Level::P95), None);
}
