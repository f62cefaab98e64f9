//! Engines of the user's, run beside our own: each a program with limits, whose answer is only believed when it says what it
//! looked at. One that hangs, fails, writes nonsense or skips what it was given has *not scanned*, whatever its exit code.

mod answers;
mod matchers;
mod process;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use domain::gate::Finding;

use crate::tree::{self, Bounds};
use process::Ended;

pub use matchers::{MatcherKind, ProgramMatcher};
pub use process::{Limits, Program};

/// What an engine came to on a source tree.
#[derive(Debug, Clone)]
pub struct EngineRun {
    /// Name and version.
    pub engine: String,
    /// What it judged with, a name and a value each.
    pub basis: Vec<(String, String)>,
    /// Its findings, or why it did not come to an end: it hung, failed, wrote nonsense, or skipped what it was given.
    pub outcome: Result<Vec<Finding>, String>,
}

impl EngineRun {
    /// True where it has looked at languages that we have no rules for.
    pub(crate) fn covers_scripts(&self) -> bool {
        self.outcome.is_ok() && self.engine.starts_with("semgrep")
    }
}

/// The engines that we know to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// Ruff with its rules `S`, for Python.
    Ruff,
    /// Bandit, for Python.
    Bandit,
    /// Semgrep with rules of the user's, for anything.
    Semgrep,
    /// Gitleaks, for secrets.
    Gitleaks,
    /// pip-audit, for the packages of `requirements.txt`. Needs the network.
    PipAudit,
}

impl EngineKind {
    /// The engine that a setting names.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "ruff" => Self::Ruff,
            "bandit" => Self::Bandit,
            "semgrep" => Self::Semgrep,
            "gitleaks" => Self::Gitleaks,
            "pip-audit" => Self::PipAudit,
            _ => return None,
        })
    }

    /// What it is called, on the command line as well.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ruff => "ruff",
            Self::Bandit => "bandit",
            Self::Semgrep => "semgrep",
            Self::Gitleaks => "gitleaks",
            Self::PipAudit => "pip-audit",
        }
    }
}

/// An engine for source trees.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Which.
    pub kind: EngineKind,
    /// Its program.
    pub program: Program,
    /// A file or folder of rules, for those that need one.
    pub rules: Option<PathBuf>,
}

/// How much of a tree is counted to see whether an engine looked at it.
const BOUNDS: Bounds = Bounds {
    max_files: 100_000,
    max_file_bytes: 0,
    max_lock_bytes: 0,
    max_total_bytes: u64::MAX,
};

impl Engine {
    /// Runs it on the tree under `root`.
    #[must_use]
    pub fn run(&self, root: &Path) -> EngineRun {
        let version = self.version();
        let name = self.kind.name();
        let engine = match &version {
            Ok(version) => format!("{name} {version}"),
            Err(_) => name.to_owned(),
        };
        let outcome = version.and_then(|_| self.scan(root));
        let mut basis = vec![(
            format!("network of {name}"),
            process::network(self.program.network).to_owned(),
        )];
        if let Some(rules) = &self.rules {
            basis.push((
                format!("rules of {name}"),
                crate::report::printable(&rules.to_string_lossy()),
            ));
        }
        EngineRun {
            engine,
            basis,
            outcome: outcome.map_err(|why| crate::report::printable(&why)),
        }
    }

    /// Which version of it is there.
    ///
    /// # Errors
    /// Why it does not say so: there is no such program, or it fails.
    pub fn version(&self) -> Result<String, String> {
        let flag = match self.kind {
            EngineKind::Gitleaks => "version",
            EngineKind::Ruff | EngineKind::Bandit | EngineKind::Semgrep | EngineKind::PipAudit => {
                "--version"
            }
        };
        version_of(&self.program, flag)
    }

    fn scan(&self, root: &Path) -> Result<Vec<Finding>, String> {
        match self.kind {
            EngineKind::Ruff => self.ruff(root),
            EngineKind::Bandit => self.bandit(root),
            EngineKind::Semgrep => self.semgrep(root),
            EngineKind::Gitleaks => self.gitleaks(root),
            EngineKind::PipAudit => self.pip_audit(root),
        }
    }

    fn ask(&self, root: &Path, arguments: &[&str], codes: &[i32]) -> Result<Ended, String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let ended = self.program.run(root, &arguments, &[])?;
        answers::expect(&ended, codes)?;
        Ok(ended)
    }

    /// Without the project's own settings and without comments that silence it: the tree is what is judged.
    fn ruff(&self, root: &Path) -> Result<Vec<Finding>, String> {
        let common = [
            "check",
            "--isolated",
            "--no-cache",
            "--no-respect-gitignore",
            "--select",
            "S",
            "--config",
            "exclude = []",
        ];
        let mut files = common.to_vec();
        files.extend(["--show-files", "."]);
        let listed = self.ask(root, &files, &[0])?;
        answers::covers(listed.lines(), python_files(root)?)?;
        let mut check = common.to_vec();
        check.extend(["--ignore-noqa", "--output-format", "json", "."]);
        answers::ruff(&self.ask(root, &check, &[0, 1])?, root)
    }

    /// With an empty file of settings, because it would look for one in the tree.
    fn bandit(&self, root: &Path) -> Result<Vec<Finding>, String> {
        let settings = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        std::fs::write(settings.path(), "[bandit]\n").map_err(|error| error.to_string())?;
        let path = settings.path().to_string_lossy().into_owned();
        let arguments = [
            "-r",
            ".",
            "-f",
            "json",
            "-q",
            "--ignore-nosec",
            "--ini",
            &path,
            "-x",
            "",
        ];
        let answer = self.ask(root, &arguments, &[0, 1])?;
        answers::bandit(&answer, python_files(root)?)
    }

    fn semgrep(&self, root: &Path) -> Result<Vec<Finding>, String> {
        let rules = self
            .rules
            .as_ref()
            .ok_or("it has no rules: set a file of rules")?;
        let rules = rules.to_string_lossy().into_owned();
        let arguments = [
            "scan",
            "--metrics",
            "off",
            "--disable-version-check",
            "--disable-nosem",
            "--no-git-ignore",
            "--json",
            "--config",
            &rules,
            ".",
        ];
        answers::semgrep(&self.ask(root, &arguments, &[0, 1])?)
    }

    fn gitleaks(&self, root: &Path) -> Result<Vec<Finding>, String> {
        let mut arguments = vec![
            "dir",
            "--no-banner",
            "--redact",
            "--ignore-gitleaks-allow",
            "--exit-code",
            "7",
            "--report-format",
            "json",
            "--report-path",
            "-",
        ];
        let rules = self
            .rules
            .as_ref()
            .map(|rules| rules.to_string_lossy().into_owned());
        if let Some(rules) = &rules {
            arguments.extend(["--config", rules]);
        }
        arguments.push(".");
        answers::gitleaks(&self.ask(root, &arguments, &[0, 7])?)
    }

    fn pip_audit(&self, root: &Path) -> Result<Vec<Finding>, String> {
        if !self.program.network {
            return Err("it needs the network, which it may not use".to_owned());
        }
        if !root.join("requirements.txt").is_file() {
            return Err("there is no requirements.txt at the top of the tree".to_owned());
        }
        let arguments = [
            "--requirement",
            "requirements.txt",
            "--no-deps",
            "--disable-pip",
            "--progress-spinner",
            "off",
            "--format",
            "json",
        ];
        answers::pip_audit(&self.ask(root, &arguments, &[0, 1])?)
    }
}

/// The first word with a digit that a program answers when it is asked for its version.
fn version_of(program: &Program, flag: &str) -> Result<String, String> {
    let ended = program.run(Path::new("/"), &[OsString::from(flag)], &[])?;
    answers::expect(&ended, &[0])?;
    let text = String::from_utf8_lossy(&ended.output).into_owned();
    text.split_whitespace()
        .find(|word| word.contains(|c: char| c.is_ascii_digit()) && word.contains('.'))
        .map(|word| word.chars().take(40).collect())
        .ok_or_else(|| "it does not say which version it is".to_owned())
}

/// Python files of a tree, as engines count them.
fn python_files(root: &Path) -> Result<usize, String> {
    let mut number = 0;
    let skipped = tree::walk(root, BOUNDS, |file| {
        number += usize::from(file.name.ends_with(".py"));
    });
    match skipped {
        Ok(skipped) if !skipped.incomplete => Ok(number),
        Ok(_) => Err("the tree has more files than are counted".to_owned()),
        Err(error) => Err(format!("the tree cannot be read: {error}")),
    }
}
