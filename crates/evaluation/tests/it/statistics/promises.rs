//! What the intervals and tests promise, held against the truth: by enumeration where the truth can be enumerated, by
//! seeded simulation where not.

use evaluation::statistics::cluster;
use evaluation::statistics::correction::{Calibration, corrected};
use evaluation::statistics::difference::Pairs;
use evaluation::statistics::interval::Level;
use evaluation::statistics::proportion::{clopper_pearson, wilson};
use evaluation::statistics::tango;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::close;

/// ln n! for n up to `most`.
fn log_factorials(most: u32) -> Vec<f64> {
    let mut sum = 0.0;
    (0..=most)
        .map(|n| {
            sum += f64::from(n.max(1)).ln();
            sum
        })
        .collect()
}

/// The exact coverage of an interval of a proportion `p` from `n` cases.
fn coverage(n: u32, p: f64, holds: impl Fn(u32) -> bool) -> f64 {
    let ln = log_factorials(n);
    let at = |k: u32| ln[usize::try_from(k).unwrap()];
    (0..=n)
        .filter(|k| holds(*k))
        .map(|k| {
            (at(n) - at(k) - at(n - k) + f64::from(k) * p.ln() + f64::from(n - k) * (1.0 - p).ln())
                .exp()
        })
        .sum()
}

#[test]
fn wilson_covers_its_level_on_average_and_clopper_pearson_always() {
    for n in [30, 100, 500] {
        let shares: Vec<f64> = (1..40).map(|step| f64::from(step) / 40.0).collect();
        let mut sum = 0.0;
        for p in &shares {
            sum += coverage(n, *p, |k| wilson(k, n, Level::P95).contains(*p));
            let exact = coverage(n, *p, |k| clopper_pearson(k, n, Level::P95).contains(*p));
            assert!(exact >= 0.95 - 1e-9, "{n} {p}: {exact}");
        }
        let mean = sum / f64::from(u32::try_from(shares.len()).unwrap());
        assert!((0.94..=0.97).contains(&mean), "{n}: {mean}");
    }
}

/// The probability that the test calls an agent "not worse" that is worse by `drop`.
fn passes(n: u32, margin: f64, discordance: f64, drop: f64) -> f64 {
    let ln = log_factorials(n);
    let at = |k: u32| ln[usize::try_from(k).unwrap()];
    let (new, old) = ((discordance - drop) / 2.0, f64::midpoint(discordance, drop));
    let mut sum = 0.0;
    for b in 0..=n {
        for c in 0..=(n - b) {
            let same = n - b - c;
            let log = at(n) - at(b) - at(c) - at(same)
                + f64::from(b) * new.ln()
                + f64::from(c) * old.ln()
                + f64::from(same) * (1.0 - discordance).ln();
            // What is rarer than this adds nothing to the third decimal.
            if log < -18.0 {
                continue;
            }
            let pairs = Pairs {
                both: same,
                only_new: b,
                only_old: c,
                neither: 0,
            };
            if tango::non_inferiority(pairs, margin) <= 0.05 {
                sum += log.exp();
            }
        }
    }
    sum
}

/// The grid on which the Wald test passes up to 10.6 % of agents that are worse by the margin.
#[test]
fn tango_seldom_passes_what_is_worse_and_finds_what_is_equal() {
    for (n, margin, discordance, power) in [
        (30, 0.05, 0.10, 0.12),
        (60, 0.05, 0.10, 0.30),
        (100, 0.05, 0.10, 0.44),
        (200, 0.05, 0.10, 0.69),
        (500, 0.05, 0.10, 0.96),
        (100, 0.10, 0.20, 0.71),
        (200, 0.10, 0.20, 0.93),
    ] {
        let false_pass = passes(n, margin, discordance, margin);
        assert!(false_pass <= 0.055, "{n} {margin}: {false_pass}");
        let found = passes(n, margin, discordance, 0.0);
        assert!((found - power).abs() < 0.02, "{n} {margin}: {found}");
    }
}

struct Chance(ChaCha8Rng);

impl Chance {
    fn uniform(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    fn happens(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    fn times(&mut self, n: u32, p: f64) -> u32 {
        (0..n).map(|_| u32::from(self.happens(p))).sum()
    }
}

/// Cases of one cluster share its luck: with probability 0.55 = sqrt(0.3) each takes the cluster's answer, so two cases of
/// one cluster correlate by 0.3.
#[test]
fn clustered_cases_need_the_clustered_interval() {
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(7));
    let (truth, rounds) = (0.8, 2_000_u32);
    let names: Vec<String> = (0..40).map(|n| format!("document {n}")).collect();
    let (mut naive, mut ours) = (0_u32, 0_u32);
    for _ in 0..rounds {
        let mut scores = Vec::new();
        for name in &names {
            let shared = chance.happens(truth);
            for _ in 0..10 {
                let own = chance.happens(truth);
                let passed = if chance.happens(0.3_f64.sqrt()) {
                    shared
                } else {
                    own
                };
                scores.push((name.as_str(), f64::from(u8::from(passed))));
            }
        }
        let passed: u32 = scores
            .iter()
            .map(|(_, score)| u32::from(*score > 0.5))
            .sum();
        naive += u32::from(wilson(passed, 400, Level::P95).contains(truth));
        let estimate = cluster::estimate(&scores, Level::P95).unwrap();
        assert_eq!((estimate.cases, estimate.clusters), (400, 40));
        ours += u32::from(estimate.interval.contains(truth));
    }
    let share = |held: u32| f64::from(held) / f64::from(rounds);
    assert!(share(naive) < 0.80, "{}", share(naive));
    assert!(share(ours) >= 0.93, "{}", share(ours));
}

#[test]
fn clusters_that_all_agree_do_not_prove_perfection() {
    let scores: Vec<(&str, f64)> = ["a", "b", "c"]
        .iter()
        .flat_map(|c| vec![(*c, 1.0); 50])
        .collect();
    let found = cluster::estimate(&scores, Level::P95).unwrap();
    close(found.mean, 1.0);
    close(found.effective_cases, 3.0);
    assert!(found.interval.low < 0.3, "{found:?}");
    assert_eq!(cluster::estimate(&[], Level::P95), None);
    let one = cluster::estimate(&[("a", 1.0), ("a", 1.0)], Level::P95).unwrap();
    close(one.interval.low, 0.0);
}

/// Truth 0.90 and a judge of 0.90 and 0.70: the raw rate says 0.84, the corrected one covers the truth.
#[test]
fn the_corrected_rate_covers_the_truth() {
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(11));
    let rounds = 2_000_u32;
    let (mut held, mut raw_held, mut half) = (0_u32, 0_u32, 0.0);
    for _ in 0..rounds {
        let good = chance.times(200, 0.9);
        let said = chance.times(good, 0.9) + chance.times(200 - good, 0.3);
        let judge = Calibration {
            good_found: chance.times(150, 0.9),
            good: 150,
            bad_found: chance.times(150, 0.7),
            bad: 150,
        };
        let found = corrected(said, 200, judge, Level::P95).unwrap();
        held += u32::from(found.interval.contains(0.9));
        raw_held += u32::from(wilson(said, 200, Level::P95).contains(0.9));
        half += found.interval.half_width();
    }
    let share = |held: u32| f64::from(held) / f64::from(rounds);
    assert!(share(held) >= 0.94, "{}", share(held));
    assert!(share(raw_held) < 0.50, "{}", share(raw_held));
    let half = half / f64::from(rounds);
    assert!((0.07..0.13).contains(&half), "{half}");
}
