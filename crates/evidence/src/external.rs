//! Results that somebody else's engine came to: a statement of ours, signed by a key that the policy trusts.

use audit_log::VerifierKey;
use domain::gate::{Gate, Report, Verdict};
use serde::Deserialize;

use crate::dsse::Envelope;
use crate::statement::{Statement, Subjects};

/// Predicate type of a result that is handed in.
pub const RESULT_TYPE: &str = "urn:clearance:attestation:gate-result/v1";
/// Most bytes of an envelope that is handed in.
const MAX_BYTES: usize = 256 * 1024;

/// Why a result is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExternalError {
    /// Larger than is taken.
    #[error("the envelope is too large")]
    TooLarge,
    /// No envelope, no statement, no result.
    #[error("this is no DSSE envelope of a gate-result/v1 statement")]
    Malformed,
    /// None of the keys signed it.
    #[error("no signer that the policy trusts signed it")]
    Signer,
    /// Its subjects are not commit, image and config bundle of the deployment.
    #[error("it is about another commit, image or config bundle")]
    Subject,
    /// It names another deployment.
    #[error("it is about another deployment")]
    Deployment,
    /// The verdict and the report do not agree, or the verdict is one that only Clearance gives.
    #[error("its verdict does not follow from its report")]
    Contradiction,
}

/// What was handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Handed {
    /// The envelope in the spelling of a bundle, with the one signature that counts.
    pub line: String,
    /// Position of the key that signed.
    pub signer: usize,
    pub report: Report,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GateResult {
    deployment: i64,
    report: Report,
}

/// Reads an envelope that was handed in for a deployment and checks everything that its bytes can tell.
///
/// # Errors
/// [`ExternalError`] says what keeps it from being taken.
pub fn open_external(
    bytes: &[u8],
    keys: &[VerifierKey],
    subjects: &Subjects,
    deployment: i64,
) -> Result<Handed, ExternalError> {
    if bytes.len() > MAX_BYTES {
        return Err(ExternalError::TooLarge);
    }
    let found = Envelope::parse_foreign(bytes, keys).map_err(|_| ExternalError::Malformed)?;
    let (envelope, signer) = found.ok_or(ExternalError::Signer)?;
    let statement = Statement::parse(envelope.payload()).map_err(|_| ExternalError::Malformed)?;
    let report = report_of(&statement, subjects, deployment)?;
    Ok(Handed {
        line: envelope.line(),
        signer,
        report,
    })
}

/// The report of a signed result, if it is about this deployment of this build.
pub(crate) fn report_of(
    statement: &Statement,
    subjects: &Subjects,
    deployment: i64,
) -> Result<Report, ExternalError> {
    if statement.predicate_type != RESULT_TYPE {
        return Err(ExternalError::Malformed);
    }
    if !subjects.are(&statement.subject) {
        return Err(ExternalError::Subject);
    }
    let result: GateResult = serde_json::from_value(statement.predicate.clone())
        .map_err(|_| ExternalError::Malformed)?;
    if result.deployment != deployment {
        return Err(ExternalError::Deployment);
    }
    if is_sound(&result.report) {
        Ok(result.report)
    } else {
        Err(ExternalError::Contradiction)
    }
}

/// A pass has nothing that fails it, and scores are shares. Waiving is for people here; health is of the running attempt.
fn is_sound(report: &Report) -> bool {
    let share = |value: f64| (0.0..=1.0).contains(&value);
    let shares = report
        .measures
        .iter()
        .all(|m| [m.value, m.low, m.high, m.threshold].into_iter().all(share));
    let passed = report.verdict == Verdict::Passed;
    let failing = !report.failing().is_empty()
        || report.measures.iter().any(|m| m.verdict != Verdict::Passed);
    report.gate != Gate::Health
        && report.verdict != Verdict::Waived
        && shares
        && !(passed && failing)
}
