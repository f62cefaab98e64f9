//! Two policies beside each other: the lines that differ, and what a deployment would lack under another one.

use chrono::{DateTime, Utc};

use super::Policy;
use crate::deployment::DeploymentKind;
use crate::environment::Environment;
use crate::gate::{Gate, Verdict};
use crate::lines::{DiffLine, lines};

/// The lines of two documents. Empty when the texts are the same.
#[must_use]
pub fn diff(before: &str, after: &str) -> Vec<DiffLine> {
    if before == after {
        return Vec::new();
    }
    lines(before, after)
}

/// How a deployment went, as far as a policy has a say in it.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    pub environment: Environment,
    pub kind: DeploymentKind,
    /// Settled verdicts.
    pub results: &'a [(Gate, Verdict)],
    /// When each was judged.
    pub judged_at: &'a [(Gate, DateTime<Utc>)],
    /// The moment at which their age is weighed.
    pub weighed_at: DateTime<Utc>,
    /// The policy that they were judged under.
    pub judged_by: &'a Policy,
    /// People who approved it, each with the groups that it counted for.
    pub approvals: &'a [Vec<String>],
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
    /// It was waived, and the policy does not let it be.
    Waived(Gate),
    /// Its result is older than the policy counts, in hours.
    Old(Gate, u32),
    /// A condition over its manifest is not met, or could not be judged; with its message.
    Condition(String),
    Quorum(u32, u32),
    /// Fewer approvals of people of a group.
    Group(String, u32, u32),
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
            Self::Waived(gate) => write!(f, "{} is waived, which may not be", gate.label()),
            Self::Old(gate, hours) => {
                write!(
                    f,
                    "{}: its evidence is older than {hours} hours",
                    gate.label()
                )
            }
            Self::Condition(message) => f.write_str(message),
            Self::Quorum(had, asked) => write!(f, "{had} of {asked} approvals"),
            Self::Group(group, had, asked) => {
                write!(f, "{had} of {asked} approvals of group {group}")
            }
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
        } else if !verdict.is_some_and(|v| policy.accepts(*gate, v)) {
            lacking.push(Shortfall::Waived(*gate));
        } else if let Some(hours) = rules.evidence_hours
            && let Some((_, at)) = taken.judged_at.iter().find(|(g, _)| g == gate)
            && !rules.is_fresh(*at, taken.weighed_at)
        {
            lacking.push(Shortfall::Old(*gate, hours));
        }
    }
    if taken.kind == DeploymentKind::Rollback {
        return lacking;
    }
    let missing = rules.rule().lacking(taken.approvals);
    if missing.approvals > 0 {
        let given = rules.quorum - missing.approvals;
        lacking.push(Shortfall::Quorum(given, rules.quorum));
    }
    for asked in &rules.approval.required {
        let short = missing.groups.iter().find(|g| g.group == asked.group);
        if let Some(short) = short {
            let had = asked.count.saturating_sub(short.count);
            lacking.push(Shortfall::Group(asked.group.clone(), had, asked.count));
        }
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
