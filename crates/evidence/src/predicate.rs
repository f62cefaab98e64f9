//! What statements say: the predicates of gate runs, SBOMs and decisions.

pub(crate) mod decision;
pub(crate) mod gate;
pub(crate) mod sbom;
pub(crate) mod test_result;
pub(crate) mod vulns;

use domain::gate::{Gate, Verdict};

use crate::CanonicalError;
use crate::statement::{Statement, Subjects};
use gate::{GATE_TYPE, GateRun};
use test_result::TEST_RESULT_TYPE;
use vulns::VULNS_TYPE;

/// The predicate that other people's tools read for a gate's result: vulnerabilities for an image scan that looked at
/// everything, else a test result. An empty list of vulnerabilities means that there are none, which a scan without
/// advisories must never say.
#[must_use]
pub const fn standard_type(gate: Gate, verdict: Verdict) -> &'static str {
    match (gate, verdict) {
        (Gate::ImageScan, Verdict::Passed | Verdict::Failed | Verdict::Waived) => VULNS_TYPE,
        _ => TEST_RESULT_TYPE,
    }
}

/// The two statements of a settled gate run: one in a form that other tools know, and our own with the numbers and the
/// report itself.
///
/// # Errors
/// As [`crate::to_canonical`].
pub fn gate_statements(
    subjects: &Subjects,
    run: &GateRun<'_>,
) -> Result<[Statement; 2], CanonicalError> {
    let kind = standard_type(run.report.gate, run.verdict);
    let standard = if kind == VULNS_TYPE {
        vulns::vulns(run)?
    } else {
        test_result::test_result(run)?
    };
    Ok([
        Statement::new(subjects, kind, standard),
        Statement::new(subjects, GATE_TYPE, run.evidence()?),
    ])
}
