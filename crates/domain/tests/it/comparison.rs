//! Reports beside each other.

use domain::comparison::{change, compare};
use domain::gate::{CaseResult, Finding, Gate, Measure, Report, Severity, Verdict};

fn measure(passed: u32, total: u32, value: f64, low: f64, high: f64) -> Measure {
    Measure {
        name: "claims supported".to_owned(),
        passed,
        total,
        value,
        low,
        high,
        threshold: 0.9,
        verdict: Verdict::Passed,
        needed: None,
    }
}

fn report(gate: Gate) -> Report {
    Report {
        gate,
        verdict: Verdict::Passed,
        reason: None,
        summary: String::new(),
        engine: String::new(),
        basis: Vec::new(),
        measures: Vec::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}

fn case(id: &str, verdict: Verdict) -> CaseResult {
    CaseResult {
        id: id.to_owned(),
        suite: "suite.yaml".to_owned(),
        asked: String::new(),
        expected: None,
        answered: String::new(),
        verdict,
        why: String::new(),
        latency_ms: 1,
    }
}

fn finding(rule: &str, severity: Severity) -> Finding {
    Finding::new(rule, severity, "", "libc 1.0", None)
}

#[test]
fn a_change_whose_interval_includes_zero_is_neither_better_nor_worse() {
    // 56 of 70 against 48 of 80: Newcombe (1998), his example, gives [0.0524, 0.3339].
    let after = measure(56, 70, 0.8, 0.6921, 0.8773);
    let before = measure(48, 80, 0.6, 0.4904, 0.7004);
    let better = change(&before, &after).unwrap();
    assert!((better.low - 0.0524).abs() < 0.001, "{better:?}");
    assert!((better.high - 0.3339).abs() < 0.001, "{better:?}");
    assert_eq!(better.better(), Some(true));
    assert_eq!(change(&after, &before).unwrap().better(), Some(false));
    assert_eq!(change(&after, &after).unwrap().better(), None);
}

#[test]
fn without_cases_there_is_no_change() {
    let none = measure(0, 0, 0.0, 0.0, 1.0);
    let some = measure(56, 70, 0.8, 0.6921, 0.8773);
    assert_eq!(change(&none, &some), None);
    assert_eq!(change(&some, &none), None);
}

#[test]
fn only_cases_that_passed_before_are_newly_failing() {
    let (mut before, mut after) = (report(Gate::Relevance), report(Gate::Relevance));
    before.cases = vec![
        case("a", Verdict::Passed),
        case("b", Verdict::Failed),
        case("c", Verdict::Errored),
        case("d", Verdict::Failed),
    ];
    after.cases = vec![
        case("a", Verdict::Failed),
        case("b", Verdict::Failed),
        case("c", Verdict::Failed),
        case("d", Verdict::Passed),
        case("new", Verdict::Failed),
    ];
    let diff = compare(&[before], &[after], &[Gate::Relevance]);
    let ids: Vec<_> = diff.newly_failing.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["a"]);
    assert_eq!((diff.newly_failing_count, diff.newly_passing), (1, 1));
}

#[test]
fn only_new_findings_of_the_scan_are_shown_worst_first() {
    let (mut before, mut after) = (report(Gate::ImageScan), report(Gate::ImageScan));
    before.findings = vec![
        finding("old", Severity::High),
        finding("gone", Severity::Low),
    ];
    after.findings = vec![
        finding("minor", Severity::Low),
        finding("old", Severity::High),
        finding("grave", Severity::Critical),
    ];
    let diff = compare(&[before], &[after], &[Gate::ImageScan]);
    let scan = diff.vulnerabilities.unwrap();
    let rules: Vec<_> = scan.added.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(rules, ["grave", "minor"]);
    assert_eq!((scan.added_count, scan.gone, scan.kept), (2, 1, 1));
}

#[test]
fn a_missing_report_is_said_and_not_taken_for_agreement() {
    let after = report(Gate::ImageScan);
    let diff = compare(&[], &[after], &[Gate::ImageScan, Gate::Relevance]);
    assert_eq!(diff.vulnerabilities, None);
    assert_eq!(diff.missing.len(), 2);
    assert!(diff.missing[0].contains("the live version has no report"));
    assert!(diff.missing[1].contains("the proposed version has no report"));
}
