//! Two texts beside each other, line by line.

use serde::{Deserialize, Serialize};

use crate::state::words;

words! {
    /// What became of a line.
    LineKind as "line kind" {
        Same = "same",
        Added = "added",
        Removed = "removed",
    }
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiffLine {
    pub kind: LineKind,
    pub text: String,
}

/// Most pairs of lines that are compared one by one; longer texts are shown as removed and added.
const PAIRS: usize = 160_000;

/// The lines of both texts in reading order. What both begin and end with stays, and of the rest their longest common part.
#[must_use]
pub fn lines(before: &str, after: &str) -> Vec<DiffLine> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = before.iter().zip(&after).take_while(same).count();
    let rest = (before.iter().skip(head).rev()).zip(after.iter().skip(head).rev());
    let tail = rest.take_while(same).count();
    let kept = |text: &&str| line(LineKind::Same, text);
    let mut out: Vec<DiffLine> = before.iter().take(head).map(kept).collect();
    let end = before.len().saturating_sub(tail);
    out.extend(middle(
        before.get(head..end).unwrap_or_default(),
        after
            .get(head..after.len().saturating_sub(tail))
            .unwrap_or_default(),
    ));
    out.extend(before.iter().skip(end).map(kept));
    out
}

fn line(kind: LineKind, text: &str) -> DiffLine {
    DiffLine {
        kind,
        text: text.to_owned(),
    }
}

/// The longest common lines stay; what is between them went or came.
fn middle(before: &[&str], after: &[&str]) -> Vec<DiffLine> {
    let width = after.len() + 1;
    let compared = before.len() * after.len() <= PAIRS;
    let longest = if compared {
        common(before, after)
    } else {
        Vec::new()
    };
    let at = |i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or(0);
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    loop {
        match (before.get(i), after.get(j)) {
            (Some(a), Some(b)) if compared && a == b => {
                out.push(line(LineKind::Same, a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), other) if other.is_none() || at(i + 1, j) >= at(i, j + 1) => {
                out.push(line(LineKind::Removed, a));
                i += 1;
            }
            (_, Some(b)) => {
                out.push(line(LineKind::Added, b));
                j += 1;
            }
            (_, None) => return out,
        }
    }
}

/// The length of the longest common part of every pair of ends, row by row.
fn common(before: &[&str], after: &[&str]) -> Vec<u32> {
    let width = after.len() + 1;
    let mut longest = vec![0; (before.len() + 1) * width];
    let at = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in before.iter().enumerate().rev() {
        for (j, b) in after.iter().enumerate().rev() {
            let value = if a == b {
                at(&longest, i + 1, j + 1) + 1
            } else {
                at(&longest, i + 1, j).max(at(&longest, i, j + 1))
            };
            if let Some(cell) = longest.get_mut(i * width + j) {
                *cell = value;
            }
        }
    }
    longest
}
