//! Applies every rule to every file of a tree and keeps what was seen.

use std::collections::BTreeMap;

use domain::gate::{Finding, Inconclusive, Severity, Verdict};

use super::Options;
use crate::inventory::Component;
use crate::inventory::lock_files::{self, Locked, Problem, ProblemKind};
use crate::report::{Worst, beginning, finding, fingerprint, plural, printable};
use crate::tree::{File, Skipped};
use crate::{
    docker, hidden_text, instructions, mcp, python, scripts, secrets, settings, suppressions,
};

/// Languages that people write agents in and that we have no rules for, by file ending.
const OTHER_CODE: &[(&str, &str)] = &[
    (".go", "Go"),
    (".rs", "Rust"),
    (".java", "Java"),
    (".kt", "Kotlin"),
    (".cs", "C#"),
    (".rb", "Ruby"),
    (".php", "PHP"),
    (".ipynb", "notebooks"),
];

/// Packages of a lock file that are listed as not pinned, one by one, the worst ones.
const MAX_PROBLEMS: usize = 50;

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Analysis<'a> {
    options: Options<'a>,
    pub(super) findings: Vec<Finding>,
    pub(super) text_files: usize,
    pub(super) python_files: usize,
    /// Files of JavaScript and TypeScript that were parsed whole.
    script_files: usize,
    /// Files that the rules did not see whole.
    pub(super) unparsed: usize,
    binary_files: usize,
    cut: usize,
    other_code: BTreeMap<&'static str, usize>,
    components: Vec<Component>,
}

impl<'a> Analysis<'a> {
    pub(super) const fn new(options: Options<'a>) -> Self {
        Self {
            options,
            findings: Vec::new(),
            text_files: 0,
            python_files: 0,
            script_files: 0,
            unparsed: 0,
            binary_files: 0,
            cut: 0,
            other_code: BTreeMap::new(),
            components: Vec::new(),
        }
    }

    pub(super) fn file(&mut self, file: &File) {
        let name = file.name.as_str();
        let Some(whole) = as_text(&file.bytes) else {
            self.binary(name);
            return;
        };
        // Lock files are read further than other text, for their packages alone.
        let max = usize::try_from(self.options.max_file_bytes).unwrap_or(usize::MAX);
        let text = beginning(&whole, max);
        let cut = file.cut || text.len() < whole.len();
        self.text_files += 1;
        self.cut += usize::from(cut);
        let lower = name.to_lowercase();
        if let Some((_, language)) = OTHER_CODE
            .iter()
            .find(|(ending, _)| lower.ends_with(ending))
        {
            *self.other_code.entry(language).or_default() += 1;
        }
        let mut findings = secrets::scan(name, text);
        if let Some(rules) = self.options.secret_rules {
            findings.extend(rules.scan(name, text));
        }
        findings.extend(hidden_text::scan(name, text));
        findings.extend(mcp::scan(name, text));
        findings.extend(settings::scan(name, text));
        findings.extend(docker::scan(name, text));
        findings.extend(instructions::scan(name, text));
        findings.extend(self.lock_file(name, &whole, file.cut));
        findings.extend(self.python(name, text, cut));
        findings.extend(self.script(name, text, cut));
        suppressions::apply(name, &whole, self.options.today, &mut findings);
        mark(&whole, &mut findings);
        self.findings.append(&mut findings);
    }

    fn binary(&mut self, name: &str) {
        self.binary_files += 1;
        let mut one = if name.to_lowercase().ends_with(".py") {
            self.unparsed += 1;
            let message = "The file holds zero bytes, which Python refuses and which hide code from a reader: remove them.";
            finding("python-not-analysed", Severity::Medium, message, name, None)
        } else if let Some(language) = scripts::language(name) {
            *self.other_code.entry(language).or_default() += 1;
            scripts::not_analysed(
                name,
                "The file holds zero bytes, which hide code from a reader, so it was not analysed: remove them.",
            )
        } else {
            return;
        };
        one.fingerprint = fingerprint(&one.rule, name, "");
        self.findings.push(one);
    }

    fn python(&mut self, name: &str, text: &str, cut: bool) -> Vec<Finding> {
        if !python::is_python(name, text) {
            return Vec::new();
        }
        self.python_files += 1;
        if cut {
            self.unparsed += 1;
            let message = "The file is too long to be analysed: split it.";
            return vec![finding(
                "python-not-analysed",
                Severity::Medium,
                message,
                name,
                None,
            )];
        }
        let checked = python::check(name, text);
        self.unparsed += usize::from(!checked.parsed);
        checked.findings
    }

    /// A dialect that does not parse is a language that we have no rules for.
    fn script(&mut self, name: &str, text: &str, cut: bool) -> Vec<Finding> {
        let Some(language) = scripts::language(name) else {
            return Vec::new();
        };
        if cut {
            *self.other_code.entry(language).or_default() += 1;
            return Vec::new();
        }
        let checked = scripts::check(name, text);
        if checked.parsed {
            self.script_files += 1;
        } else {
            *self.other_code.entry(language).or_default() += 1;
        }
        checked.findings
    }

    fn lock_file(&mut self, name: &str, text: &str, cut: bool) -> Vec<Finding> {
        if !lock_files::is_lock_file(name) {
            return Vec::new();
        }
        let read = if cut {
            Some(Err("the lock file is too large to be read".to_owned()))
        } else {
            lock_files::read(name, text)
        };
        match read {
            None => Vec::new(),
            Some(Err(why)) => {
                let message = format!(
                    "The packages of this file are not known, because {why}: make it anew."
                );
                vec![finding(
                    "dependency-not-read",
                    Severity::Medium,
                    message,
                    name,
                    None,
                )]
            }
            Some(Ok(locked)) => {
                let found = problems(name, &locked);
                self.components.extend(locked.components);
                found
            }
        }
    }

    /// Findings of another engine about the same tree.
    pub(super) fn add_from_engine(&mut self, found: &[Finding]) {
        for one in found {
            let mut one = one.clone();
            if one.fingerprint.is_empty() {
                one.fingerprint = fingerprint(&one.rule, &one.location, &one.message);
            }
            self.findings.push(one);
        }
    }

    /// Judges the packages of lock files, and says with what.
    pub(super) fn packages(&mut self) -> Vec<(String, String)> {
        let mut basis = Vec::new();
        if self.components.is_empty() {
            return basis;
        }
        basis.push((
            "packages in lock files".to_owned(),
            self.components.len().to_string(),
        ));
        let Some(matcher) = self.options.matcher else {
            return basis;
        };
        self.components.sort();
        self.components.dedup();
        let assessment = matcher.assess(&self.components, self.options.today);
        for mut one in assessment.findings {
            one.fingerprint = fingerprint(&one.rule, &one.location, "");
            self.findings.push(one);
        }
        basis.extend(assessment.basis);
        if let Some(gap) = assessment.gap {
            basis.push(("not assessed".to_owned(), gap.text()));
        }
        basis
    }

    /// What it comes to where nothing blocks.
    pub(super) fn without_findings(&self, skipped: &Skipped) -> (Verdict, Option<&'static str>) {
        if self.text_files == 0 && self.unparsed == 0 {
            (
                Verdict::Inconclusive,
                Some(Inconclusive::NothingToCheck.as_str()),
            )
        } else if skipped.incomplete {
            (Verdict::Inconclusive, Some(Inconclusive::TooLarge.as_str()))
        } else if self.unparsed > 0 || !skipped.unreadable.is_empty() {
            (
                Verdict::Inconclusive,
                Some(Inconclusive::NotParsed.as_str()),
            )
        } else if self.python_files + self.script_files == 0 && !self.other_code.is_empty() {
            (
                Verdict::Inconclusive,
                Some(Inconclusive::EngineMissing.as_str()),
            )
        } else {
            (Verdict::Passed, None)
        }
    }

    pub(super) fn basis(&self, skipped: &Skipped) -> Vec<(String, String)> {
        let mut basis = vec![
            (
                "rules".to_owned(),
                "agent rules for Python, JavaScript and TypeScript, secrets, hidden text, instructions, settings, build files, MCP servers, lock files".to_owned(),
            ),
            ("text files".to_owned(), self.text_files.to_string()),
            ("Python files".to_owned(), self.python_files.to_string()),
        ];
        let mut add = |name: &str, value: String| basis.push((name.to_owned(), value));
        if self.script_files > 0 {
            add(
                "files of JavaScript and TypeScript",
                self.script_files.to_string(),
            );
        }
        if let Some(rules) = self.options.secret_rules {
            add(
                "rules for secrets",
                format!("{} ({})", rules.len(), rules.name()),
            );
        }
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
                .map(|name| printable(name))
                .collect();
            add("folders left out", names.join(", "));
        }
        if !skipped.unreadable.is_empty() {
            add("unreadable", plural(skipped.unreadable.len(), "name"));
        }
        basis
    }
}

fn problems(name: &str, locked: &Locked) -> Vec<Finding> {
    let mut found = Worst::new(MAX_PROBLEMS);
    for one in &locked.problems {
        let (rule, severity) = match one.kind {
            ProblemKind::Unpinned => ("dependency-unpinned", Severity::Low),
            ProblemKind::FromUrl => ("dependency-from-address", Severity::Medium),
            ProblemKind::InstallScript => ("dependency-install-script", Severity::Low),
        };
        found.keep(severity, || {
            finding(rule, severity, advice(one), name, one.line)
        });
    }
    found.into_findings()
}

fn advice(one: &Problem) -> String {
    let package = printable(&one.package);
    match one.kind {
        ProblemKind::Unpinned => format!(
            "`{package}` has no exact version, so the next build may get another one: pin it."
        ),
        ProblemKind::FromUrl => format!(
            "`{package}` comes from an address and not from a registry, so no advisory finds it: use a released version."
        ),
        ProblemKind::InstallScript => format!(
            "`{package}` runs a program of its own when it is installed: install without scripts, or look at it."
        ),
    }
}

/// Gives every finding what it is recognised by: the text of its line, and which of several equal ones it is.
fn mark(text: &str, findings: &mut [Finding]) {
    if findings.is_empty() {
        return;
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for one in findings {
        let at = one
            .line
            .and_then(|line| usize::try_from(line.saturating_sub(1)).ok());
        let line = at.and_then(|at| lines.get(at)).copied().unwrap_or_default();
        let first = fingerprint(&one.rule, &one.location, line);
        let number = seen.entry(first.clone()).or_default();
        one.fingerprint = if *number == 0 {
            first
        } else {
            fingerprint(
                &one.rule,
                &one.location,
                &format!("{}\n{number}", line.trim()),
            )
        };
        *number += 1;
    }
}

/// The text of a file; `None` for binary ones, which hold a zero byte early.
fn as_text(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(8 * 1024)).unwrap_or_default();
    (!head.contains(&0)).then(|| String::from_utf8_lossy(bytes).into_owned())
}
