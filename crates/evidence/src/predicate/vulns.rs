//! in-toto vulns v0.2: what vulnerability tools read of an image scan.

use domain::gate::Finding;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::gate::GateRun;
use crate::canonical::{CanonicalError, to_value};
use crate::statement::DigestSet;

/// Its predicate type.
pub const VULNS_TYPE: &str = "https://in-toto.io/attestation/vulns/v0.2";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Vulns {
    scanner: Scanner,
    metadata: Metadata,
    #[serde(rename = "clearance_report")]
    pub(crate) report: DigestSet,
    /// Findings of the scan that are no known vulnerabilities, such as keys in a layer. The report lists them.
    #[serde(rename = "clearance_otherFindings")]
    other: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Scanner {
    uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    db: Db,
    result: Vec<Vulnerability>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Db {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Left out where the advisories do not say how old they are; a date that we made up would be worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_update: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Vulnerability {
    id: String,
    severity: Vec<SeverityOf>,
    annotations: Vec<Annotation>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SeverityOf {
    method: String,
    score: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Annotation {
    package: String,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    scan_started_on: String,
    scan_finished_on: String,
}

/// Ids of advisories begin with the large letters of their source (`CVE-`, `GHSA-`, `PYSEC-`); our own rules do not.
fn is_advisory(finding: &&Finding) -> bool {
    finding.rule.split_once('-').is_some_and(|(source, _)| {
        source.len() > 1 && source.bytes().all(|b| b.is_ascii_uppercase())
    })
}

/// The predicate of an image scan.
///
/// # Errors
/// As [`crate::to_canonical`].
pub fn vulns(run: &GateRun<'_>) -> Result<Value, CanonicalError> {
    let engine = run.engine();
    let findings = &run.report.findings;
    let found: Vec<Vulnerability> = findings.iter().filter(is_advisory).map(one).collect();
    let other = findings.len() - found.len();
    to_value(&Vulns {
        scanner: Scanner {
            uri: format!("urn:clearance:engine:{}", engine.name),
            version: engine.version,
            db: Db {
                last_update: engine.data_version.as_deref().and_then(timestamp),
                version: engine.data_version,
            },
            result: found,
        },
        metadata: Metadata {
            scan_started_on: run
                .started_on
                .clone()
                .unwrap_or_else(|| run.finished_on.clone()),
            scan_finished_on: run.finished_on.clone(),
        },
        report: run.report_digest()?,
        other,
    })
}

fn one(finding: &Finding) -> Vulnerability {
    Vulnerability {
        id: finding.rule.clone(),
        severity: vec![SeverityOf {
            method: "clearance".to_owned(),
            score: finding.severity.as_str().to_owned(),
        }],
        annotations: vec![Annotation {
            package: finding.location.clone(),
            message: finding.message.clone(),
        }],
    }
}

/// A day or a time as the predicate's timestamp.
fn timestamp(text: &str) -> Option<String> {
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return Some(format!("{day}T00:00:00Z"));
    }
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(
        time.to_utc()
            .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    )
}
