//! `gate-evidence/v1`: everything about one gate run that the usual predicates have no field for.

use domain::environment::Environment;
use domain::gate::{Gate, Measure, Report, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{CanonicalError, digest_of_bytes, to_canonical, to_value};
use crate::statement::DigestSet;

/// Its predicate type.
pub const GATE_TYPE: &str = "urn:clearance:attestation:gate-evidence/v1";
/// Entries of a report's basis that begin like this name a suite by its digest.
const SUITE: &str = "digest of suite ";
/// Entries of a report's basis that say how old an engine's data is.
const DATA: [&str; 2] = ["advisories as of", "data version"];

/// A name and a value in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    pub value: String,
}

/// A file by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub name: String,
    pub digest: DigestSet,
}

/// Who judged, with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Version or date of the data that it judged with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<String>,
}

/// A score, its two-sided interval, and what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub name: String,
    pub passed: u32,
    pub total: u32,
    /// 0 to 1.
    pub estimate: f64,
    pub interval: Interval,
    pub threshold: f64,
    pub verdict: Verdict,
}

/// An interval and its level of confidence, all 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
    pub level: f64,
}

impl From<&Measure> for Score {
    fn from(one: &Measure) -> Self {
        Self {
            name: one.name.clone(),
            passed: one.passed,
            total: one.total,
            estimate: one.value,
            interval: Interval {
                low: one.low,
                high: one.high,
                level: 0.95,
            },
            threshold: one.threshold,
            verdict: one.verdict,
        }
    }
}

/// Somebody else's result, handed in and trusted by the policy: who signed it, and the envelope that they signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// The signer's name in the policy.
    pub signer: String,
    /// The signer's public key, `name+hash+base64`.
    pub key: String,
    /// The envelope's line, as a bundle holds it.
    pub envelope: DigestSet,
}

/// The rules that a gate was judged under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRef {
    pub version: u32,
    pub digest: DigestSet,
}

/// The predicate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GateEvidence {
    pub gate: Gate,
    pub verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub summary: String,
    pub deployment: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    pub policy: PolicyRef,
    pub engine: Engine,
    pub measures: Vec<Score>,
    pub basis: Vec<Named>,
    pub suites: Vec<Resource>,
    /// Numbers of the waivers that stand for its failing findings.
    pub waivers: Vec<String>,
    /// How often the gate was begun before it settled.
    pub attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_on: Option<String>,
    pub finished_on: String,
    /// SHA-256 of the report's canonical JSON.
    pub report_digest: DigestSet,
    /// The report itself.
    pub report: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
}

/// A settled gate run, as the control plane knows it.
#[derive(Debug, Clone)]
pub struct GateRun<'a> {
    pub report: &'a Report,
    /// What counts: the report's verdict, or *waived*.
    pub verdict: Verdict,
    pub waivers: Vec<String>,
    pub deployment: i64,
    pub agent: &'a str,
    pub version: &'a str,
    pub environment: Environment,
    pub policy_version: u32,
    /// SHA-256 of the canonical policy document.
    pub policy_digest: &'a str,
    pub attempts: u32,
    /// RFC 3339, UTC.
    pub started_on: Option<String>,
    /// RFC 3339, UTC.
    pub finished_on: String,
    /// Where people look at the run.
    pub url: String,
    pub external: Option<External>,
}

impl GateRun<'_> {
    /// The digest of a suite as an entry of a report's basis: statements list it as a file.
    #[must_use]
    pub fn suite(name: &str, text: &str) -> (String, String) {
        let digest = digest_of_bytes(text.as_bytes());
        (format!("{SUITE}{name}"), format!("sha256:{digest}"))
    }

    /// The suite that an entry of a report's basis names by digest.
    #[must_use]
    pub fn suite_of(name: &str) -> Option<&str> {
        name.strip_prefix(SUITE)
    }

    /// The suites that the report names by digest.
    pub(crate) fn suites(&self) -> Vec<Resource> {
        let named = self.report.basis.iter().filter_map(|(name, value)| {
            Some(Resource {
                name: Self::suite_of(name)?.to_owned(),
                digest: DigestSet::sha256(value),
            })
        });
        named.collect()
    }

    /// SHA-256 of the report's canonical JSON.
    pub(crate) fn report_digest(&self) -> Result<DigestSet, CanonicalError> {
        let text = to_canonical(self.report)?;
        Ok(DigestSet::sha256(&digest_of_bytes(text.as_bytes())))
    }

    pub(crate) fn engine(&self) -> Engine {
        let (name, version) = match self.report.engine.rsplit_once(' ') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (self.report.engine.as_str(), None),
        };
        let data = self.report.basis.iter();
        let data = data
            .filter(|(name, _)| DATA.contains(&name.as_str()))
            .map(|(_, value)| value.clone())
            .next();
        Engine {
            name: name.to_owned(),
            version,
            data_version: data,
        }
    }

    /// The predicate.
    pub(crate) fn evidence(&self) -> Result<Value, CanonicalError> {
        let report = self.report;
        let basis = report.basis.iter().map(|(name, value)| Named {
            name: name.clone(),
            value: value.clone(),
        });
        to_value(&GateEvidence {
            gate: report.gate,
            verdict: self.verdict,
            reason: report.reason.clone(),
            summary: report.summary.clone(),
            deployment: self.deployment,
            agent: self.agent.to_owned(),
            version: self.version.to_owned(),
            environment: self.environment,
            policy: PolicyRef {
                version: self.policy_version,
                digest: DigestSet::sha256(self.policy_digest),
            },
            engine: self.engine(),
            measures: report.measures.iter().map(Score::from).collect(),
            basis: basis.collect(),
            suites: self.suites(),
            waivers: self.waivers.clone(),
            attempts: self.attempts,
            started_on: self.started_on.clone(),
            finished_on: self.finished_on.clone(),
            report_digest: self.report_digest()?,
            report: to_value(report)?,
            external: self.external.clone(),
        })
    }
}
