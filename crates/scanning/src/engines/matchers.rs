//! Trivy, Grype and osv-scanner as matchers: they are given the packages that we found as a bill of materials, so that what
//! they look at is known, and are asked how old their database is.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use domain::gate::{Finding, Severity};
use serde_json::{Value, json};

use super::process::Program;
use super::{answers, process, version_of};
use crate::inventory::Component;
use crate::matching::{Assessment, Gap, Matcher};
use crate::report::{finding, printable};

/// The engines that we know to ask about packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatcherKind {
    /// Trivy, with the database that it keeps.
    Trivy,
    /// Grype, with the database that it keeps.
    Grype,
    /// osv-scanner, with archives of osv.dev in its cache folder, which must be named.
    OsvScanner,
}

impl MatcherKind {
    /// The engine that a setting names.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "trivy" => Some(Self::Trivy),
            "grype" => Some(Self::Grype),
            "osv-scanner" => Some(Self::OsvScanner),
            _ => None,
        }
    }

    /// What it is called, on the command line as well.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trivy => "trivy",
            Self::Grype => "grype",
            Self::OsvScanner => "osv-scanner",
        }
    }
}

/// A matcher that is a program of the user's.
#[derive(Debug, Clone)]
pub struct ProgramMatcher {
    /// Which.
    pub kind: MatcherKind,
    /// Its program.
    pub program: Program,
    /// Folder of its database. It is run without a home of its own, so it has no other.
    pub cache: PathBuf,
    /// Days after which its database is too old.
    pub max_age_days: u64,
}

impl Matcher for ProgramMatcher {
    fn assess(&self, components: &[Component], today: Option<NaiveDate>) -> Assessment {
        let name = self.kind.name();
        let mut assessment = Assessment {
            engine: name.to_owned(),
            basis: vec![(
                format!("network of {name}"),
                process::network(self.program.network).to_owned(),
            )],
            ..Assessment::default()
        };
        match self.ask(components, today, &mut assessment) {
            Ok(findings) => assessment.findings = findings,
            Err(gap) => assessment.gap = Some(gap),
        }
        assessment
    }
}

impl ProgramMatcher {
    fn ask(
        &self,
        components: &[Component],
        today: Option<NaiveDate>,
        assessment: &mut Assessment,
    ) -> Result<Vec<Finding>, Gap> {
        let not_scanned = |why: String| Gap::NotScanned(printable(&why));
        let name = self.kind.name();
        let flag = match self.kind {
            MatcherKind::Trivy | MatcherKind::OsvScanner => "--version",
            MatcherKind::Grype => "version",
        };
        let version = version_of(&self.program, flag).map_err(not_scanned)?;
        assessment.engine = format!("{name} {version}");
        let built = self.database()?;
        assessment
            .basis
            .push((format!("database of {name} as of"), built.to_string()));
        if let Some(today) = today {
            let age = u64::try_from((today - built).num_days()).ok();
            if age.is_none_or(|age| age > self.max_age_days) {
                return Err(Gap::DatabaseStale(age));
            }
        }
        if components.is_empty() {
            return Ok(Vec::new());
        }
        let file = bill_of_materials(components).map_err(|error| not_scanned(error.to_string()))?;
        let path = file.path().to_string_lossy().into_owned();
        let bill = format!("sbom:{path}");
        let arguments: &[&str] = match self.kind {
            MatcherKind::Trivy => &[
                "sbom",
                "--quiet",
                "--format",
                "json",
                "--list-all-pkgs",
                "--offline-scan",
                "--skip-db-update",
                "--skip-java-db-update",
                &path,
            ],
            MatcherKind::Grype => &[&bill, "--quiet", "--output", "json"],
            MatcherKind::OsvScanner => &[
                "scan",
                "source",
                "--offline-vulnerabilities",
                "--all-packages",
                "--format",
                "json",
                "--lockfile",
                &path,
            ],
        };
        let answer = self.json(arguments).map_err(not_scanned)?;
        let found = match self.kind {
            MatcherKind::Trivy => trivy(&answer, components.len()),
            MatcherKind::Grype => grype(&answer),
            MatcherKind::OsvScanner => osv(&answer, components.len()),
        };
        found.map_err(not_scanned)
    }

    /// The day on which its database was built.
    fn database(&self) -> Result<NaiveDate, Gap> {
        let built = match self.kind {
            MatcherKind::Trivy => {
                let answer = self.json(&["version", "--format", "json"]);
                let answer = answer.map_err(|why| Gap::NotScanned(printable(&why)))?;
                answer.pointer("/VulnerabilityDB/UpdatedAt").cloned()
            }
            MatcherKind::Grype => {
                // It ends with an error where it has no database.
                let answer = self.json(&["db", "status", "--output", "json"]);
                let answer = answer.map_err(|_| Gap::DatabaseMissing)?;
                let valid = answer.get("valid").and_then(Value::as_bool) == Some(true);
                answer.get("built").filter(|_| valid).cloned()
            }
            MatcherKind::OsvScanner => return archives(&self.cache).ok_or(Gap::DatabaseMissing),
        };
        let built = built.as_ref();
        built
            .and_then(Value::as_str)
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .map(|time| time.date_naive())
            .ok_or(Gap::DatabaseMissing)
    }

    fn json(&self, arguments: &[&str]) -> Result<Value, String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let cache = self.cache.to_string_lossy().into_owned();
        let variables = [
            ("GRYPE_DB_AUTO_UPDATE", "false"),
            ("GRYPE_DB_VALIDATE_AGE", "false"),
            ("GRYPE_CHECK_FOR_APP_UPDATE", "false"),
            ("TRIVY_SKIP_VERSION_CHECK", "true"),
            ("TRIVY_CACHE_DIR", &cache),
            ("GRYPE_DB_CACHE_DIR", &cache),
            ("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", &cache),
        ];
        let ended = self.program.run(Path::new("/"), &arguments, &variables)?;
        // osv-scanner ends with 1 where it found something.
        let codes: &[i32] = match self.kind {
            MatcherKind::OsvScanner => &[0, 1],
            MatcherKind::Trivy | MatcherKind::Grype => &[0],
        };
        answers::expect(&ended, codes)?;
        ended.json()
    }
}

/// The day of the oldest archive that osv-scanner keeps: `osv-scanner/<ecosystem>/all.zip`.
fn archives(cache: &Path) -> Option<NaiveDate> {
    let folders = std::fs::read_dir(cache.join("osv-scanner")).ok()?;
    let times = folders.filter_map(|folder| {
        let archive = folder.ok()?.path().join("all.zip");
        archive.metadata().ok()?.modified().ok()
    });
    let oldest: DateTime<chrono::Utc> = times.min()?.into();
    Some(oldest.date_naive())
}

/// CycloneDX 1.5, with what decides which advisories hold.
fn bill_of_materials(components: &[Component]) -> std::io::Result<tempfile::NamedTempFile> {
    let mut all: Vec<Value> = components
        .iter()
        .enumerate()
        .map(|(at, one)| {
            json!({"type": "library", "bom-ref": at.to_string(), "name": one.name, "version": one.version, "purl": one.purl()})
        })
        .collect();
    let system = components
        .iter()
        .find_map(|one| one.ecosystem.split_once(':'));
    if let Some((family, release)) = system {
        all.push(json!({"type": "operating-system", "bom-ref": "system", "name": family.to_lowercase(), "version": release.trim_start_matches('v')}));
    }
    let document =
        json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": all});
    let mut file = tempfile::Builder::new().suffix(".cdx.json").tempfile()?;
    file.write_all(document.to_string().as_bytes())?;
    file.flush()?;
    Ok(file)
}

fn severity(word: &str) -> Severity {
    match word.to_lowercase().as_str() {
        "critical" => Severity::Critical,
        "medium" => Severity::Medium,
        "low" | "negligible" => Severity::Low,
        // What nobody has weighed is not light.
        _ => Severity::High,
    }
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value
        .pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The items of a list; none where there is no list.
fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn flaw(id: &str, word: &str, title: &str, fixed: &str, package: &str, version: &str) -> Finding {
    let advice = if fixed.is_empty() {
        "No version is known to be fixed: replace the package.".to_owned()
    } else {
        format!("Upgrade to {} or later.", printable(fixed))
    };
    let title: String = title.chars().take(300).collect();
    let message = format!("{} {advice}", printable(title.trim()));
    finding(
        &printable(id),
        severity(word),
        message.trim(),
        &format!("{package} {version}"),
        None,
    )
}

/// Refuses an answer that lists fewer packages than it was given: those were skipped.
fn trivy(answer: &Value, given: usize) -> Result<Vec<Finding>, String> {
    let results = answer
        .get("Results")
        .and_then(Value::as_array)
        .ok_or("it names no result")?;
    let seen: usize = results.iter().map(|one| list(one, "Packages").len()).sum();
    answers::covers(seen, given)?;
    Ok(results
        .iter()
        .flat_map(|one| list(one, "Vulnerabilities"))
        .map(|one| {
            flaw(
                text(one, "/VulnerabilityID"),
                text(one, "/Severity"),
                text(one, "/Title"),
                text(one, "/FixedVersion"),
                text(one, "/PkgName"),
                text(one, "/InstalledVersion"),
            )
        })
        .collect())
}

fn grype(answer: &Value) -> Result<Vec<Finding>, String> {
    let matches = answer
        .get("matches")
        .and_then(Value::as_array)
        .ok_or("it names no result")?;
    if text(answer, "/descriptor/name") != "grype" {
        return Err("it does not say what it is".to_owned());
    }
    Ok(matches
        .iter()
        .map(|one| {
            flaw(
                text(one, "/vulnerability/id"),
                text(one, "/vulnerability/severity"),
                text(one, "/vulnerability/description"),
                text(one, "/vulnerability/fix/versions/0"),
                text(one, "/artifact/name"),
                text(one, "/artifact/version"),
            )
        })
        .collect())
}

/// With every package listed, so that those without a flaw are known to have been looked at.
fn osv(answer: &Value, given: usize) -> Result<Vec<Finding>, String> {
    let results = answer
        .get("results")
        .and_then(Value::as_array)
        .ok_or("it names no result")?;
    let packages: Vec<&Value> = results
        .iter()
        .flat_map(|one| list(one, "packages"))
        .collect();
    answers::covers(packages.len(), given)?;
    let mut found = Vec::new();
    for package in packages {
        for group in list(package, "groups") {
            let word = match text(group, "/max_severity").parse::<f64>() {
                Ok(score) if score >= 9.0 => "critical",
                Ok(score) if score >= 7.0 => "high",
                Ok(score) if score >= 4.0 => "medium",
                Ok(_) => "low",
                Err(_) => "unknown",
            };
            let id = text(group, "/ids/0");
            let flaws = list(package, "vulnerabilities");
            let title = flaws.iter().find(|one| text(one, "/id") == id);
            let title = title.map_or("", |one| text(one, "/summary"));
            let (name, version) = (
                text(package, "/package/name"),
                text(package, "/package/version"),
            );
            found.push(flaw(id, word, title, "", name, version));
        }
    }
    Ok(found)
}
