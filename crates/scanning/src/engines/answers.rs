//! What engines answer, read strictly: an answer that leaves open what was looked at is no answer.

use std::cmp::Reverse;
use std::path::Path;

use domain::gate::{Finding, Severity};
use serde::Deserialize;
use serde_json::Value;

use super::process::Ended;
use crate::report::{finding, printable};

/// Findings that are taken from one engine, the worst ones.
const MAX: usize = 5_000;

/// Refuses exit codes that mean anything but an answer.
pub(super) fn expect(ended: &Ended, codes: &[i32]) -> Result<(), String> {
    match ended.code {
        Some(code) if codes.contains(&code) => Ok(()),
        code => {
            let last = ended
                .said
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty());
            let said: String = last.unwrap_or_default().chars().take(200).collect();
            Err(match code {
                Some(code) => format!("it ended with code {code}: {said}"),
                None => "a signal ended it".to_owned(),
            })
        }
    }
}

/// Refuses an engine that looked at fewer files than there are.
pub(super) fn covers(seen: usize, there: usize) -> Result<(), String> {
    if seen < there {
        Err(format!("it looked at {seen} of {there} files"))
    } else {
        Ok(())
    }
}

/// As many as are taken. The worst stay, whatever an engine lists first.
fn worst(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|one| Reverse(one.severity));
    found.truncate(MAX);
    found
}

#[derive(Debug, Deserialize)]
struct RuffHit {
    code: Option<String>,
    message: String,
    filename: String,
    location: RuffPlace,
}

#[derive(Debug, Deserialize)]
struct RuffPlace {
    row: u32,
}

pub(super) fn ruff(answer: &Ended, root: &Path) -> Result<Vec<Finding>, String> {
    let hits: Vec<RuffHit> = answer.json()?;
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut found = Vec::new();
    let mut broken = 0_usize;
    for hit in &hits {
        // What it cannot parse has no code, or since 0.9 the code of a syntax error.
        let Some(code) = hit
            .code
            .as_deref()
            .filter(|code| code.starts_with('S') && code.len() == 4)
        else {
            broken += 1;
            continue;
        };
        let path = Path::new(&hit.filename);
        let place = path.strip_prefix(&root).unwrap_or(path).to_string_lossy();
        let severity = match code {
            "S501" | "S506" => Severity::High,
            "S102" | "S301" | "S307" | "S310" | "S324" | "S602" | "S604" | "S605" | "S608"
            | "S609" | "S612" | "S701" => Severity::Medium,
            _ => Severity::Low,
        };
        found.push(finding(
            &format!("ruff/{code}"),
            severity,
            printable(&hit.message),
            &place,
            Some(hit.location.row),
        ));
    }
    if broken > 0 {
        return Err(format!("it could not parse {broken} places"));
    }
    Ok(worst(found))
}

#[derive(Debug, Deserialize)]
struct BanditAnswer {
    errors: Vec<Value>,
    metrics: serde_json::Map<String, Value>,
    results: Vec<BanditHit>,
}

#[derive(Debug, Deserialize)]
struct BanditHit {
    test_id: String,
    issue_severity: String,
    issue_confidence: String,
    issue_text: String,
    filename: String,
    line_number: u32,
}

pub(super) fn bandit(answer: &Ended, files: usize) -> Result<Vec<Finding>, String> {
    let answer: BanditAnswer = answer.json()?;
    if !answer.errors.is_empty() {
        return Err(format!(
            "it could not look at {} files",
            answer.errors.len()
        ));
    }
    covers(
        answer
            .metrics
            .keys()
            .filter(|key| *key != "_totals")
            .count(),
        files,
    )?;
    let found = answer.results.iter().map(|hit| {
        let severity = match (hit.issue_severity.as_str(), hit.issue_confidence.as_str()) {
            ("HIGH", "HIGH" | "MEDIUM") => Severity::High,
            ("HIGH", _) | ("MEDIUM", "HIGH" | "MEDIUM") => Severity::Medium,
            _ => Severity::Low,
        };
        let place = hit.filename.trim_start_matches("./");
        finding(
            &format!("bandit/{}", hit.test_id),
            severity,
            printable(&hit.issue_text),
            place,
            Some(hit.line_number),
        )
    });
    Ok(worst(found.collect()))
}

#[derive(Debug, Deserialize)]
struct SemgrepAnswer {
    results: Vec<SemgrepHit>,
    errors: Vec<SemgrepError>,
    paths: SemgrepPaths,
}

#[derive(Debug, Deserialize)]
struct SemgrepHit {
    check_id: String,
    path: String,
    start: SemgrepPlace,
    extra: SemgrepExtra,
}

#[derive(Debug, Deserialize)]
struct SemgrepPlace {
    line: u32,
}

#[derive(Debug, Deserialize)]
struct SemgrepExtra {
    message: String,
    severity: String,
}

#[derive(Debug, Deserialize)]
struct SemgrepError {
    level: String,
}

#[derive(Debug, Deserialize)]
struct SemgrepPaths {
    scanned: Vec<String>,
}

pub(super) fn semgrep(answer: &Ended) -> Result<Vec<Finding>, String> {
    let answer: SemgrepAnswer = answer.json()?;
    if answer.paths.scanned.is_empty() {
        return Err("it looked at no file".to_owned());
    }
    let errors = answer
        .errors
        .iter()
        .filter(|error| error.level != "info")
        .count();
    if errors > 0 {
        return Err(format!("it met {errors} errors"));
    }
    let found = answer.results.iter().map(|hit| {
        let severity = match hit.extra.severity.as_str() {
            "CRITICAL" => Severity::Critical,
            "ERROR" | "HIGH" => Severity::High,
            "WARNING" | "MEDIUM" => Severity::Medium,
            _ => Severity::Low,
        };
        let rule = format!("semgrep/{}", printable(&hit.check_id));
        finding(
            &rule,
            severity,
            printable(&hit.extra.message),
            hit.path.trim_start_matches("./"),
            Some(hit.start.line),
        )
    });
    Ok(worst(found.collect()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GitleaksHit {
    #[serde(rename = "RuleID")]
    rule_id: String,
    description: String,
    file: String,
    start_line: u32,
}

/// The secret itself is in its answer, and is not read.
pub(super) fn gitleaks(answer: &Ended) -> Result<Vec<Finding>, String> {
    // Its answer lists secrets alone; how much it looked at stands beside it.
    if !answer.said.contains("scanned ~") || answer.said.contains("scanned ~0 bytes") {
        return Err("it does not say that it looked at anything".to_owned());
    }
    let hits: Vec<GitleaksHit> = answer.json()?;
    let found = hits.iter().map(|hit| {
        let message = format!(
            "{} Revoke it, and use a secret reference.",
            printable(&hit.description)
        );
        let rule = format!("gitleaks/{}", printable(&hit.rule_id));
        finding(
            &rule,
            Severity::High,
            message,
            hit.file.trim_start_matches("./"),
            Some(hit.start_line),
        )
    });
    Ok(worst(found.collect()))
}

#[derive(Debug, Deserialize)]
struct PipAuditAnswer {
    dependencies: Vec<PipAuditPackage>,
}

#[derive(Debug, Deserialize)]
struct PipAuditPackage {
    name: String,
    version: Option<String>,
    skip_reason: Option<String>,
    #[serde(default)]
    vulns: Vec<PipAuditFlaw>,
}

#[derive(Debug, Deserialize)]
struct PipAuditFlaw {
    id: String,
    #[serde(default)]
    fix_versions: Vec<String>,
    #[serde(default)]
    description: String,
}

/// Its exit code is zero where it skipped every package, so every package is asked for.
pub(super) fn pip_audit(answer: &Ended) -> Result<Vec<Finding>, String> {
    let answer: PipAuditAnswer = answer.json()?;
    if answer.dependencies.is_empty() {
        return Err("it looked at no package".to_owned());
    }
    let skipped: Vec<&PipAuditPackage> = answer
        .dependencies
        .iter()
        .filter(|one| one.skip_reason.is_some() || one.version.is_none())
        .collect();
    if let Some(first) = skipped.first() {
        return Err(format!(
            "it skipped {} packages, such as {}",
            skipped.len(),
            printable(&first.name)
        ));
    }
    let mut found = Vec::new();
    for package in &answer.dependencies {
        let place = format!(
            "{} {}",
            package.name,
            package.version.as_deref().unwrap_or_default()
        );
        for flaw in &package.vulns {
            let advice = flaw.fix_versions.first().map_or_else(
                || "No version is known to be fixed: replace the package.".to_owned(),
                |fixed| format!("Upgrade to {fixed} or later."),
            );
            let what: String = flaw.description.chars().take(200).collect();
            let message = format!("{} {advice}", printable(what.trim()));
            found.push(finding(
                &printable(&flaw.id),
                Severity::High,
                message,
                &place,
                None,
            ));
        }
    }
    Ok(worst(found))
}
