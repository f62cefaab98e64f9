//! Does a bundle agree with itself? Every statement was signed, and still a signer can be careless: reports must have the
//! digests that are said, the summaries for other tools must say what the evidence says, and a decision may rest on nothing
//! that is not there or that was judged bad.

use std::collections::BTreeMap;

use audit_log::VerifierKey;
use domain::gate::{Gate, Measure, Report, Verdict};

use super::verify::{Line, Problem, Verified};
use super::{Index, Origin};
use crate::canonical::{digest_of_bytes, to_canonical};
use crate::external;
use crate::predicate::decision::{DECISION_TYPE, DecidedGate, Decision};
use crate::predicate::gate::{GATE_TYPE, GateEvidence, Score};
use crate::predicate::sbom::SBOM_TYPE;
use crate::predicate::standard_type;
use crate::predicate::test_result::{self, TEST_RESULT_TYPE, TestResult};
use crate::predicate::vulns::{VULNS_TYPE, Vulns};
use crate::statement::Subjects;

/// A gate's statement and where it stands.
struct Run<'a> {
    line: &'a Line,
    evidence: GateEvidence,
}

type Runs<'a> = BTreeMap<Gate, Run<'a>>;

/// The decision and where it stands.
type Decided<'a> = Option<(&'a Line, Decision)>;

/// The gates' statements and the decision, each once; what else is there must be of a kind that belongs here.
fn sort<'a>(index: &Index, lines: &'a [Line]) -> Result<(Runs<'a>, Decided<'a>), Problem> {
    let mut runs = Runs::new();
    let mut decision = None;
    for line in lines.iter().filter(|line| line.origin == Origin::Clearance) {
        match line.statement.predicate_type.as_str() {
            GATE_TYPE => {
                let run = gate(line, index)?;
                if let Some(earlier) = runs.insert(run.evidence.gate, run) {
                    let reason = "a gate has two statements";
                    return Err(Problem::at(earlier.line.number, reason));
                }
            }
            DECISION_TYPE if decision.is_some() => {
                return Err(Problem::at(line.number, "there are two decisions"));
            }
            DECISION_TYPE => decision = Some((line, read::<Decision>(line)?)),
            TEST_RESULT_TYPE | VULNS_TYPE | SBOM_TYPE => {}
            _ => {
                let reason = "its predicate type is not one that belongs in a bundle";
                return Err(Problem::at(line.number, reason));
            }
        }
    }
    Ok((runs, decision))
}

/// Checks everything that several lines say together.
pub(super) fn check(
    index: &Index,
    subjects: &Subjects,
    lines: &[Line],
    key: &VerifierKey,
) -> Result<Verified, Problem> {
    let (runs, decision) = sort(index, lines)?;
    summaries(lines, &runs)?;
    handed_in(lines, &runs, subjects)?;
    if let Some((line, decision)) = &decision {
        decided(index, lines, &runs, line, decision)?;
    }
    for missing in &index.missing {
        if runs.contains_key(&missing.gate) {
            let reason = format!("the index calls {} missing, and it is there", missing.gate);
            return Err(Problem::at(1, reason));
        }
    }
    Ok(Verified {
        deployment: index.deployment,
        agent: index.agent.clone(),
        version: index.version.clone(),
        environment: index.environment,
        commit: subjects.commit.clone(),
        image: subjects.image.clone(),
        config_bundle: subjects.config_bundle.clone(),
        key: key.id(),
        statements: lines.len(),
        gates: runs
            .values()
            .map(|run| (run.evidence.gate, run.evidence.verdict))
            .collect(),
        external: runs
            .values()
            .filter_map(|run| {
                let from = run.evidence.external.as_ref()?;
                Some((run.evidence.gate, from.signer.clone()))
            })
            .collect(),
        decision: decision.map(|(_, decision)| decision.decided.authority),
        missing: index.missing.clone(),
    })
}

fn read<T: serde::de::DeserializeOwned>(line: &Line) -> Result<T, Problem> {
    serde_json::from_value(line.statement.predicate.clone())
        .map_err(|_| Problem::at(line.number, "its predicate cannot be read"))
}

/// A gate's statement: the report has the digest that is said, and everything said beside it is what the report says.
fn gate<'a>(line: &'a Line, index: &Index) -> Result<Run<'a>, Problem> {
    let wrong = |reason: &str| Err(Problem::at(line.number, reason));
    let evidence: GateEvidence = read(line)?;
    let text = to_canonical(&evidence.report)
        .map_err(|_| Problem::at(line.number, "its report cannot be read"))?;
    if evidence.report_digest.sha256.as_deref() != Some(digest_of_bytes(text.as_bytes()).as_str()) {
        return wrong("its report does not have the digest that it names");
    }
    let Ok(report) = serde_json::from_value::<Report>(evidence.report.clone()) else {
        return wrong("its report cannot be read");
    };
    if report.gate != evidence.gate {
        return wrong("its report is of another gate");
    }
    let waived = evidence.verdict == Verdict::Waived
        && report.verdict == Verdict::Failed
        && !evidence.waivers.is_empty();
    if report.verdict != evidence.verdict && !waived {
        return wrong("its verdict is not the one of its report");
    }
    let scores: Vec<Score> = report
        .measures
        .iter()
        .map(<Score as From<&Measure>>::from)
        .collect();
    if scores != evidence.measures {
        return wrong("its measures are not the ones of its report");
    }
    if evidence.agent != index.agent || evidence.version != index.version {
        return wrong("it is about another version than the bundle");
    }
    Ok(Run { line, evidence })
}

/// What other tools read agrees with the evidence of its gate.
fn summaries(lines: &[Line], runs: &Runs<'_>) -> Result<(), Problem> {
    let mut told: BTreeMap<Gate, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.origin == Origin::Clearance) {
        let (gate, agrees) = match line.statement.predicate_type.as_str() {
            TEST_RESULT_TYPE => {
                let result: TestResult = read(line)?;
                let run = runs.get(&result.gate);
                let agrees = run.is_some_and(|run| {
                    let report = &run.evidence.report_digest;
                    result.verdict == run.evidence.verdict
                        && result.result == test_result::word(run.evidence.verdict)
                        && result.configuration.iter().any(|c| c.digest == *report)
                });
                (result.gate, agrees)
            }
            VULNS_TYPE => {
                let vulns: Vulns = read(line)?;
                let run = runs.get(&Gate::ImageScan);
                let agrees = run.is_some_and(|run| vulns.report == run.evidence.report_digest);
                (Gate::ImageScan, agrees)
            }
            _ => continue,
        };
        let run = runs.get(&gate);
        let standard = run.map(|run| standard_type(gate, run.evidence.verdict));
        if !agrees || standard != Some(line.statement.predicate_type.as_str()) {
            let reason = format!("it does not agree with the evidence of the gate {gate}");
            return Err(Problem::at(line.number, reason));
        }
        *told.entry(gate).or_default() += 1;
    }
    for (gate, run) in runs {
        let wanted = standard_type(*gate, run.evidence.verdict);
        if told.get(gate) != Some(&1) {
            let reason = format!("the gate {gate} does not have exactly one {wanted} beside it");
            return Err(Problem::at(run.line.number, reason));
        }
    }
    Ok(())
}

/// Results of others: signed by the key that the gate's statement names, about this build, with this very report.
fn handed_in(lines: &[Line], runs: &Runs<'_>, subjects: &Subjects) -> Result<(), Problem> {
    let mut used = Vec::new();
    for run in runs.values() {
        let Some(from) = &run.evidence.external else {
            continue;
        };
        let wrong = |reason: &str| Err(Problem::at(run.line.number, reason));
        let found = lines.iter().find(|line| {
            line.origin == Origin::External && from.envelope.sha256.as_ref() == Some(&line.digest)
        });
        let Some(found) = found else {
            return wrong("the result that it names is not in the bundle");
        };
        let Ok(key) = from.key.parse::<VerifierKey>() else {
            return wrong("the key of the signer that it names cannot be read");
        };
        if !found.envelope.is_signed_by(&key) {
            let reason = "the signer that the gate's statement names did not sign it";
            return Err(Problem::at(found.number, reason));
        }
        let report = external::report_of(&found.statement, subjects, run.evidence.deployment)
            .map_err(|e| Problem::at(found.number, e.to_string()))?;
        // As texts: 1 and 1.0 are one number in JSON, and two values here.
        let texts = (to_canonical(&report), to_canonical(&run.evidence.report));
        if !matches!(texts, (Ok(told), Ok(counted)) if told == counted) {
            return Err(Problem::at(
                found.number,
                "its report is not the one that counted",
            ));
        }
        used.push(found.number);
    }
    let stray = lines
        .iter()
        .find(|line| line.origin == Origin::External && !used.contains(&line.number));
    stray.map_or(Ok(()), |line| {
        Err(Problem::at(
            line.number,
            "no gate's statement names this result",
        ))
    })
}

/// The decision rests on the statements that are here, and on no gate that was judged bad.
fn decided(
    index: &Index,
    lines: &[Line],
    runs: &Runs<'_>,
    line: &Line,
    decision: &Decision,
) -> Result<(), Problem> {
    let wrong = |reason: String| Err(Problem::at(line.number, reason));
    let decided = &decision.decided;
    if decision.verification_result != "PASSED" {
        return wrong("the decision is no pass".to_owned());
    }
    if (
        decided.deployment,
        &decided.agent,
        &decided.version,
        decided.environment,
    ) != (
        index.deployment,
        &index.agent,
        &index.version,
        index.environment,
    ) {
        return wrong("the decision is about another deployment".to_owned());
    }
    for input in &decision.input_attestations {
        if !lines
            .iter()
            .any(|l| input.digest.sha256.as_ref() == Some(&l.digest))
        {
            return wrong("the decision rests on a statement that is not in the bundle".to_owned());
        }
    }
    for gate in &decided.gates {
        if let Err(reason) = rests(index, runs, decision, gate) {
            return wrong(format!("the decision and the gate {}: {reason}", gate.gate));
        }
    }
    let named = |gate: Gate| decided.gates.iter().any(|g| g.gate == gate);
    match runs
        .keys()
        .find(|gate| **gate != Gate::Health && !named(**gate))
    {
        Some(gate) => wrong(format!("the decision does not name the gate {gate}")),
        None => Ok(()),
    }
}

fn rests(
    index: &Index,
    runs: &Runs<'_>,
    decision: &Decision,
    gate: &DecidedGate,
) -> Result<(), &'static str> {
    if !gate.verdict.satisfies() {
        return Err("it is let go, and the gate is not satisfied");
    }
    let Some(attestation) = &gate.attestation else {
        let told = index
            .missing
            .iter()
            .any(|m| m.gate == gate.gate && m.report == gate.report);
        return if told {
            Ok(())
        } else {
            Err("its statement is missing")
        };
    };
    let run = runs.get(&gate.gate).ok_or("its statement is missing")?;
    if attestation.sha256.as_ref() != Some(&run.line.digest) {
        return Err("another statement is in the bundle");
    }
    if !decision
        .input_attestations
        .iter()
        .any(|i| i.digest == *attestation)
    {
        return Err("the statement is no input of the decision");
    }
    if run.evidence.report_digest != gate.report {
        return Err("another report is in the bundle");
    }
    let judged = run.evidence.verdict;
    let waived = gate.verdict == Verdict::Waived
        && matches!(judged, Verdict::Failed | Verdict::Waived)
        && !gate.waivers.is_empty();
    if gate.verdict == judged && judged == Verdict::Passed || waived {
        Ok(())
    } else {
        Err("the verdict is not the one of its statement")
    }
}
