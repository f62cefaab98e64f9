//! SARIF of other tools, read leniently in what decides nothing and strictly in what does: a run that says that it failed, or
//! that does not say what it is, gives no findings that could pass for all there are.

use domain::gate::{Finding, Severity, Standing};
use serde::Deserialize;
use serde_json::Value;

use super::write::FINGERPRINT;
use crate::engines::EngineRun;
use crate::report::{finding, printable};

/// Bytes of a document.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Runs of a document, and findings of all of them.
const MAX_RUNS: usize = 100;
const MAX_RESULTS: usize = 20_000;
/// Lines of a file; an offset beyond says nothing.
const MAX_LINE: u64 = 10_000_000;

/// A document that is not SARIF.
#[derive(Debug, thiserror::Error)]
pub enum SarifError {
    /// More than is read.
    #[error("the SARIF document is larger than 64 MiB")]
    TooLarge,
    /// Not JSON, or not of the schema.
    #[error("the document is not SARIF: {0}")]
    Format(String),
}

#[derive(Debug, Deserialize)]
struct Document {
    version: String,
    runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(default)]
    invocations: Vec<Invocation>,
    /// Missing or null means that the tool did not come to results, unlike an empty list.
    results: Option<Vec<Outcome>>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: String,
    semantic_version: Option<String>,
    version: Option<String>,
    #[serde(default)]
    rules: Vec<Descriptor>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    default_configuration: Option<Configuration>,
    #[serde(default)]
    properties: Value,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    level: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: Option<String>,
    rule_index: Option<i64>,
    level: Option<String>,
    kind: Option<String>,
    message: Message,
    #[serde(default)]
    locations: Vec<Value>,
    #[serde(default)]
    partial_fingerprints: serde_json::Map<String, Value>,
    #[serde(default)]
    properties: Value,
}

#[derive(Debug, Deserialize)]
struct Message {
    text: Option<String>,
}

/// Reads a document: one engine for each run. Suppressions of other tools are not taken over, because nobody says until when.
///
/// # Errors
/// [`SarifError`]. A run that failed is no error: it is an engine that did not come to an end.
pub fn read(bytes: &[u8]) -> Result<Vec<EngineRun>, SarifError> {
    if bytes.len() > MAX_BYTES {
        return Err(SarifError::TooLarge);
    }
    // Some tools write a byte-order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Document =
        serde_json::from_slice(bytes).map_err(|error| SarifError::Format(error.to_string()))?;
    if !document.version.starts_with("2.1") {
        return Err(SarifError::Format(format!(
            "version {} is not 2.1.0",
            printable(&document.version)
        )));
    }
    if document.runs.is_empty() || document.runs.len() > MAX_RUNS {
        return Err(SarifError::Format(format!(
            "{} runs, and there must be between 1 and {MAX_RUNS}",
            document.runs.len()
        )));
    }
    Ok(document.runs.iter().map(run).collect())
}

fn run(run: &Run) -> EngineRun {
    let driver = &run.tool.driver;
    let version = driver.semantic_version.as_ref().or(driver.version.as_ref());
    let name = printable(&driver.name.to_lowercase());
    let engine = version.map_or_else(
        || name.clone(),
        |version| format!("{name} {}", printable(version)),
    );
    let failed = run.invocations.iter().any(|one| !one.execution_successful);
    let outcome = match &run.results {
        _ if failed => Err("it says itself that it failed".to_owned()),
        None => Err("it names no results".to_owned()),
        Some(results) if results.len() > MAX_RESULTS => {
            Err("it found more than can be looked at".to_owned())
        }
        Some(results) => Ok(results
            .iter()
            .filter_map(|one| outcome(one, driver, &name))
            .collect()),
    };
    EngineRun {
        engine,
        basis: vec![("results of".to_owned(), "a SARIF document".to_owned())],
        outcome,
    }
}

fn outcome(one: &Outcome, driver: &Driver, name: &str) -> Option<Finding> {
    // `pass`, `notApplicable` and their like report that nothing is wrong.
    if !matches!(one.kind.as_deref(), None | Some("fail" | "open" | "review")) {
        return None;
    }
    let by_index = one
        .rule_index
        .and_then(|at| usize::try_from(at).ok())
        .and_then(|at| driver.rules.get(at));
    let rule = match &one.rule_id {
        // An index that names another rule than the id is one of the two wrong offsets that tools write.
        Some(id) => driver
            .rules
            .iter()
            .find(|rule| rule.id == *id)
            .or(by_index.filter(|rule| rule.id == *id)),
        None => by_index,
    };
    let id = one
        .rule_id
        .as_deref()
        .or(rule.map(|rule| rule.id.as_str()))
        .unwrap_or("unnamed");
    let severity = severity(one, rule);
    let place = one
        .locations
        .first()
        .and_then(|place| place.pointer("/physicalLocation/artifactLocation/uri"))
        .and_then(Value::as_str);
    let line = one
        .locations
        .first()
        .and_then(|place| place.pointer("/physicalLocation/region/startLine"));
    let line = line
        .and_then(Value::as_u64)
        .filter(|line| (1..=MAX_LINE).contains(line));
    let line = line.and_then(|line| u32::try_from(line).ok());
    let id = if id.starts_with(&format!("{name}/")) || name == "clearance" {
        printable(id)
    } else {
        format!("{name}/{}", printable(id))
    };
    let message: String = one
        .message
        .text
        .as_deref()
        .unwrap_or_default()
        .chars()
        .take(1_000)
        .collect();
    let place = relative(place.unwrap_or_default());
    let mut found = finding(&id, severity, printable(&message), &place, line);
    found.standing = Standing::New;
    found.fingerprint = fingerprint(&one.partial_fingerprints);
    Some(found)
}

fn severity(one: &Outcome, rule: Option<&Descriptor>) -> Severity {
    let score = |properties: &Value| {
        let value = properties.get("security-severity")?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let score = score(&one.properties).or_else(|| score(&rule?.properties));
    match score {
        Some(score) if score >= 9.0 => return Severity::Critical,
        Some(score) if score >= 7.0 => return Severity::High,
        Some(score) if score >= 4.0 => return Severity::Medium,
        Some(_) => return Severity::Low,
        None => {}
    }
    let default = rule.and_then(|rule| rule.default_configuration.as_ref()?.level.as_deref());
    match one.level.as_deref().or(default) {
        Some("error") => Severity::High,
        Some("note" | "none") => Severity::Low,
        _ => Severity::Medium,
    }
}

/// Ours, or the first that is there: what they are made of is the tool's own affair.
fn fingerprint(all: &serde_json::Map<String, Value>) -> String {
    let one = all.get(FINGERPRINT).or_else(|| all.values().next());
    let text: String = one
        .and_then(Value::as_str)
        .unwrap_or_default()
        .chars()
        .take(64)
        .collect();
    text.chars().filter(char::is_ascii_graphic).collect()
}

/// A path within the tree: without a scheme, without steps up, decoded.
fn relative(uri: &str) -> String {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let decoded = decode(path);
    let parts: Vec<&str> = decoded
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect();
    parts.join("/")
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
