//! Streams the layers of an image and keeps what is unsafe or installed in the end. A file that a later layer removes is gone
//! from the image, and still in it for whoever has the layers: that matters for secrets, and for nothing else.

use std::io::Read;

use super::entries::{self, Entry};
use super::files::{Files, Found};
use super::long_names::LongNames;
use super::source::{Layer, Opened};
use super::stream::Stream;
use crate::inventory::{self, Kind};

/// Entries of all layers together.
const MAX_ENTRIES: usize = 1_000_000;
/// Bytes of all layers together, decompressed.
const MAX_BYTES: u64 = 16 * 1024 * 1024 * 1024;
/// Bytes of a path; Linux allows as many.
const MAX_PATH: usize = 4096;
/// The beginning of a file in which a key is looked for.
const HEAD: u64 = 64 * 1024;
/// Bytes of a program whose sections are read.
const MAX_PROGRAM: u64 = 160 * 1024 * 1024;

/// A layer could not be scanned.
#[derive(Debug, thiserror::Error)]
pub(super) enum LayerError {
    #[error("the layer {name} could not be opened: {source}")]
    Open {
        name: String,
        source: super::source::ImageError,
    },
    #[error("the layer {name} is not a valid archive: {source}")]
    Archive {
        name: String,
        source: std::io::Error,
    },
    #[error("the layer {name} goes beyond the limits of a scan")]
    TooLarge { name: String },
    #[error("the layer {name} is not what its digest says")]
    WrongDigest { name: String },
}

/// Reads the layers one after another.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) files: Files,
    entries: usize,
    bytes: u64,
    layers: usize,
}

impl Reader {
    /// Files and folders seen.
    pub(super) const fn entries(&self) -> usize {
        self.entries
    }

    /// Streams the next layer to its end, and compares it with its digests.
    pub(super) fn add(&mut self, image: &Opened, layer: &Layer) -> Result<(), LayerError> {
        let name = layer.name.clone();
        let file = image.read(layer).map_err(|source| LayerError::Open {
            name: name.clone(),
            source,
        })?;
        let left = MAX_BYTES.saturating_sub(self.bytes);
        let archive = |source| LayerError::Archive {
            name: name.clone(),
            source,
        };
        let mut stream = Stream::new(file, left).map_err(archive)?;
        let outcome = self.stream(&mut stream, &name).and_then(|()| {
            stream.finish().map_err(|source| LayerError::Archive {
                name: name.clone(),
                source,
            })
        });
        self.bytes = self.bytes.saturating_add(stream.unpacked());
        self.layers += 1;
        if stream.too_large() {
            return Err(LayerError::TooLarge { name });
        }
        let (digest, diff_id) = outcome?;
        let differs = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_some_and(|wanted| wanted != found)
        };
        if differs(&layer.digest, &digest) || differs(&layer.diff_id, &diff_id) {
            return Err(LayerError::WrongDigest { name });
        }
        Ok(())
    }

    fn stream(&mut self, reader: &mut impl Read, name: &str) -> Result<(), LayerError> {
        let broken = |source| LayerError::Archive {
            name: name.to_owned(),
            source,
        };
        let mut archive = tar::Archive::new(reader);
        let mut names = LongNames::default();
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
            if path.len() > MAX_PATH
                || target
                    .as_ref()
                    .is_some_and(|target| target.len() > MAX_PATH)
            {
                return Err(broken(std::io::Error::new(
                    std::io::ErrorKind::InvalidData,
                    "the archive holds a path of more than 4,096 bytes",
                )));
            }
            let plain = entries::plain(&path);
            if self.files.whiteout(&plain, self.layers) {
                continue;
            }
            let (entry, found) = facts(&mut entry, path, plain, target).map_err(broken)?;
            self.files.put(&entry, found, self.layers);
        }
        Ok(())
    }
}

/// What the rules need to know of an entry, and what it says is installed.
fn facts<R: Read>(
    entry: &mut tar::Entry<'_, R>,
    path: String,
    plain: String,
    target: Option<String>,
) -> std::io::Result<(Entry, Found)> {
    let kind = entry.header().entry_type();
    let mode = entry.header().mode()?;
    let size = entry.header().entry_size()?;
    let mut content = Vec::new();
    let mut found = Found::default();
    if entries::has_content(kind) {
        let what = Kind::of(&plain);
        entry.take(HEAD).read_to_end(&mut content)?;
        let limit = match what {
            Some(what) => what.limit(),
            None if inventory::is_elf(&content) => MAX_PROGRAM,
            None => 0,
        };
        if limit > 0 && size > limit {
            found.unread = Some("a file that says what is installed is too large".to_owned());
        } else if limit > 0 {
            entry.read_to_end(&mut content)?;
            found.learn(what, &plain, &content);
        } else if let Some(what) = what {
            found.learn(Some(what), &plain, &[]);
        }
        content.truncate(usize::try_from(HEAD).unwrap_or(usize::MAX));
        content.shrink_to_fit();
    }
    let entry = Entry {
        path,
        plain,
        kind,
        mode,
        target,
        head: content,
    };
    Ok((entry, found))
}
