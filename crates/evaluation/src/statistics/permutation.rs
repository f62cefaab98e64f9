//! Paired differences of any scale (length, price, a score): the sign-flip permutation test.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Differences up to here are permuted in every way, so the p-value is exact.
const EXACT: usize = 16;

/// Two-sided p-value of "the differences are as often this way as that way round", by their sum.
///
/// All sign patterns up to 16 differences, else `draws` random ones from `seed`, counted as (hits + 1) / (draws + 1)
/// (Phipson and Smyth 2010, SAGMB 9:39), so that the same data give the same evidence. 1 without a difference.
#[must_use]
pub fn sign_flip(differences: &[f64], draws: u32, seed: u64) -> f64 {
    let nonzero: Vec<f64> = differences
        .iter()
        .copied()
        .filter(|d| *d != 0.0 && d.is_finite())
        .collect();
    let observed = nonzero.iter().sum::<f64>().abs();
    // Rounding must not make equal sums differ.
    let least = observed - 1e-9 * nonzero.iter().map(|d| d.abs()).sum::<f64>();
    if nonzero.len() <= EXACT {
        let patterns = 1_u32 << nonzero.len();
        let hits = (0..patterns)
            .filter(|pattern| flipped(&nonzero, |at| (pattern >> at) & 1 == 1).abs() >= least)
            .count();
        return super::number::count(hits) / f64::from(patterns);
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut bits: Vec<u64> = Vec::new();
    let mut hits = 0_u32;
    for _ in 0..draws {
        bits.clear();
        bits.extend(nonzero.chunks(64).map(|_| random.next_u64()));
        let sum = flipped(&nonzero, |at| {
            bits.get(at / 64)
                .is_some_and(|word| (word >> (at % 64)) & 1 == 1)
        });
        hits += u32::from(sum.abs() >= least);
    }
    (f64::from(hits) + 1.0) / (f64::from(draws) + 1.0)
}

fn flipped(differences: &[f64], flip: impl Fn(usize) -> bool) -> f64 {
    differences
        .iter()
        .enumerate()
        .map(|(at, d)| if flip(at) { -d } else { *d })
        .sum()
}
