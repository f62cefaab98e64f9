//! SLSA verification summary v1: the decision to let a version go to production.
//!
//! The predicate can say that something was verified, and nothing else: a version that was refused has the test results
//! that say why, and never a summary.

use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{CanonicalError, to_value};
use crate::statement::DigestSet;

/// Its predicate type.
pub const DECISION_TYPE: &str = "https://slsa.dev/verification_summary/v1";

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifierId {
    /// The installation's address.
    pub id: String,
    pub version: VerifierVersion,
}

/// The program's version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifierVersion {
    pub clearance: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PolicyOf {
    uri: String,
    digest: DigestSet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) digest: DigestSet,
}

/// One gate that counted for the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecidedGate {
    pub gate: Gate,
    /// As it counted: *waived* may stand for a run that failed.
    pub verdict: Verdict,
    /// SHA-256 of the report.
    pub report: DigestSet,
    /// The deployment in which the gate ran, where it was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<i64>,
    /// Waivers that it leans on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<String>,
    /// The statement of the run. Missing where the run is older than statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<DigestSet>,
}

/// By what it was let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// People approved the manifest, under the deployment's number or that of the one it restores.
    Approval,
    /// One person broke the glass; a post-review follows.
    BreakGlass,
}

/// What was decided, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    pub deployment: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    /// SHA-256 of the release manifest that was authorised.
    pub manifest: DigestSet,
    pub authority: Authority,
    /// Number of the approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<i64>,
    pub policy_version: u32,
    pub gates: Vec<DecidedGate>,
}

/// The predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    verifier: VerifierId,
    time_verified: String,
    resource_uri: String,
    policy: PolicyOf,
    pub(crate) input_attestations: Vec<Input>,
    pub(crate) verification_result: String,
    verified_levels: Vec<String>,
    slsa_version: String,
    #[serde(rename = "clearance_decision")]
    pub(crate) decided: Decided,
}

/// Where and when it was decided, about what, by which rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// The installation's address.
    pub base_url: &'a str,
    /// Version of this program.
    pub program: &'a str,
    /// RFC 3339, UTC.
    pub time: &'a str,
    /// Digest of the image's manifest.
    pub image: &'a str,
    /// SHA-256 of the canonical policy document.
    pub policy_digest: &'a str,
    /// Digests of the statements that the decision rests on.
    pub inputs: &'a [String],
}

/// The predicate of a decision.
///
/// # Errors
/// As [`crate::to_canonical`].
pub fn decision(under: &Circumstances<'_>, decided: Decided) -> Result<Value, CanonicalError> {
    let image = under.image.trim_start_matches("sha256:");
    let inputs = under.inputs.iter().map(|digest| Input {
        digest: DigestSet::sha256(digest),
    });
    to_value(&Decision {
        verifier: VerifierId {
            id: under.base_url.to_owned(),
            version: VerifierVersion {
                clearance: under.program.to_owned(),
            },
        },
        time_verified: under.time.to_owned(),
        resource_uri: format!("pkg:oci/{}@sha256%3A{image}", decided.agent),
        policy: PolicyOf {
            uri: format!("{}/policies/{}", under.base_url, decided.policy_version),
            digest: DigestSet::sha256(under.policy_digest),
        },
        input_attestations: inputs.collect(),
        verification_result: "PASSED".to_owned(),
        // How the image was built is not what was judged here.
        verified_levels: vec!["SLSA_BUILD_LEVEL_UNEVALUATED".to_owned()],
        slsa_version: "1.0".to_owned(),
        decided,
    })
}
