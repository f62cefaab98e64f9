//! Do two who judge the same items agree by more than chance?

mod krippendorff;

pub use krippendorff::{Scale, krippendorff_alpha};

use super::interval::{Interval, Level};

/// Cohen's kappa with its spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kappa {
    /// Agreement beyond chance: 1 is full, 0 is chance.
    pub value: f64,
    /// Asymptotic standard error (Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323).
    pub standard_error: f64,
}

impl Kappa {
    /// Its interval.
    #[must_use]
    pub fn interval(self, level: Level) -> Interval {
        let half = level.z() * self.standard_error;
        Interval {
            low: self.value - half,
            high: self.value + half,
        }
        .within(-1.0, 1.0)
    }
}

/// Cohen's kappa of a square table, `table[i][j]` items that the first put into category i and the second into j (Cohen
/// 1960). `None` for an empty or ragged table, and where both used one category only: agreement is then no evidence.
#[must_use]
pub fn cohen_kappa(table: &[Vec<u32>]) -> Option<Kappa> {
    let size = table.len();
    if size == 0 || table.iter().any(|row| row.len() != size) {
        return None;
    }
    let total: f64 = table.iter().flatten().copied().map(f64::from).sum();
    if total <= 0.0 {
        return None;
    }
    let rows: Vec<f64> = table
        .iter()
        .map(|row| row.iter().copied().map(f64::from).sum::<f64>() / total)
        .collect();
    let columns: Vec<f64> = (0..size)
        .map(|j| {
            cells(table)
                .filter(|cell| cell.1 == j)
                .map(|cell| cell.2)
                .sum::<f64>()
                / total
        })
        .collect();
    let share = |list: &[f64], at: usize| list.get(at).copied().unwrap_or_default();
    let expected: f64 = rows.iter().zip(&columns).map(|(r, c)| r * c).sum();
    let chance = 1.0 - expected;
    if chance <= 1e-12 {
        return None;
    }
    let observed: f64 = cells(table)
        .filter(|(i, j, _)| i == j)
        .map(|cell| cell.2)
        .sum::<f64>()
        / total;
    let value = (observed - expected) / chance;
    let spread: f64 = cells(table)
        .map(|(i, j, n)| {
            let margin = share(&columns, i) + share(&rows, j);
            let part = if i == j {
                1.0 - (share(&rows, i) + share(&columns, i)) * (1.0 - value)
            } else {
                (1.0 - value) * margin
            };
            n / total * part * part
        })
        .sum();
    let centre = value - expected * (1.0 - value);
    let variance = (spread - centre * centre) / (chance * chance * total);
    Some(Kappa {
        value,
        standard_error: variance.max(0.0).sqrt(),
    })
}

fn cells(table: &[Vec<u32>]) -> impl Iterator<Item = (usize, usize, f64)> {
    table.iter().enumerate().flat_map(|(i, row)| {
        row.iter()
            .enumerate()
            .map(move |(j, n)| (i, j, f64::from(*n)))
    })
}
