//! Streams the layers of an image and keeps what is unsafe in the end. A file that a later layer removes is gone from the
//! image, and still in it for whoever has the layers: that matters for secrets, and for nothing else.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use domain::gate::{Finding, Severity};
use flate2::read::MultiGzDecoder;

use super::entries::{self, Aggregate, Entry, Verdict};
use super::long_names::LongNames;
use crate::report::{finding, printable};

/// Entries of all layers together.
const MAX_ENTRIES: usize = 1_000_000;
/// Bytes of all layers together, decompressed.
const MAX_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// The beginning of a file in which a key is looked for.
const HEAD: u64 = 64 * 1024;
/// Findings kept before they are ordered: a hostile layer can be unsafe a million times.
const MAX_KEPT: usize = 5_000;

/// A layer could not be scanned.
#[derive(Debug, thiserror::Error)]
pub(super) enum LayerError {
    #[error("the layer {name} could not be opened: {source}")]
    Open {
        name: String,
        source: std::io::Error,
    },
    #[error("the layer {name} is not a valid archive: {source}")]
    Archive {
        name: String,
        source: std::io::Error,
    },
    #[error("the layer {name} goes beyond the limits of a scan")]
    TooLarge { name: String },
}

/// The layers seen so far.
#[derive(Debug, Default)]
pub(super) struct Image {
    entries: usize,
    bytes: u64,
    /// What stands in the image, by path.
    standing: BTreeMap<String, Vec<Finding>>,
    kept: usize,
    /// Secrets that a later layer removed.
    buried: Vec<Finding>,
    /// Ordinary oddities of base images, counted and not listed.
    aggregates: BTreeMap<Aggregate, (usize, String)>,
}

impl Image {
    /// Files and folders seen.
    pub(super) const fn entries(&self) -> usize {
        self.entries
    }

    /// Streams the next layer.
    pub(super) fn add(&mut self, path: &Path) -> Result<(), LayerError> {
        let name = printable(&path.file_name().unwrap_or_default().to_string_lossy());
        let reader = open(path).map_err(|source| LayerError::Open {
            name: name.clone(),
            source,
        })?;
        // One byte more than allowed, to tell the end of the layer from the end of our patience.
        let left = MAX_BYTES.saturating_sub(self.bytes);
        let mut counted = Counted {
            inner: reader.take(left.saturating_add(1)),
            read: 0,
        };
        let outcome = self.stream(&mut counted, &name);
        self.bytes = self.bytes.saturating_add(counted.read);
        if counted.read > left {
            return Err(LayerError::TooLarge { name });
        }
        outcome
    }

    fn stream(&mut self, reader: &mut impl Read, name: &str) -> Result<(), LayerError> {
        let broken = |source| LayerError::Archive {
            name: name.to_owned(),
            source,
        };
        let mut archive = tar::Archive::new(reader);
        let mut names = LongNames::default();
        let mut seen_here: Vec<String> = Vec::new();
        // Raw: the library would hold a name of any length in memory.
        for entry in archive.entries().map_err(broken)?.raw(true) {
            let mut entry = entry.map_err(broken)?;
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(LayerError::TooLarge {
                    name: name.to_owned(),
                });
            }
            if names.read(&mut entry).map_err(broken)? {
                continue;
            }
            let (path, target) = names.take(&entry).map_err(broken)?;
            let plain = entries::plain(&path);
            if self.whiteout(&plain, &seen_here) {
                continue;
            }
            let entry = facts(&mut entry, path, plain, target).map_err(broken)?;
            self.replace(&entry.plain);
            self.judge(&entry, &mut seen_here);
        }
        Ok(())
    }

    /// Handles `.wh.name` and `.wh..wh..opq`: they hide what the layers below put there.
    fn whiteout(&mut self, plain: &str, seen_here: &[String]) -> bool {
        let (folder, name) = plain.rsplit_once('/').unwrap_or(("", plain));
        let Some(hidden) = name.strip_prefix(".wh.") else {
            return false;
        };
        let target = match (hidden, folder) {
            (".wh..opq", folder) => folder.to_owned(),
            (name, "") => name.to_owned(),
            (name, folder) => format!("{folder}/{name}"),
        };
        let below = format!("{target}/");
        let opaque = hidden == ".wh..opq";
        let gone: Vec<String> = self
            .standing
            .keys()
            .filter(|path| {
                (!opaque && **path == target)
                    || path.starts_with(&below)
                    || (opaque && target.is_empty())
            })
            .filter(|path| !seen_here.contains(path))
            .cloned()
            .collect();
        for path in gone {
            self.bury(&path);
        }
        true
    }

    /// A path that comes again stands for its newest content.
    fn replace(&mut self, plain: &str) {
        if self.standing.contains_key(plain) {
            self.bury(plain);
        }
    }

    fn bury(&mut self, path: &str) {
        for mut one in self.standing.remove(path).unwrap_or_default() {
            if entries::is_secret(&one.rule) {
                one.message
                    .push_str(" A later layer hides it, and the layer still holds it.");
                self.buried.push(one);
            }
        }
    }

    fn judge(&mut self, entry: &Entry, seen_here: &mut Vec<String>) {
        let mut findings = Vec::new();
        for verdict in entries::judge(entry) {
            match verdict {
                Verdict::Unsafe {
                    rule,
                    severity,
                    message,
                } => {
                    findings.push(finding(rule, severity, message, &entry.plain, None));
                }
                Verdict::Ordinary(aggregate) => {
                    let counted = self
                        .aggregates
                        .entry(aggregate)
                        .or_insert_with(|| (0, entry.plain.clone()));
                    counted.0 += 1;
                }
            }
        }
        if !findings.is_empty() && self.kept < MAX_KEPT {
            self.kept += findings.len();
            seen_here.push(entry.plain.clone());
            self.standing.insert(entry.plain.clone(), findings);
        }
    }

    /// Everything unsafe in the end.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self
            .standing
            .into_values()
            .flatten()
            .chain(self.buried)
            .collect();
        for (aggregate, (number, example)) in self.aggregates {
            let (rule, message) = aggregate.describe(number);
            findings.push(finding(rule, Severity::Low, message, &example, None));
        }
        findings
    }
}

/// A layer as a stream of tar, decompressed if it is compressed.
fn open(path: &Path) -> std::io::Result<Box<dyn Read>> {
    let mut file = File::open(path)?;
    let mut magic = [0_u8; 2];
    let compressed = match file.read_exact(&mut magic) {
        Ok(()) => magic == [0x1f, 0x8b],
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(0))?;
    let file = BufReader::new(file);
    Ok(if compressed {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

/// What the rules need to know of an entry.
fn facts<R: Read>(
    entry: &mut tar::Entry<'_, R>,
    path: String,
    plain: String,
    target: Option<String>,
) -> std::io::Result<Entry> {
    let kind = entry.header().entry_type();
    let mode = entry.header().mode()?;
    let mut head = Vec::new();
    if kind.is_file() {
        entry.take(HEAD).read_to_end(&mut head)?;
    }
    Ok(Entry {
        path,
        plain,
        kind,
        mode,
        target,
        head,
    })
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read = self
            .read
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}
