//! Gate results as `JUnit` XML, for build servers: a suite for each gate, a test for each case or finding.

use std::time::Duration;

use domain::gate::{CaseResult, Finding, Report, Verdict};
use quick_junit::{NonSuccessKind, Report as Xml, TestCase, TestCaseStatus, TestSuite};

/// The document. `name` is what people see on top.
#[must_use]
pub fn junit<'a>(name: &str, gates: impl IntoIterator<Item = (&'a Report, Verdict)>) -> String {
    let mut xml = Xml::new(name);
    for (report, verdict) in gates {
        let mut suite = TestSuite::new(report.gate.as_str());
        let gate = report.gate.as_str();
        // Nobody may take a gate that could not tell for one that is skipped: it is not satisfied.
        let told = if verdict == Verdict::Inconclusive {
            Verdict::Errored
        } else {
            verdict
        };
        let words = format!("{}: {}", verdict.label(), report.summary);
        suite.add_test_case(test("gate", gate, status(told, &words), None));
        for case in &report.cases {
            suite.add_test_case(of_case(gate, case));
        }
        for finding in &report.findings {
            suite.add_test_case(of_finding(gate, finding));
        }
        xml.add_test_suite(suite);
    }
    // Into memory, with characters that XML does not know left out by the library.
    xml.to_string().unwrap_or_default()
}

fn test(name: &str, class: &str, status: TestCaseStatus, time: Option<Duration>) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    if let Some(time) = time {
        case.set_time(time);
    }
    case
}

fn of_case(gate: &str, case: &CaseResult) -> TestCase {
    let class = format!("{gate}.{}", case.suite);
    let time = Duration::from_millis(case.latency_ms);
    let mut one = test(
        &case.id,
        &class,
        status(case.verdict, &case.why),
        Some(time),
    );
    one.set_system_out(format!(
        "Asked: {}\n\nAnswered: {}",
        case.asked, case.answered
    ));
    one
}

fn of_finding(gate: &str, finding: &Finding) -> TestCase {
    let place = finding.place();
    let verdict = if finding.blocks() {
        Verdict::Failed
    } else {
        Verdict::Waived
    };
    let message = format!("{}: {}", finding.severity, finding.message);
    test(
        &format!("{} at {place}", finding.rule),
        gate,
        status(verdict, &message),
        None,
    )
}

/// *Failed* is a failure, *errored* an error. What was not judged, and what does not block, is skipped with its reason:
/// The format has no word that is neither pass nor failure.
fn status(verdict: Verdict, message: &str) -> TestCaseStatus {
    let mut status = match verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Errored => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Inconclusive | Verdict::Waived => TestCaseStatus::skipped(),
    };
    if verdict != Verdict::Passed {
        status.set_message(message);
    }
    status
}
