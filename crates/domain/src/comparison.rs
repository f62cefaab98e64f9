//! The gates' reports of a proposed version beside those of the live one: how each score changed, which cases fail now, and
//! which findings are new.

use std::collections::BTreeSet;

use crate::gate::{CaseResult, Finding, Gate, Measure, Report, Verdict};
use crate::view::comparison::{Delta, EvidenceDiff, FindingsDiff, MeasureDelta};

/// Most cases and findings that are shown.
const SHOWN: usize = 50;

/// Compares the reports. A gate of which one of the two has no report is named in `missing`: silence is not agreement.
#[must_use]
pub fn compare(live: &[Report], proposed: &[Report], gates: &[Gate]) -> EvidenceDiff {
    let mut diff = EvidenceDiff::default();
    for gate in gates {
        let of = |reports: &[Report]| reports.iter().position(|report| report.gate == *gate);
        let before = of(live).and_then(|at| live.get(at));
        let after = of(proposed).and_then(|at| proposed.get(at));
        match (before, after) {
            (_, None) => diff.missing.push(format!(
                "{}: the proposed version has no report.",
                gate.label()
            )),
            (None, Some(_)) => diff.missing.push(format!(
                "{}: the live version has no report, so nothing can be compared.",
                gate.label()
            )),
            (Some(_), Some(_)) => {}
        }
        if let Some(after) = after {
            diff.measures.extend(measures(before, after));
            if let Some(before) = before {
                cases(before, after, &mut diff);
            }
        }
        if *gate == Gate::ImageScan {
            diff.vulnerabilities = findings(before, after);
        }
    }
    diff.newly_failing.truncate(SHOWN);
    diff
}

/// Every score of the proposed report, with the live one of the same name.
fn measures(before: Option<&Report>, after: &Report) -> Vec<MeasureDelta> {
    let live = |name: &str| before?.measures.iter().find(|m| m.name == name).cloned();
    let pair = |proposed: &Measure| {
        let live = live(&proposed.name);
        MeasureDelta {
            gate: after.gate,
            change: live.as_ref().and_then(|live| change(live, proposed)),
            live,
            proposed: proposed.clone(),
        }
    };
    after.measures.iter().map(pair).collect()
}

/// The difference of two shares with its 95 % interval, by Newcombe's method from the interval of each. The cases count as
/// independent, which makes the interval wider rather than narrower where the same cases ran twice. None where either has
/// no case.
#[must_use]
pub fn change(live: &Measure, proposed: &Measure) -> Option<Delta> {
    if live.total == 0 || proposed.total == 0 {
        return None;
    }
    let value = proposed.value - live.value;
    let apart = |a: f64, b: f64| a.hypot(b);
    Some(Delta {
        value,
        low: value - apart(proposed.value - proposed.low, live.high - live.value),
        high: value + apart(proposed.high - proposed.value, live.value - live.low),
    })
}

/// Cases that passed and fail now, and how many the other way round.
fn cases(before: &Report, after: &Report, diff: &mut EvidenceDiff) {
    let had = |case: &CaseResult, verdict: Verdict| {
        before
            .cases
            .iter()
            .any(|old| old.suite == case.suite && old.id == case.id && old.verdict == verdict)
    };
    for case in &after.cases {
        match case.verdict {
            Verdict::Failed if had(case, Verdict::Passed) => {
                diff.newly_failing_count = diff.newly_failing_count.saturating_add(1);
                diff.newly_failing.push(case.clone());
            }
            Verdict::Passed if had(case, Verdict::Failed) => {
                diff.newly_passing = diff.newly_passing.saturating_add(1);
            }
            Verdict::Failed
            | Verdict::Passed
            | Verdict::Inconclusive
            | Verdict::Errored
            | Verdict::Waived => {}
        }
    }
}

/// What a finding is, wherever it is now.
fn key(finding: &Finding) -> (&str, &str) {
    (finding.rule.as_str(), finding.location.as_str())
}

/// None unless both were scanned.
fn findings(before: Option<&Report>, after: Option<&Report>) -> Option<FindingsDiff> {
    let (before, after) = (before?, after?);
    let old: BTreeSet<_> = before.findings.iter().map(key).collect();
    let new: BTreeSet<_> = after.findings.iter().map(key).collect();
    let mut added: Vec<Finding> = after
        .findings
        .iter()
        .filter(|finding| !old.contains(&key(finding)))
        .cloned()
        .collect();
    added.sort_by(|a, b| (b.severity, &a.rule).cmp(&(a.severity, &b.rule)));
    let counted = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let all = added.len();
    added.truncate(SHOWN);
    Some(FindingsDiff {
        added_count: counted(all),
        added,
        gone: counted(old.difference(&new).count()),
        kept: counted(old.intersection(&new).count()),
    })
}
