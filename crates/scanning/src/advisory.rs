//! Advisories in the OSV schema, and which of them a package version falls under.

mod cvss;
mod record;

use std::collections::BTreeMap;
use std::path::Path;

use domain::gate::Severity;

use crate::version::Version;
use record::{Event, Record};

/// Records in one set.
const MAX_RECORDS: usize = 200_000;
/// Bytes of one record.
const MAX_RECORD_BYTES: u64 = 4 * 1024 * 1024;

/// The embedded records. `advisories/README.md` says where they come from.
const EMBEDDED: &[&str] = &[
    include_str!("../advisories/PYSEC-2018-28.json"),
    include_str!("../advisories/PYSEC-2021-108.json"),
    include_str!("../advisories/PYSEC-2021-142.json"),
    include_str!("../advisories/PYSEC-2021-66.json"),
    include_str!("../advisories/PYSEC-2022-10.json"),
    include_str!("../advisories/PYSEC-2022-43012.json"),
    include_str!("../advisories/PYSEC-2022-43015.json"),
    include_str!("../advisories/PYSEC-2023-135.json"),
    include_str!("../advisories/PYSEC-2023-175.json"),
    include_str!("../advisories/PYSEC-2023-18.json"),
    include_str!("../advisories/PYSEC-2023-192.json"),
    include_str!("../advisories/PYSEC-2023-221.json"),
    include_str!("../advisories/PYSEC-2023-58.json"),
    include_str!("../advisories/PYSEC-2023-62.json"),
    include_str!("../advisories/PYSEC-2023-74.json"),
    include_str!("../advisories/PYSEC-2023-98.json"),
    include_str!("../advisories/PYSEC-2024-24.json"),
];

/// When the embedded records were taken.
const EMBEDDED_AS_OF: &str = "2024-10-01";

/// Advisories could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoryError {
    /// The folder or a file in it cannot be read.
    #[error("the advisories in {path} cannot be read; check the path and its permissions")]
    Read {
        /// What was read.
        path: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A file is not an OSV record.
    #[error("{path} is not an OSV record in JSON; replace or remove it")]
    Format {
        /// The file.
        path: String,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// The set is beyond what is loaded.
    #[error("{path} is larger than the limit of {limit}; split or trim the advisories")]
    TooLarge {
        /// What was read.
        path: String,
        /// The limit, in words.
        limit: String,
    },
}

/// A set of advisories with the date it stands for.
#[derive(Debug, Clone, Default)]
pub struct AdvisorySet {
    name: String,
    as_of: String,
    number: usize,
    /// By normalised package name. Only Python packages; records of other ecosystems are not kept.
    by_package: BTreeMap<String, Vec<Entry>>,
}

/// What one record says about one package.
#[derive(Debug, Clone)]
struct Entry {
    id: String,
    /// Every other name of the same flaw.
    aliases: Vec<String>,
    summary: String,
    severity: Option<Severity>,
    ranges: Vec<Vec<Event>>,
    versions: Vec<Version>,
}

/// One advisory that a package falls under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Id of the record, such as `PYSEC-2021-142`.
    pub id: String,
    /// Its other names, such as `CVE-2020-14343`.
    pub aliases: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// By its CVSS score or the record's own word; high where the record says nothing.
    pub severity: Severity,
    /// The lowest version that is no longer affected, where there is one.
    pub fixed: Option<String>,
}

impl AdvisorySet {
    /// The sample that ships with the product: a few well-known advisories, with their date in every report.
    #[must_use]
    pub fn embedded() -> Self {
        let mut set = Self {
            name: "embedded sample".to_owned(),
            as_of: EMBEDDED_AS_OF.to_owned(),
            ..Self::default()
        };
        for text in EMBEDDED {
            // The records are compiled in and a test reads every one, so a failure here cannot be one of the input.
            if let Ok(record) = serde_json::from_str(text) {
                set.add(record);
            }
        }
        set
    }

    /// Every `*.json` of a folder, not of the folders in it. The date is the newest `modified` of all records.
    ///
    /// # Errors
    /// An unreadable folder or file, a file that is no OSV record, more than 200,000 records or 4 MiB in one. Nothing is
    /// skipped silently: an advisory that does not load would be a package that looks clean.
    pub fn load_dir(path: &Path) -> Result<Self, AdvisoryError> {
        let shown = |path: &Path| path.display().to_string();
        let read = |path: &Path, source| AdvisoryError::Read {
            path: shown(path),
            source,
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(path).map_err(|source| read(path, source))? {
            let file = entry.map_err(|source| read(path, source))?.path();
            if file
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                files.push(file);
            }
        }
        if files.len() > MAX_RECORDS {
            return Err(AdvisoryError::TooLarge {
                path: shown(path),
                limit: format!("{MAX_RECORDS} records"),
            });
        }
        files.sort();
        let mut set = Self {
            name: shown(path),
            ..Self::default()
        };
        for file in files {
            let size = std::fs::metadata(&file)
                .map_err(|source| read(&file, source))?
                .len();
            if size > MAX_RECORD_BYTES {
                return Err(AdvisoryError::TooLarge {
                    path: shown(&file),
                    limit: format!("{MAX_RECORD_BYTES} bytes"),
                });
            }
            let bytes = std::fs::read(&file).map_err(|source| read(&file, source))?;
            let record: Record =
                serde_json::from_slice(&bytes).map_err(|source| AdvisoryError::Format {
                    path: shown(&file),
                    source,
                })?;
            if set.as_of.as_str() < record.modified.get(..10).unwrap_or_default() {
                record
                    .modified
                    .get(..10)
                    .unwrap_or_default()
                    .clone_into(&mut set.as_of);
            }
            set.add(record);
        }
        Ok(set)
    }

    fn add(&mut self, record: Record) {
        if record.withdrawn.is_some() {
            return;
        }
        self.number += 1;
        let severity = record.severity();
        let mut aliases = record.aliases.clone();
        aliases.extend(
            record
                .related
                .iter()
                .filter(|one| one.starts_with("CVE-"))
                .cloned(),
        );
        for affected in record.affected {
            if affected
                .package
                .as_ref()
                .is_none_or(|package| package.ecosystem != "PyPI")
            {
                continue;
            }
            let name = affected
                .package
                .map(|package| normalise(&package.name))
                .unwrap_or_default();
            self.by_package.entry(name).or_default().push(Entry {
                id: record.id.clone(),
                aliases: aliases.clone(),
                summary: if record.summary.is_empty() {
                    first_sentence(&record.details)
                } else {
                    record.summary.clone()
                },
                severity: affected.severity.or(severity),
                ranges: affected.ranges,
                versions: affected
                    .versions
                    .iter()
                    .map(|version| Version::parse(version))
                    .collect(),
            });
        }
    }

    /// Records that are not withdrawn, of every ecosystem.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.number
    }

    /// True where there is nothing to match with.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// The date it stands for, `YYYY-MM-DD`; empty where no record has one.
    #[must_use]
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// Where it comes from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The advisories that a version of a Python package falls under, one per flaw.
    #[must_use]
    pub fn matches(&self, package: &str, version: &str) -> Vec<Match> {
        let version = Version::parse(version);
        let mut found: Vec<Match> = Vec::new();
        for entry in self
            .by_package
            .get(&normalise(package))
            .into_iter()
            .flatten()
        {
            if entry.affects(&version) {
                let one = entry.to_match(&version);
                match found.iter_mut().find(|known| known.same_flaw(&one)) {
                    Some(known) => known.merge(one),
                    None => found.push(one),
                }
            }
        }
        found
    }
}

impl Entry {
    fn affects(&self, version: &Version) -> bool {
        self.versions.contains(version)
            || self.ranges.iter().any(|events| in_range(events, version))
    }

    fn to_match(&self, version: &Version) -> Match {
        let fixes = self
            .ranges
            .iter()
            .flatten()
            .filter_map(|event| match event {
                Event::Fixed(fixed) => Some(fixed),
                Event::Introduced(_) | Event::LastAffected(_) | Event::Limit(_) => None,
            });
        let next = fixes
            .map(|fixed| (Version::parse(fixed), fixed))
            .filter(|(parsed, _)| parsed > version)
            .min();
        Match {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            summary: self.summary.clone(),
            severity: self.severity.unwrap_or(Severity::High),
            fixed: next.map(|(_, fixed)| fixed.clone()),
        }
    }
}

impl Match {
    fn same_flaw(&self, other: &Self) -> bool {
        let names = |one: &Self| -> Vec<String> {
            std::iter::once(&one.id)
                .chain(&one.aliases)
                .cloned()
                .collect()
        };
        let mine = names(self);
        names(other).iter().any(|name| mine.contains(name))
    }

    fn merge(&mut self, other: Self) {
        for name in std::iter::once(other.id).chain(other.aliases) {
            if name != self.id && !self.aliases.contains(&name) {
                self.aliases.push(name);
            }
        }
        self.severity = self.severity.max(other.severity);
        self.fixed = self.fixed.take().or(other.fixed);
    }
}

/// The algorithm of the OSV schema: events in the order of versions, each switching the version on or off.
fn in_range(events: &[Event], version: &Version) -> bool {
    let limits: Vec<Version> = events
        .iter()
        .filter_map(|event| match event {
            Event::Limit(limit) if limit != "*" => Some(Version::parse(limit)),
            Event::Limit(_) | Event::Introduced(_) | Event::Fixed(_) | Event::LastAffected(_) => {
                None
            }
        })
        .collect();
    if !limits.is_empty() && !limits.iter().any(|limit| version < limit) {
        return false;
    }
    // `None` is the version zero, before every other; at one version the end comes before a new beginning.
    let mut ordered: Vec<(Option<Version>, u8)> = events
        .iter()
        .filter_map(|event| match event {
            Event::Introduced(at) if at == "0" => Some((None, 2)),
            Event::Introduced(at) => Some((Some(Version::parse(at)), 2)),
            Event::Fixed(at) => Some((Some(Version::parse(at)), 1)),
            Event::LastAffected(at) => Some((Some(Version::parse(at)), 3)),
            Event::Limit(_) => None,
        })
        .collect();
    ordered.sort();
    let mut affected = false;
    for (at, kind) in ordered {
        let reached = at.as_ref().is_none_or(|at| version >= at);
        let passed = at.as_ref().is_none_or(|at| version > at);
        match kind {
            2 if reached => affected = true,
            1 if reached => affected = false,
            3 if passed => affected = false,
            _ => {}
        }
    }
    affected
}

/// PEP 503: lower case, runs of `-`, `_` and `.` as one `-`.
pub(crate) fn normalise(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    lower
        .split(['-', '_', '.'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn first_sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").unwrap_or(line.len());
    line.get(..end)
        .unwrap_or_default()
        .chars()
        .take(300)
        .collect()
}
