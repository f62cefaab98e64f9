//! Gate *static analysis*: what is insecure in the agent's own source, prompts and configuration.

mod collect;

use std::path::Path;

use chrono::NaiveDate;
use domain::gate::{Finding, Gate, Report, Verdict};

use crate::engines::EngineRun;
use crate::inventory::lock_files;
use crate::matching::Matcher;
use crate::report::{ENGINE, count, ordered, outcome, plural, settle, standings};
use crate::secrets::SecretRules;
use crate::tree::{self, Bounds, Skipped};
use collect::Analysis;

/// How much of a source tree is read, and what it is judged with.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Files in the tree. A larger tree is `inconclusive`.
    pub max_files: usize,
    /// Bytes of one file. Longer Python is not analysed; of other text the beginning is read. Lock files are read up to a
    /// bound of their own, for their packages.
    pub max_file_bytes: u64,
    /// Bytes of all files together. A larger tree is `inconclusive`.
    pub max_total_bytes: u64,
    /// The day of the analysis, without which no suppression counts.
    pub today: Option<NaiveDate>,
    /// Findings of the live version: those found again do not block.
    pub known: &'a [Finding],
    /// Whom to ask about the packages of lock files. The image scan is the gate for them; here they are told early.
    pub matcher: Option<&'a dyn Matcher>,
    /// Rules for secrets beside our own.
    pub secret_rules: Option<&'a SecretRules>,
    /// What other engines came to on the same tree.
    pub engines: &'a [EngineRun],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            max_files: 10_000,
            max_file_bytes: 1024 * 1024,
            max_total_bytes: 256 * 1024 * 1024,
            today: None,
            known: &[],
            matcher: None,
            secret_rules: None,
            engines: &[],
        }
    }
}

/// Analyses the source tree under `root`.
///
/// `failed` with a new finding of high or critical severity; `inconclusive` where there is nothing to check
/// (`nothing_to_check`), no rule for the language (`engine_missing`), a file that could not be parsed (`not_parsed`), a
/// tree beyond the limits (`too_large`) or another engine that did not come to an end (`not_scanned`); `errored` where the
/// folder cannot be read (`unreadable`); else `passed`, with the lesser findings listed.
#[must_use]
pub fn static_analysis(root: &Path, options: Options<'_>) -> Report {
    let bounds = Bounds {
        max_files: options.max_files,
        max_file_bytes: options.max_file_bytes,
        max_lock_bytes: lock_files::MAX_BYTES,
        max_total_bytes: options.max_total_bytes,
    };
    let mut analysis = Analysis::new(options);
    match tree::walk(root, bounds, |file| analysis.file(&file)) {
        Ok(skipped) => conclude(analysis, &skipped, options),
        Err(error) => report(
            (Verdict::Errored, Some("unreadable")),
            format!("The source folder could not be read: {error}."),
            ENGINE.to_owned(),
            Vec::new(),
            Vec::new(),
        ),
    }
}

fn conclude(mut analysis: Analysis<'_>, skipped: &Skipped, options: Options<'_>) -> Report {
    let mut basis = analysis.basis(skipped);
    basis.extend(analysis.packages());
    let mut engine = ENGINE.to_owned();
    let mut failed: Vec<String> = Vec::new();
    for run in options.engines {
        engine.push_str(&format!(", {}", run.engine));
        basis.extend(run.basis.iter().cloned());
        match &run.outcome {
            Ok(found) => analysis.add_from_engine(found),
            Err(why) => {
                basis.push((format!("not scanned by {}", run.engine), why.clone()));
                failed.push(format!("{} did not come to an end: {why}", run.engine));
            }
        }
    }
    let findings = settle(std::mem::take(&mut analysis.findings), options.known);
    let mut rest = analysis.without_findings(skipped);
    if rest.0 == Verdict::Passed && !failed.is_empty() {
        rest = (Verdict::Inconclusive, Some("not_scanned"));
    }
    // Another engine has rules for what we have none for.
    if rest.1 == Some("engine_missing") && options.engines.iter().any(EngineRun::covers_scripts) {
        rest = (Verdict::Passed, None);
    }
    let outcome = outcome(&findings, rest);
    basis.extend(standings(&findings));
    let summary = summary(&analysis, &findings, &failed);
    report(outcome, summary, engine, basis, ordered(findings))
}

fn summary(analysis: &Analysis<'_>, findings: &[Finding], failed: &[String]) -> String {
    let mut summary = format!(
        "{} in {}, {} of Python",
        count(findings),
        plural(analysis.text_files, "file"),
        analysis.python_files
    );
    if analysis.unparsed > 0 {
        summary.push_str(&format!(
            "; {} could not be analysed",
            plural(analysis.unparsed, "file")
        ));
    }
    if let Some(why) = failed.first() {
        summary.push_str(&format!("; {why}"));
    }
    summary.push('.');
    summary
}

fn report(
    (verdict, reason): (Verdict, Option<&str>),
    summary: String,
    engine: String,
    basis: Vec<(String, String)>,
    findings: Vec<Finding>,
) -> Report {
    Report {
        gate: Gate::StaticAnalysis,
        verdict,
        reason: reason.map(str::to_owned),
        summary,
        engine,
        basis,
        measures: Vec::new(),
        findings,
        cases: Vec::new(),
        against_live: None,
    }
}
