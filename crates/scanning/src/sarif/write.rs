//! A report as SARIF: every rule with its risks, every finding with what it is recognised by and how it stands.

use std::collections::BTreeMap;

use domain::gate::{Finding, Report, Severity, Standing, Verdict};
use serde_json::{Value, json};

use crate::catalogue;

/// Name of our fingerprint, with the version of how it is made.
pub(super) const FINGERPRINT: &str = "clearanceFinding/v1";
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The document for reports, a run each: with `partialFingerprints`, `codeFlows` for the findings whose way is known, and
/// `suppressions` for what is accepted.
#[must_use]
pub fn write<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Value {
    let runs: Vec<Value> = reports.into_iter().map(run).collect();
    json!({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})
}

fn run(report: &Report) -> Value {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &report.findings {
        let next = rules.len();
        rules.entry(&one.rule).or_insert(next);
    }
    let mut ordered: Vec<(&str, usize)> = rules.iter().map(|(id, at)| (*id, *at)).collect();
    ordered.sort_by_key(|(_, at)| *at);
    let descriptors: Vec<Value> = ordered.iter().map(|(id, _)| descriptor(id)).collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|one| {
            result(
                one,
                rules.get(one.rule.as_str()).copied().unwrap_or_default(),
            )
        })
        .collect();
    let basis: BTreeMap<&str, &str> = report
        .basis
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // An analysis that did not come to its end says so, and its list of results is not the whole one.
    let complete = matches!(
        report.verdict,
        Verdict::Passed | Verdict::Failed | Verdict::Waived
    ) && report
        .reason
        .as_deref()
        .is_none_or(|reason| !reason.ends_with("_incomplete"));
    json!({
            "tool": {"driver": {
                "name": "clearance",
                "fullName": report.engine,
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://github.com/clearance",
                "rules": descriptors,
            }},
            "invocations": [{
                "executionSuccessful": complete,
                "toolExecutionNotifications": if complete { json!([]) } else {
                    json!([{"level": "error", "message": {"text": report.summary}}])
                },
            }],
            "results": results,
            "columnKind": "unicodeCodePoints",
            "properties": {
                "gate": report.gate,
                "verdict": report.verdict,
                "reason": report.reason,
                "summary": report.summary,
                "basis": basis,
            },
    })
}

fn descriptor(id: &str) -> Value {
    let title = catalogue::of(id).map_or(id, |rule| rule.title);
    json!({
        "id": id,
        "shortDescription": {"text": title},
        "properties": {"tags": catalogue::tags(id)},
    })
}

fn result(one: &Finding, rule: usize) -> Value {
    let region = one
        .line
        .filter(|line| *line > 0)
        .map(|line| json!({"startLine": line}));
    let mut physical =
        json!({"artifactLocation": {"uri": uri(&one.location), "uriBaseId": "%SRCROOT%"}});
    if let (Some(region), Some(object)) = (region, physical.as_object_mut()) {
        object.insert("region".to_owned(), region);
    }
    let mut result = json!({
        "ruleId": one.rule,
        "ruleIndex": rule,
        "level": level(one.severity),
        "message": {"text": one.message},
        "locations": [{"physicalLocation": physical}],
        "baselineState": if one.standing == Standing::Known { "unchanged" } else { "new" },
        "properties": {"severity": one.severity, "security-severity": score(one.severity)},
    });
    if let Some(object) = result.as_object_mut() {
        if !one.fingerprint.is_empty() {
            object.insert(
                "partialFingerprints".to_owned(),
                json!({FINGERPRINT: one.fingerprint}),
            );
        }
        if !one.flow.is_empty() {
            object.insert("codeFlows".to_owned(), code_flows(one));
        }
        if one.standing == Standing::Suppressed {
            object.insert(
                "suppressions".to_owned(),
                json!([{"kind": "inSource", "status": "accepted", "justification": one.message}]),
            );
        }
    }
    result
}

/// The way of a value, in the one thread of a function.
fn code_flows(one: &Finding) -> Value {
    let steps: Vec<Value> = one
        .flow
        .iter()
        .map(|step| {
            json!({"location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri(&one.location), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": step.line},
                },
                "message": {"text": step.what},
            }})
        })
        .collect();
    json!([{"threadFlows": [{"locations": steps}]}])
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The middle of each band of CVSS, by which viewers sort.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// A path as a reference relative to the tree: what is no letter of one is encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
