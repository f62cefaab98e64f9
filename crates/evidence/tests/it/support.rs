//! A small world: a build, its gate runs, and the bundle of its deployment.

use audit_log::CheckpointKey;
use domain::environment::Environment;
use domain::gate::{CaseResult, Finding, Gate, Measure, Report, Severity, Verdict};
use evidence::{
    Attested, Authority, Circumstances, Decided, DecidedGate, DigestSet, GateRun, Index, Statement,
    Subjects,
};

pub(crate) const DEPLOYMENT: i64 = 7;

pub(crate) fn key(seed: u8) -> CheckpointKey {
    CheckpointKey::from_seed("clearance.test/audit", &[seed; 32]).unwrap()
}

pub(crate) fn subjects() -> Subjects {
    Subjects {
        commit: "1f".repeat(20),
        image: format!("sha256:{}", "2a".repeat(32)),
        config_bundle: format!("sha256:{}", "3b".repeat(32)),
    }
}

pub(crate) fn report(gate: Gate, verdict: Verdict) -> Report {
    Report {
        gate,
        verdict,
        reason: (verdict != Verdict::Passed).then(|| "findings".to_owned()),
        summary: "1 of 2".to_owned(),
        engine: "clearance-test 0.1.0".to_owned(),
        basis: vec![GateRun::suite("evaluation/r.jsonl", "{}\n")],
        measures: Vec::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}

pub(crate) fn finding(rule: &str, severity: Severity) -> Finding {
    Finding::new(rule, severity, "Say what to do.", "requests 1.0", None)
}

pub(crate) fn relevance() -> Report {
    Report {
        measures: vec![Measure {
            name: "cases that meet their expectations".to_owned(),
            passed: 1,
            total: 2,
            value: 0.5,
            low: 0.094_531_205_734_230_74,
            high: 0.905_468_794_265_769_3,
            threshold: 0.4,
            verdict: Verdict::Passed,
            needed: None,
        }],
        cases: vec![CaseResult {
            id: "r1".to_owned(),
            suite: "evaluation/r.jsonl".to_owned(),
            asked: "=1+1".to_owned(),
            expected: Some("two".to_owned()),
            answered: "two\u{1b}[2J\u{0}".to_owned(),
            verdict: Verdict::Passed,
            why: "it says two".to_owned(),
            latency_ms: 12,
        }],
        ..report(Gate::Relevance, Verdict::Passed)
    }
}

pub(crate) fn run(report: &Report, verdict: Verdict) -> GateRun<'_> {
    GateRun {
        report,
        verdict,
        waivers: if verdict == Verdict::Waived {
            vec!["W-1".to_owned()]
        } else {
            Vec::new()
        },
        deployment: DEPLOYMENT,
        agent: "refund-assistant",
        version: "1.0.0",
        environment: Environment::Production,
        policy_version: 1,
        policy_digest: "sha256:44",
        attempts: 1,
        started_on: Some("2026-03-02T09:00:00Z".to_owned()),
        finished_on: "2026-03-02T09:00:41Z".to_owned(),
        url: "https://clearance.test/deployments/7/evaluation#relevance".to_owned(),
        external: None,
    }
}

pub(crate) fn attested(key: &CheckpointKey, statement: &Statement) -> Attested {
    Attested::sign(key, statement).unwrap()
}

/// The statements of gate runs, each as (standard, own).
pub(crate) fn gates(key: &CheckpointKey, runs: &[GateRun<'_>]) -> Vec<(Gate, [Attested; 2])> {
    runs.iter()
        .map(|run| {
            let two = evidence::gate_statements(&subjects(), run).unwrap();
            (run.report.gate, two.map(|one| attested(key, &one)))
        })
        .collect()
}

/// What a decision says of gates that passed.
pub(crate) fn decided(runs: &[GateRun<'_>], made: &[(Gate, [Attested; 2])]) -> Decided {
    let gates = runs.iter().zip(made).map(|(run, (gate, two))| DecidedGate {
        gate: *gate,
        verdict: run.verdict,
        report: DigestSet::sha256(&evidence::digest_of_bytes(
            evidence::to_canonical(run.report).unwrap().as_bytes(),
        )),
        carried_from: None,
        waivers: run.waivers.clone(),
        attestation: Some(DigestSet::sha256(&two[1].digest())),
    });
    Decided {
        deployment: DEPLOYMENT,
        agent: "refund-assistant".to_owned(),
        version: "1.0.0".to_owned(),
        environment: Environment::Production,
        manifest: DigestSet::sha256("sha256:55"),
        authority: Authority::Approval,
        approval: Some(DEPLOYMENT),
        policy_version: 1,
        gates: gates.collect(),
    }
}

pub(crate) fn decision(key: &CheckpointKey, inputs: &[String], decided: Decided) -> Attested {
    let under = Circumstances {
        base_url: "https://clearance.test",
        program: "0.1.0",
        time: "2026-03-02T10:00:00Z",
        image: &subjects().image,
        policy_digest: "sha256:44",
        inputs,
    };
    let predicate = evidence::decision(&under, decided);
    let statement = Statement::new(&subjects(), evidence::DECISION_TYPE, predicate.unwrap());
    attested(key, &statement)
}

pub(crate) fn index() -> Index {
    Index {
        deployment: DEPLOYMENT,
        agent: "refund-assistant".to_owned(),
        version: "1.0.0".to_owned(),
        environment: Environment::Production,
        entries: Vec::new(),
        missing: Vec::new(),
    }
}

pub(crate) fn write(key: &CheckpointKey, lines: &[Attested]) -> Vec<u8> {
    evidence::write(key, &subjects(), index(), lines).unwrap()
}

/// A bundle of an SBOM, an image scan, a relevance run and the decision.
pub(crate) fn whole(key: &CheckpointKey) -> (Vec<Attested>, Vec<u8>) {
    let scan = report(Gate::ImageScan, Verdict::Passed);
    let relevance = relevance();
    let runs = [
        run(&scan, Verdict::Passed),
        run(&relevance, Verdict::Passed),
    ];
    let made = gates(key, &runs);
    let sbom = evidence::sbom(
        &subjects(),
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#,
    );
    let mut lines = vec![attested(key, &sbom.unwrap())];
    lines.extend(made.iter().flat_map(|(_, two)| two.clone()));
    let inputs: Vec<String> = lines.iter().map(Attested::digest).collect();
    lines.push(decision(key, &inputs, decided(&runs, &made)));
    let bytes = write(key, &lines);
    (lines, bytes)
}

/// The smallest bundle with a decision: one gate and what it was let go by.
pub(crate) fn small(key: &CheckpointKey) -> (Vec<Attested>, Vec<u8>) {
    let scan = report(Gate::ImageScan, Verdict::Passed);
    let runs = [run(&scan, Verdict::Passed)];
    let made = gates(key, &runs);
    let mut lines: Vec<Attested> = made.iter().flat_map(|(_, two)| two.clone()).collect();
    let inputs: Vec<String> = lines.iter().map(Attested::digest).collect();
    lines.push(decision(key, &inputs, decided(&runs, &made)));
    let bytes = write(key, &lines);
    (lines, bytes)
}
