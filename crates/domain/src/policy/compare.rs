//! Two policies beside each other: the lines that differ, and what a deployment would lack under another one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::deployment::DeploymentKind;
use crate::environment::Environment;
use crate::gate::{Gate, Verdict};
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

/// Most lines compared with each other; what is longer is shown as removed and added whole.
const COMPARED_MAX: usize = 1_500;

/// The lines of two texts, in order, by their longest common part. Empty when the texts are the same.
#[must_use]
pub fn diff(before: &str, after: &str) -> Vec<DiffLine> {
    if before == after {
        return Vec::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let line = |kind, text: &&str| DiffLine {
        kind,
        text: (*text).to_owned(),
    };
    if old.len().max(new.len()) > COMPARED_MAX {
        let gone = old.iter().map(|text| line(LineKind::Removed, text));
        let come = new.iter().map(|text| line(LineKind::Added, text));
        return gone.chain(come).collect();
    }
    let common = common_lengths(&old, &new);
    let at = |i: usize, j: usize| -> u32 {
        common
            .get(i)
            .and_then(|row| row.get(j))
            .copied()
            .unwrap_or(0)
    };
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                lines.push(line(LineKind::Same, a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || at(i + 1, j) >= at(i, j + 1) => {
                lines.push(line(LineKind::Removed, a));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(line(LineKind::Added, b));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

/// The length of the longest common part of every pair of ends.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut rows = vec![vec![0; new.len() + 1]];
    for a in old.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let cell = |row: &[u32], j: usize| row.get(j).copied().unwrap_or(0);
        let mut row = vec![0; new.len() + 1];
        for (j, b) in new.iter().enumerate().rev() {
            let length = if a == b {
                cell(&below, j + 1) + 1
            } else {
                cell(&below, j).max(cell(&row, j + 1))
            };
            if let Some(place) = row.get_mut(j) {
                *place = length;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// How a deployment went, as far as a policy has a say in it.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    pub environment: Environment,
    pub kind: DeploymentKind,
    /// Settled verdicts.
    pub results: &'a [(Gate, Verdict)],
    /// The policy that they were judged under.
    pub judged_by: &'a Policy,
    /// People who approved it.
    pub approvals: u32,
    pub live_at: Option<DateTime<Utc>>,
    /// When the deployment that it promotes went live in non-prod.
    pub proven_at: Option<DateTime<Utc>>,
}

/// One thing that a policy asks for and a deployment does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// The gate has no verdict, or one that does not satisfy.
    Gate(Gate, Option<Verdict>),
    /// Its cases were judged by a lower threshold.
    Threshold(Gate, u32, u32),
    Quorum(u32, u32),
    Frozen(String),
    Soak(u32),
}

impl std::fmt::Display for Shortfall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gate(gate, None) => write!(f, "{} has no result", gate.label()),
            Self::Gate(gate, Some(verdict)) => write!(f, "{}: {}", gate.label(), verdict.label()),
            Self::Threshold(gate, had, asked) => {
                write!(f, "{} was judged by {had} %, not {asked} %", gate.label())
            }
            Self::Quorum(had, asked) => write!(f, "{had} of {asked} approvals"),
            Self::Frozen(reason) => write!(f, "went live in a freeze: {reason}"),
            Self::Soak(asked) => write!(f, "less than {asked} minutes in non-prod"),
        }
    }
}

/// What a deployment lacks under a policy. In non-prod *inconclusive* is enough of gates that judge the running agent. A
/// rollback restores what was cleared before: nobody is asked again, and neither soak nor freeze holds it up.
#[must_use]
pub fn shortfalls(policy: &Policy, taken: &Taken<'_>) -> Vec<Shortfall> {
    let rules = policy.of(taken.environment);
    let mut lacking = Vec::new();
    for gate in &rules.gates {
        let verdict = taken
            .results
            .iter()
            .find(|(g, _)| g == gate)
            .map(|(_, v)| *v);
        let harmless = taken.environment == Environment::NonProd
            && gate.needs_agent()
            && verdict == Some(Verdict::Inconclusive);
        let (had, asked) = (taken.judged_by.percent(*gate), policy.percent(*gate));
        if !verdict.is_some_and(Verdict::satisfies) {
            if !harmless {
                lacking.push(Shortfall::Gate(*gate, verdict));
            }
        } else if had < asked {
            lacking.push(Shortfall::Threshold(*gate, had, asked));
        }
    }
    if taken.kind == DeploymentKind::Rollback {
        return lacking;
    }
    if taken.approvals < rules.quorum {
        lacking.push(Shortfall::Quorum(taken.approvals, rules.quorum));
    }
    if let Some(window) = taken.live_at.and_then(|at| rules.frozen_at(at)) {
        lacking.push(Shortfall::Frozen(window.reason.clone()));
    }
    if let (Some(live), Some(proven)) = (taken.live_at, taken.proven_at)
        && live < rules.soaked_at(proven)
    {
        lacking.push(Shortfall::Soak(rules.soak_minutes));
    }
    lacking
}
