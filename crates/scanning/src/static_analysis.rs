//! Gate *static analysis*: what is insecure in the agent's own source, prompts and configuration.

use std::collections::BTreeMap;
use std::path::Path;

use domain::gate::{Finding, Gate, Report, Severity, Verdict};

use crate::report::{ENGINE, any_blocking, count, finding, ordered, plural};
use crate::tree::{self, Bounds, File, Skipped};
use crate::{hidden_text, mcp, python, secrets};

/// How much of a source tree is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Files in the tree. A larger tree is `inconclusive`.
    pub max_files: usize,
    /// Bytes of one file. Longer Python is not analysed; of other text the beginning is read.
    pub max_file_bytes: u64,
    /// Bytes of all files together. A larger tree is `inconclusive`.
    pub max_total_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_files: 10_000,
            max_file_bytes: 1024 * 1024,
            max_total_bytes: 256 * 1024 * 1024,
        }
    }
}

/// Languages that people write agents in and that we have no rules for, by file ending.
const OTHER_CODE: &[(&str, &str)] = &[
    (".js", "JavaScript"),
    (".mjs", "JavaScript"),
    (".cjs", "JavaScript"),
    (".jsx", "JavaScript"),
    (".ts", "TypeScript"),
    (".tsx", "TypeScript"),
    (".go", "Go"),
    (".rs", "Rust"),
    (".java", "Java"),
    (".kt", "Kotlin"),
    (".cs", "C#"),
    (".rb", "Ruby"),
    (".php", "PHP"),
    (".ipynb", "notebooks"),
];

/// Analyses the source tree under `root`.
///
/// `failed` with a finding of high or critical severity; `inconclusive` where there is nothing to check
/// (`nothing_to_check`), no rule for the language (`engine_missing`), a file that could not be parsed (`not_parsed`) or a
/// tree beyond the limits (`too_large`); `errored` where the folder cannot be read (`unreadable`); else `passed`, with
/// the lesser findings listed.
#[must_use]
pub fn static_analysis(root: &Path, options: Options) -> Report {
    let bounds = Bounds {
        max_files: options.max_files,
        max_file_bytes: options.max_file_bytes,
        max_total_bytes: options.max_total_bytes,
    };
    let mut analysis = Analysis::default();
    match tree::walk(root, bounds, |file| analysis.file(&file)) {
        Ok(skipped) => analysis.report(&skipped),
        Err(error) => report(
            Verdict::Errored,
            Some("unreadable"),
            format!("The source folder could not be read: {error}."),
            Vec::new(),
            Vec::new(),
        ),
    }
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Analysis {
    findings: Vec<Finding>,
    text_files: usize,
    binary_files: usize,
    python_files: usize,
    unparsed: usize,
    cut: usize,
    other_code: BTreeMap<&'static str, usize>,
}

impl Analysis {
    fn file(&mut self, file: &File) {
        let name = file.name.as_str();
        let Some(text) = as_text(&file.bytes) else {
            self.binary_files += 1;
            if name.to_lowercase().ends_with(".py") {
                self.unparsed += 1;
                let message = "The file holds zero bytes, which Python refuses and which hide code from a reader: remove them.";
                self.findings.push(finding(
                    "python-not-analysed",
                    Severity::Medium,
                    message,
                    name,
                    None,
                ));
            }
            return;
        };
        self.text_files += 1;
        self.cut += usize::from(file.cut);
        let lower = name.to_lowercase();
        if let Some((_, language)) = OTHER_CODE
            .iter()
            .find(|(ending, _)| lower.ends_with(ending))
        {
            *self.other_code.entry(language).or_default() += 1;
        }
        self.findings.extend(secrets::scan(name, &text));
        self.findings.extend(hidden_text::scan(name, &text));
        self.findings.extend(mcp::scan(name, &text));
        if python::is_python(name, &text) {
            self.python_files += 1;
            if file.cut {
                self.unparsed += 1;
                let message = "The file is too long to be analysed: split it.";
                self.findings.push(finding(
                    "python-not-analysed",
                    Severity::Medium,
                    message,
                    name,
                    None,
                ));
            } else {
                let checked = python::check(name, &text);
                self.unparsed += usize::from(!checked.parsed);
                self.findings.extend(checked.findings);
            }
        }
    }

    fn report(self, skipped: &Skipped) -> Report {
        let basis = self.basis(skipped);
        let rest = if self.text_files == 0 && self.unparsed == 0 {
            (Verdict::Inconclusive, Some("nothing_to_check"))
        } else if skipped.incomplete {
            (Verdict::Inconclusive, Some("too_large"))
        } else if self.unparsed > 0 || !skipped.unreadable.is_empty() {
            (Verdict::Inconclusive, Some("not_parsed"))
        } else if self.python_files == 0 && !self.other_code.is_empty() {
            (Verdict::Inconclusive, Some("engine_missing"))
        } else {
            (Verdict::Passed, None)
        };
        let (verdict, reason) = match (any_blocking(&self.findings), rest.0) {
            (true, Verdict::Passed) => (Verdict::Failed, Some("findings")),
            // Accepting the findings would not make it a pass.
            (true, _) => (Verdict::Failed, Some("findings_incomplete")),
            (false, _) => rest,
        };
        let files = format!(
            "{}, {} of Python",
            plural(self.text_files, "file"),
            self.python_files
        );
        let total = count(&self.findings);
        let mut summary = format!(
            "{}{} in {files}",
            total.get(..1).unwrap_or_default().to_uppercase(),
            total.get(1..).unwrap_or_default()
        );
        if self.unparsed > 0 {
            summary.push_str(&format!(
                "; {} could not be analysed",
                plural(self.unparsed, "file")
            ));
        }
        summary.push('.');
        report(verdict, reason, summary, basis, ordered(self.findings))
    }

    fn basis(&self, skipped: &Skipped) -> Vec<(String, String)> {
        let mut basis = vec![
            (
                "rules".to_owned(),
                "agent rules for Python, secrets, hidden text, MCP servers".to_owned(),
            ),
            ("text files".to_owned(), self.text_files.to_string()),
            ("Python files".to_owned(), self.python_files.to_string()),
        ];
        let mut add = |name: &str, value: String| basis.push((name.to_owned(), value));
        if self.binary_files > 0 {
            add("binary files, not read", self.binary_files.to_string());
        }
        if self.cut > 0 {
            add("long files, read in part", self.cut.to_string());
        }
        for (language, number) in &self.other_code {
            add(
                &format!("not assessed: {language}"),
                plural(*number, "file"),
            );
        }
        if skipped.links > 0 {
            add("symbolic links, not followed", skipped.links.to_string());
        }
        if !skipped.folders.is_empty() {
            let names: Vec<String> = skipped
                .folders
                .iter()
                .take(10)
                .map(|name| crate::report::printable(name))
                .collect();
            add("folders left out", names.join(", "));
        }
        if !skipped.unreadable.is_empty() {
            add("unreadable", plural(skipped.unreadable.len(), "name"));
        }
        basis
    }
}

fn report(
    verdict: Verdict,
    reason: Option<&str>,
    summary: String,
    basis: Vec<(String, String)>,
    findings: Vec<Finding>,
) -> Report {
    Report {
        gate: Gate::StaticAnalysis,
        verdict,
        reason: reason.map(str::to_owned),
        summary,
        engine: ENGINE.to_owned(),
        basis,
        measures: Vec::new(),
        findings,
        cases: Vec::new(),
    }
}

/// The text of a file; `None` for binary ones, which hold a zero byte early.
fn as_text(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(8 * 1024)).unwrap_or_default();
    (!head.contains(&0)).then(|| String::from_utf8_lossy(bytes).into_owned())
}
