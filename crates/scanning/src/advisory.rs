//! Advisories in the OSV schema, and which of them a package version falls under.

mod cvss;
mod ecosystem;
mod entry;
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use domain::gate::Severity;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use entry::Entry;
use record::Record;

use crate::report::hex;
use crate::version::Scheme;

pub use ecosystem::ecosystem_key;

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
    sample: bool,
    /// SHA-256 over the id and the time of every record, in the order of their files.
    digest: String,
    number: usize,
    ecosystems: BTreeSet<String>,
    /// By ecosystem and normalised package name.
    by_package: BTreeMap<(String, String), Vec<Entry>>,
}

/// What may stand beside the records, in `clearance-database.json`: the date on which the folder was complete.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseFile {
    as_of: NaiveDate,
    #[serde(default)]
    source: String,
}

/// Name of the file that says how old a folder of records is.
const DATABASE_FILE: &str = "clearance-database.json";
/// Folders within folders of a database.
const MAX_DEPTH: usize = 4;

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
            sample: true,
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

    /// Every `*.json` of a folder and of the folders in it, such as the unpacked archives of osv.dev; `.git` is left out. A
    /// link to a file is read, and one to a folder is not followed. The date is the one in `clearance-database.json`, else
    /// the newest `modified` of all records.
    ///
    /// # Errors
    /// An unreadable folder or file, a file that is no OSV record, more than 200,000 records, 4 MiB in one or 4 folders
    /// within folders. Nothing is skipped silently: an advisory that does not load would be a package that looks clean.
    pub fn load_dir(path: &Path) -> Result<Self, AdvisoryError> {
        let mut files = Vec::new();
        list(path, 0, &mut files)?;
        files.sort();
        let mut set = Self {
            name: shown(path),
            ..Self::default()
        };
        let mut hash = Sha256::new();
        let mut stated = None;
        for file in files {
            let bytes = bounded(&file)?;
            let format = |source| AdvisoryError::Format {
                path: shown(&file),
                source,
            };
            if file.file_name().is_some_and(|name| name == DATABASE_FILE) {
                stated = Some(serde_json::from_slice::<DatabaseFile>(&bytes).map_err(format)?);
                continue;
            }
            let record: Record = serde_json::from_slice(&bytes).map_err(format)?;
            hash.update(format!("{}\n{}\n", record.id, record.modified));
            let modified = record.modified.get(..10).unwrap_or_default();
            if set.as_of.as_str() < modified {
                modified.clone_into(&mut set.as_of);
            }
            set.add(record);
        }
        if let Some(stated) = stated {
            set.as_of = stated.as_of.to_string();
            if !stated.source.is_empty() {
                set.name = stated.source.chars().take(100).collect();
            }
        }
        set.digest = hex(&hash.finalize());
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
            let Some(package) = affected.package else {
                continue;
            };
            let ecosystem = ecosystem_key(&package.ecosystem);
            let name = ecosystem::name_key(&ecosystem, &package.name);
            self.ecosystems.insert(ecosystem.clone());
            let scheme = Scheme::of_ecosystem(&ecosystem);
            self.by_package
                .entry((ecosystem, name))
                .or_default()
                .push(Entry {
                    id: record.id.clone(),
                    aliases: aliases.clone(),
                    summary: if record.summary.is_empty() {
                        first_sentence(&record.details)
                    } else {
                        record.summary.clone()
                    },
                    severity: affected.severity.or(severity),
                    scheme,
                    ranges: affected.ranges,
                    versions: affected.versions,
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

    /// SHA-256 over the ids and times of its records; empty for the sample.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// True for the records that ship with the product: enough to show how a finding looks, and no database.
    #[must_use]
    pub const fn is_sample(&self) -> bool {
        self.sample
    }

    /// Whole days between the date it stands for and `today`; `None` where it states no date, or one that is yet to come.
    #[must_use]
    pub fn age_days(&self, today: NaiveDate) -> Option<u64> {
        let as_of: NaiveDate = self.as_of.parse().ok()?;
        u64::try_from((today - as_of).num_days()).ok()
    }

    /// True where the set has records of an ecosystem that we know the order of versions of. Of one that it has none of, it
    /// says nothing, not that all is well.
    #[must_use]
    pub fn covers(&self, ecosystem: &str) -> bool {
        let key = ecosystem_key(ecosystem);
        let family = key.split(':').next().unwrap_or_default();
        Scheme::of_ecosystem(&key).is_some()
            && (self.ecosystems.contains(&key) || self.ecosystems.contains(family))
    }

    /// The advisories that a version of a Python package falls under, one per flaw.
    #[must_use]
    pub fn matches(&self, package: &str, version: &str) -> Vec<Match> {
        self.matches_in("PyPI", package, version)
    }

    /// The advisories that a version of a package falls under, one per flaw. `ecosystem` as in OSV: `npm`, `Debian:12`.
    #[must_use]
    pub fn matches_in(&self, ecosystem: &str, package: &str, version: &str) -> Vec<Match> {
        let key = ecosystem_key(ecosystem);
        let family = key.split(':').next().unwrap_or_default().to_owned();
        let name = ecosystem::name_key(&key, package);
        let mut found: Vec<Match> = Vec::new();
        let mut keys = vec![(key.clone(), name.clone())];
        if family != key {
            keys.push((family, name));
        }
        for entry in keys
            .iter()
            .filter_map(|key| self.by_package.get(key))
            .flatten()
        {
            if entry.affects(version) {
                let one = entry.to_match(version);
                match found.iter_mut().find(|known| known.same_flaw(&one)) {
                    Some(known) => known.merge(one),
                    None => found.push(one),
                }
            }
        }
        found
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Every record file below `folder`. A link to a file counts as one, and links to folders are not followed: they may lead
/// in circles.
fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), AdvisoryError> {
    let read = |source| AdvisoryError::Read {
        path: shown(folder),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let kind = entry.file_type().map_err(read)?;
        let path = entry.path();
        if kind.is_dir() && entry.file_name() == ".git" {
            // A clone's own files, in folders as deep as they come.
            continue;
        }
        if kind.is_dir() && depth == MAX_DEPTH {
            return Err(AdvisoryError::TooLarge {
                path: shown(&path),
                limit: format!("{MAX_DEPTH} folders within folders"),
            });
        }
        if kind.is_dir() {
            list(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
        if files.len() > MAX_RECORDS {
            return Err(AdvisoryError::TooLarge {
                path: shown(folder),
                limit: format!("{MAX_RECORDS} records"),
            });
        }
    }
    Ok(())
}

/// The bytes of a record.
fn bounded(file: &Path) -> Result<Vec<u8>, AdvisoryError> {
    let read = |source| AdvisoryError::Read {
        path: shown(file),
        source,
    };
    if std::fs::metadata(file).map_err(read)?.len() > MAX_RECORD_BYTES {
        return Err(AdvisoryError::TooLarge {
            path: shown(file),
            limit: format!("{MAX_RECORD_BYTES} bytes"),
        });
    }
    std::fs::read(file).map_err(read)
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
