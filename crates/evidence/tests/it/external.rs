//! Results that somebody else hands in.

use domain::gate::{Gate, Report, Verdict};
use evidence::{
    Attested, Envelope, External, ExternalError, GateRun, Handed, Origin, Statement, Subjects,
    open_external, verify,
};
use serde_json::json;

use crate::support::{DEPLOYMENT, attested, key, relevance, report, run, subjects, write};

const TYPE: &str = "urn:clearance:attestation:gate-result/v1";

fn handed(seed: u8, subjects: &Subjects, deployment: i64, report: &Report) -> String {
    let predicate = json!({ "deployment": deployment, "report": report });
    let statement = Statement::new(subjects, TYPE, predicate);
    Envelope::sign(&key(seed), statement.bytes().unwrap()).line()
}

fn open(bytes: &str) -> Result<Handed, ExternalError> {
    let keys = [key(8).verifier_key(), key(9).verifier_key()];
    open_external(bytes.as_bytes(), &keys, &subjects(), DEPLOYMENT)
}

#[test]
fn a_trusted_result_is_taken_and_names_its_signer() {
    let taken = open(&handed(9, &subjects(), DEPLOYMENT, &relevance())).unwrap();
    assert_eq!((taken.signer, taken.report.gate), (1, Gate::Relevance));
    assert_eq!(taken.report, relevance());
}

#[test]
fn however_it_is_spelled_a_bundle_has_one_spelling() {
    let line = handed(9, &subjects(), DEPLOYMENT, &relevance());
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    let mut odd = value.clone();
    odd["signatures"][0]["keyid"] = "ci".into();
    odd["note"] = "unknown fields are ignored".into();
    let pretty = serde_json::to_string_pretty(&odd).unwrap();
    assert_eq!(open(&pretty).unwrap().line, line);
}

#[test]
fn what_is_wrong_is_told() {
    let good = relevance();
    let elsewhere = Subjects {
        image: "sha256:00".to_owned(),
        ..subjects()
    };
    let contradicts = Report {
        verdict: Verdict::Passed,
        cases: {
            let mut cases = good.cases.clone();
            cases[0].verdict = Verdict::Failed;
            cases
        },
        ..good.clone()
    };
    let waived = report(Gate::Relevance, Verdict::Waived);
    let health = report(Gate::Health, Verdict::Passed);
    let cases = [
        (
            handed(7, &subjects(), DEPLOYMENT, &good),
            ExternalError::Signer,
        ),
        (
            handed(9, &elsewhere, DEPLOYMENT, &good),
            ExternalError::Subject,
        ),
        (handed(9, &subjects(), 6, &good), ExternalError::Deployment),
        (
            handed(9, &subjects(), DEPLOYMENT, &contradicts),
            ExternalError::Contradiction,
        ),
        (
            handed(9, &subjects(), DEPLOYMENT, &waived),
            ExternalError::Contradiction,
        ),
        (
            handed(9, &subjects(), DEPLOYMENT, &health),
            ExternalError::Contradiction,
        ),
        ("{}".to_owned(), ExternalError::Malformed),
        (" ".repeat(300_000), ExternalError::TooLarge),
    ];
    for (text, wanted) in cases {
        assert_eq!(open(&text).unwrap_err(), wanted);
    }
}

fn bundle(line: &str, external: &External, report: &Report) -> Vec<u8> {
    let signer = key(1);
    let run = GateRun {
        external: Some(external.clone()),
        ..run(report, Verdict::Passed)
    };
    let two = evidence::gate_statements(&subjects(), &run).unwrap();
    let mut lines: Vec<Attested> = two.iter().map(|one| attested(&signer, one)).collect();
    lines.push(Attested {
        line: line.to_owned(),
        predicate_type: TYPE.to_owned(),
        origin: Origin::External,
    });
    write(&signer, &lines)
}

#[test]
fn a_bundle_carries_the_result_and_checks_its_signer() {
    let line = handed(9, &subjects(), DEPLOYMENT, &relevance());
    let external = External {
        signer: "nightly".to_owned(),
        key: key(9).verifier_key().to_string(),
        envelope: evidence::DigestSet::sha256(&evidence::digest_of_bytes(line.as_bytes())),
    };
    let known = [key(1).verifier_key()];
    let shown = verify(&bundle(&line, &external, &relevance()), &known).unwrap();
    assert_eq!(shown.external, [(Gate::Relevance, "nightly".to_owned())]);
    let other = External {
        key: key(8).verifier_key().to_string(),
        ..external.clone()
    };
    assert!(verify(&bundle(&line, &other, &relevance()), &known).is_err());
    let mut better = relevance();
    better.summary = "all of it".to_owned();
    assert!(verify(&bundle(&line, &external, &better), &known).is_err());
}
