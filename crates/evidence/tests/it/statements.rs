//! What statements say of gate runs.

use domain::gate::{Gate, Severity, Verdict};
use evidence::{Envelope, EnvelopeError, SBOM_TYPE, TEST_RESULT_TYPE, VULNS_TYPE};
use serde_json::json;

use crate::support::{finding, key, relevance, report, run, subjects};

#[test]
fn every_statement_names_all_three_subjects() {
    let scan = report(Gate::ImageScan, Verdict::Passed);
    let mut all = evidence::gate_statements(&subjects(), &run(&scan, Verdict::Passed))
        .unwrap()
        .to_vec();
    all.extend(evidence::sbom(&subjects(), "{}"));
    for statement in all {
        let value = serde_json::to_value(&statement).unwrap();
        assert_eq!(value["_type"], "https://in-toto.io/Statement/v1");
        assert_eq!(
            value["subject"],
            json!([
                { "name": "commit", "digest": { "gitCommit": "1f".repeat(20) } },
                { "name": "image", "digest": { "sha256": "2a".repeat(32) } },
                { "name": "config-bundle", "digest": { "sha256": "3b".repeat(32) } },
            ])
        );
    }
}

#[test]
fn a_test_result_names_the_tests_and_never_passes_what_could_not_be_told() {
    let found = relevance();
    let [standard, own] =
        evidence::gate_statements(&subjects(), &run(&found, Verdict::Passed)).unwrap();
    assert_eq!(standard.predicate_type, TEST_RESULT_TYPE);
    assert_eq!(standard.predicate["result"], "PASSED");
    assert_eq!(
        standard.predicate["passedTests"],
        json!(["evaluation/r.jsonl#r1"])
    );
    assert_eq!(
        own.predicate["engine"],
        json!({ "name": "clearance-test", "version": "0.1.0" })
    );
    assert_eq!(own.predicate["measures"][0]["interval"]["level"], 0.95);
    let suite = evidence::digest_of_bytes(b"{}\n");
    assert_eq!(
        own.predicate["suites"],
        json!([{ "name": "evaluation/r.jsonl", "digest": { "sha256": suite } }])
    );
    for (verdict, word) in [
        (Verdict::Inconclusive, "FAILED"),
        (Verdict::Errored, "FAILED"),
        (Verdict::Failed, "FAILED"),
        (Verdict::Waived, "WARNED"),
    ] {
        let said = evidence::test_result(&run(&found, verdict)).unwrap();
        assert_eq!(said["result"], word);
    }
}

#[test]
fn an_image_scan_is_a_list_of_vulnerabilities_only_where_it_looked() {
    let mut scan = report(Gate::ImageScan, Verdict::Failed);
    scan.findings = vec![
        finding("PYSEC-2021-142", Severity::Critical),
        finding("image-private-key", Severity::High),
    ];
    scan.basis = vec![("advisories as of".to_owned(), "2026-02-01".to_owned())];
    let [standard, own] =
        evidence::gate_statements(&subjects(), &run(&scan, Verdict::Failed)).unwrap();
    assert_eq!(standard.predicate_type, VULNS_TYPE);
    let scanner = &standard.predicate["scanner"];
    assert_eq!(scanner["db"]["lastUpdate"], "2026-02-01T00:00:00Z");
    assert_eq!(scanner["result"].as_array().unwrap().len(), 1);
    assert_eq!(
        scanner["result"][0]["severity"],
        json!([{ "method": "clearance", "score": "critical" }])
    );
    assert_eq!(standard.predicate["clearance_otherFindings"], 1);
    assert_eq!(own.predicate["engine"]["dataVersion"], "2026-02-01");
    scan.verdict = Verdict::Inconclusive;
    let [standard, _] =
        evidence::gate_statements(&subjects(), &run(&scan, Verdict::Inconclusive)).unwrap();
    assert_eq!(
        standard.predicate_type, TEST_RESULT_TYPE,
        "never an empty list"
    );
}

#[test]
fn an_sbom_is_a_document_or_nothing() {
    let statement = evidence::sbom(&subjects(), r#"{"bomFormat":"CycloneDX"}"#).unwrap();
    assert_eq!(statement.predicate_type, SBOM_TYPE);
    assert!(evidence::sbom(&subjects(), "no JSON").is_none());
    assert!(evidence::sbom(&subjects(), "[]").is_none());
}

#[test]
fn base64_is_strict() {
    let line = Envelope::sign(&key(1), b"{}".to_vec()).line();
    let read = |text: &str| Envelope::parse_line(text.as_bytes());
    assert!(read(&line).is_ok());
    assert!(line.contains("\"e30=\""));
    for odd in ["e30", "e31=", "e3 0=", "e30=\\n", "-_0="] {
        let changed = line.replace("e30=", odd);
        assert!(
            matches!(read(&changed), Err(EnvelopeError::Base64)),
            "{odd}"
        );
    }
}
