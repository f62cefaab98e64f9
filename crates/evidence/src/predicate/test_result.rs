//! in-toto test-result v0.1: what any tool reads of a gate that tests something.

use domain::gate::{Gate, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::gate::{GateRun, Resource};
use crate::canonical::{CanonicalError, to_value};
use crate::statement::DigestSet;

/// Its predicate type.
pub const TEST_RESULT_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// How the predicate says a verdict. It has no word for *inconclusive* and *errored*: neither may be taken for a pass, so
/// both are `FAILED`, and the reason stands beside.
pub(crate) const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "PASSED",
        Verdict::Waived => "WARNED",
        Verdict::Failed | Verdict::Inconclusive | Verdict::Errored => "FAILED",
    }
}

/// The predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestResult {
    pub(crate) result: String,
    pub(crate) configuration: Vec<Resource>,
    url: String,
    passed_tests: Vec<String>,
    warned_tests: Vec<String>,
    failed_tests: Vec<String>,
    #[serde(rename = "clearance_gate")]
    pub(crate) gate: Gate,
    #[serde(rename = "clearance_verdict")]
    pub(crate) verdict: Verdict,
    #[serde(rename = "clearance_reason", skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The predicate of a gate run. Tests are the cases, else the rules that found something.
///
/// # Errors
/// As [`crate::to_canonical`].
pub fn test_result(run: &GateRun<'_>) -> Result<Value, CanonicalError> {
    let report = run.report;
    let mut result = TestResult {
        result: word(run.verdict).to_owned(),
        configuration: configuration(run)?,
        url: run.url.clone(),
        passed_tests: Vec::new(),
        warned_tests: Vec::new(),
        failed_tests: Vec::new(),
        gate: report.gate,
        verdict: run.verdict,
        reason: report.reason.clone(),
    };
    for case in &report.cases {
        let list = match case.verdict {
            Verdict::Passed => &mut result.passed_tests,
            Verdict::Waived | Verdict::Inconclusive | Verdict::Errored => &mut result.warned_tests,
            Verdict::Failed => &mut result.failed_tests,
        };
        list.push(format!("{}#{}", case.suite, case.id));
    }
    for finding in &report.findings {
        let list = if finding.blocks() {
            &mut result.failed_tests
        } else {
            &mut result.warned_tests
        };
        list.push(format!("{} at {}", finding.rule, finding.location));
    }
    if report.cases.is_empty() && report.findings.is_empty() && run.verdict == Verdict::Passed {
        result.passed_tests.push(report.gate.as_str().to_owned());
    }
    to_value(&result)
}

/// What it was tested with: the suites, the policy and the report that says the rest.
fn configuration(run: &GateRun<'_>) -> Result<Vec<Resource>, CanonicalError> {
    let mut all = run.suites();
    all.push(Resource {
        name: format!("policy {}", run.policy_version),
        digest: DigestSet::sha256(run.policy_digest),
    });
    all.push(Resource {
        name: "report".to_owned(),
        digest: run.report_digest()?,
    });
    Ok(all)
}
