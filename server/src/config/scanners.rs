//! The engines of the file gates, and the data that they judge with.

use std::path::PathBuf;
use std::time::Duration;

use scanning::{Engine, EngineKind, MatcherKind, Program, ProgramMatcher};
use serde::Deserialize;

use super::ConfigError;
use super::proxies::Written;

/// Where advisories come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advisories {
    /// Nowhere: image scans are inconclusive.
    None,
    /// The few records that ship with the product, which show how a finding looks. For demonstrations and tests.
    Sample,
    /// A folder of OSV records.
    Folder(PathBuf),
}

impl Advisories {
    pub(super) fn of(folder: Option<PathBuf>, sample: bool) -> Self {
        match folder {
            Some(folder) => Self::Folder(folder),
            None if sample => Self::Sample,
            None => Self::None,
        }
    }
}

/// Engines beside our own, each a program of the machine.
#[derive(Debug, Clone)]
pub struct ScannerSettings {
    kinds: Vec<EngineKind>,
    matcher: Option<MatcherKind>,
    matcher_cache: Option<PathBuf>,
    semgrep_rules: Option<PathBuf>,
    /// Rules for secrets in the schema of gitleaks, beside our own.
    pub secret_rules: Option<PathBuf>,
    /// Days after which advisories are too old to judge with.
    pub max_age_days: u64,
    network: bool,
    time: Duration,
}

impl Default for ScannerSettings {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            matcher: None,
            matcher_cache: None,
            semgrep_rules: None,
            secret_rules: None,
            max_age_days: 7,
            network: false,
            time: Duration::from_secs(300),
        }
    }
}

/// The file's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawScanners {
    engines: Option<Written>,
    matcher: Option<String>,
    matcher_cache: Option<PathBuf>,
    semgrep_rules: Option<PathBuf>,
    secret_rules: Option<PathBuf>,
    max_age_days: Option<u64>,
    network: Option<bool>,
    seconds: Option<u64>,
}

impl ScannerSettings {
    pub(super) fn checked(raw: RawScanners) -> Result<Self, ConfigError> {
        let names = raw.engines.map(Written::entries).unwrap_or_default();
        let kinds = names
            .iter()
            .map(|name| {
                EngineKind::of(name).ok_or_else(|| {
                    let problem =
                        format!("has `{name}`; write ruff, bandit, semgrep, gitleaks or pip-audit");
                    ConfigError::wrong("scanners.engines", problem)
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if kinds.contains(&EngineKind::Semgrep) && raw.semgrep_rules.is_none() {
            let problem = "has semgrep, which needs `semgrep_rules`: a file or folder of rules";
            return Err(ConfigError::wrong("scanners.engines", problem));
        }
        let matcher = match raw.matcher.as_deref() {
            None | Some("embedded") => None,
            Some(name) => Some(MatcherKind::of(name).ok_or_else(|| {
                let problem = format!("is `{name}`; write embedded, trivy, grype or osv-scanner");
                ConfigError::wrong("scanners.matcher", problem)
            })?),
        };
        if matcher.is_some() && raw.matcher_cache.is_none() {
            let problem = "needs `matcher_cache`: the folder of its database";
            return Err(ConfigError::wrong("scanners.matcher", problem));
        }
        let without = Self::default();
        let seconds = raw.seconds.unwrap_or(without.time.as_secs());
        if !(1..=3_600).contains(&seconds) {
            return Err(ConfigError::wrong(
                "scanners.seconds",
                "must be between 1 and 3600",
            ));
        }
        Ok(Self {
            kinds,
            matcher,
            matcher_cache: raw.matcher_cache,
            semgrep_rules: raw.semgrep_rules,
            secret_rules: raw.secret_rules,
            max_age_days: raw.max_age_days.unwrap_or(without.max_age_days),
            network: raw.network.unwrap_or(without.network),
            time: Duration::from_secs(seconds),
        })
    }

    fn program(&self, name: &str) -> Program {
        let mut program = Program::new(name);
        program.network = self.network;
        program.limits.time = self.time;
        program
    }

    /// The engines for source trees.
    pub(crate) fn engines(&self) -> Vec<Engine> {
        let engine = |kind: &EngineKind| Engine {
            kind: *kind,
            program: self.program(kind.name()),
            rules: match kind {
                EngineKind::Semgrep => self.semgrep_rules.clone(),
                EngineKind::Gitleaks => self.secret_rules.clone(),
                EngineKind::Ruff | EngineKind::Bandit | EngineKind::PipAudit => None,
            },
        };
        self.kinds.iter().map(engine).collect()
    }

    /// The engine for packages, where it is not our own.
    pub(crate) fn program_matcher(&self) -> Option<ProgramMatcher> {
        Some(ProgramMatcher {
            kind: self.matcher?,
            program: self.program(self.matcher?.name()),
            cache: self.matcher_cache.clone()?,
            max_age_days: self.max_age_days,
        })
    }
}
