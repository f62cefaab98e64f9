//! The files of an OCI image layout, without locking: callers that write hold [`Layout::lock`].

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::digest::{Digest, HashingWriter};
use crate::error::{At, FileError, StoreError};
use crate::scratch::{self, StagedBlob};
use crate::spec::{self, Descriptor, ImageConfig, Index, Manifest};

/// JSON documents of an image are small; larger ones are not read into memory.
const MAX_DOCUMENT: u64 = 4 << 20;
/// Indexes inside indexes, as other tools write them, are followed this deep.
const MAX_DEPTH: usize = 4;

/// What [`crate::ImageStore::remove`] took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Whether the reference was there.
    pub reference: bool,
    /// Number of blobs removed.
    pub blobs: u64,
    /// Bytes freed.
    pub bytes: u64,
}

#[derive(Debug)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(super) fn open(root: PathBuf) -> Result<Self, StoreError> {
        let layout = Self { root };
        for dir in [layout.blobs(), layout.scratch()] {
            fs::create_dir_all(&dir).at(&dir)?;
        }
        let _between_processes = layout.lock()?;
        scratch::sweep_files(&layout.scratch())?;
        layout.mark()?;
        if !layout.index_path().exists() {
            layout.write_index(&Index::default())?;
        }
        layout.collect()?;
        Ok(layout)
    }

    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Waits for the other processes that write; the lock ends with the returned file.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let path = self.root.join("lock");
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .at(&path)?;
        file.lock().at(&path)?;
        Ok(file)
    }

    pub(super) fn resolve(&self, reference: &str) -> Result<Option<Digest>, StoreError> {
        check_reference(reference)?;
        let index = self.index()?;
        Ok(index
            .manifests
            .iter()
            .find(|d| d.reference() == Some(reference))
            .map(|d| d.digest))
    }

    pub(super) fn list(&self) -> Result<Vec<(String, Digest)>, StoreError> {
        let mut all: Vec<_> = self
            .index()?
            .manifests
            .iter()
            .filter_map(|d| Some((d.reference()?.to_owned(), d.digest)))
            .collect();
        all.sort();
        Ok(all)
    }

    pub(super) fn tag(&self, reference: &str, digest: Digest) -> Result<(), StoreError> {
        check_reference(reference)?;
        let bytes = self.document_bytes(digest)?;
        let manifest: Manifest = parse(digest, &bytes)?;
        let media_type = manifest.media_type.as_deref().unwrap_or(spec::MANIFEST);
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut entry = Descriptor::new(media_type, digest, size);
        entry
            .annotations
            .insert(spec::REF_NAME.to_owned(), reference.to_owned());
        let mut index = self.index()?;
        index.manifests.retain(|d| d.reference() != Some(reference));
        index.manifests.push(entry);
        index
            .manifests
            .sort_by(|a, b| a.reference().cmp(&b.reference()));
        self.write_index(&index)
    }

    pub(super) fn remove(&self, reference: &str) -> Result<Removed, StoreError> {
        check_reference(reference)?;
        let mut index = self.index()?;
        let before = index.manifests.len();
        index.manifests.retain(|d| d.reference() != Some(reference));
        let found = index.manifests.len() < before;
        if found {
            self.write_index(&index)?;
        }
        // Also when it was not there: an earlier removal may have been killed before it collected.
        let collected = self.collect()?;
        Ok(Removed {
            reference: found,
            ..collected
        })
    }

    pub(super) fn publish(
        &self,
        reference: &str,
        manifest: Digest,
        blobs: Vec<StagedBlob>,
    ) -> Result<(), StoreError> {
        check_reference(reference)?;
        for blob in blobs {
            let path = self.blob_path(blob.digest);
            // A present blob is replaced all the same: it costs a rename and heals a damaged one.
            blob.file.persist(&path)?;
        }
        self.tag(reference, manifest)
    }

    pub(super) fn manifest(&self, digest: Digest) -> Result<Manifest, StoreError> {
        parse(digest, &self.document_bytes(digest)?)
    }

    pub(super) fn config(&self, digest: Digest) -> Result<ImageConfig, StoreError> {
        let config = self.manifest(digest)?.config.digest;
        parse(config, &self.document_bytes(config)?)
    }

    pub(super) fn verify(&self, digest: Digest) -> Result<(), StoreError> {
        let manifest = self.manifest(digest)?;
        for blob in std::iter::once(&manifest.config).chain(&manifest.layers) {
            let mut file = self.open_blob(blob.digest)?;
            let mut writer = HashingWriter::new(io::sink());
            io::copy(&mut file, &mut writer).at(&self.blob_path(blob.digest))?;
            let (_, actual, size) = writer.finish();
            if actual != blob.digest || size != blob.size {
                return Err(StoreError::Damaged {
                    digest: blob.digest,
                    reason: "its content does not match its hash",
                });
            }
        }
        Ok(())
    }

    pub(super) fn open_blob(&self, digest: Digest) -> Result<File, StoreError> {
        let path = self.blob_path(digest);
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::NotFound(digest))
            }
            other => Ok(other.at(&path)?),
        }
    }

    pub(super) fn blob_path(&self, digest: Digest) -> PathBuf {
        self.blobs().join(digest.hex())
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs").join("sha256")
    }

    fn index_path(&self) -> PathBuf {
        self.root.join("index.json")
    }

    /// Writes the file that marks a layout, or checks the one that is there.
    fn mark(&self) -> Result<(), StoreError> {
        let path = self.root.join("oci-layout");
        match fs::read(&path) {
            Ok(bytes) => {
                let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&bytes);
                let version = parsed.ok().and_then(|v| {
                    v.get("imageLayoutVersion")
                        .and_then(|v| v.as_str().map(str::to_owned))
                });
                if version.as_deref() == Some("1.0.0") {
                    return Ok(());
                }
                Err(StoreError::NotALayout {
                    path,
                    reason: "its layout version is not 1.0.0",
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let content = br#"{"imageLayoutVersion":"1.0.0"}"#;
                Ok(scratch::write_atomically(&self.scratch(), &path, content)?)
            }
            Err(error) => Err(FileError::new(&path, error).into()),
        }
    }

    fn index(&self) -> Result<Index, StoreError> {
        let path = self.index_path();
        let bytes = fs::read(&path).at(&path)?;
        serde_json::from_slice(&bytes).map_err(|_| StoreError::NotALayout {
            path,
            reason: "it cannot be read as an image index",
        })
    }

    fn write_index(&self, index: &Index) -> Result<(), StoreError> {
        let path = self.index_path();
        let bytes = serde_json::to_vec_pretty(index)
            .map_err(io::Error::other)
            .at(&path)?;
        Ok(scratch::write_atomically(&self.scratch(), &path, &bytes)?)
    }

    /// A small blob, checked against its digest.
    fn document_bytes(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let mut limited = self.open_blob(digest)?.take(MAX_DOCUMENT + 1);
        limited
            .read_to_end(&mut bytes)
            .at(&self.blob_path(digest))?;
        if Digest::of(&bytes) != digest {
            return Err(StoreError::Damaged {
                digest,
                reason: "its content does not match its hash",
            });
        }
        Ok(bytes)
    }

    /// Removes every blob that no index entry leads to. Removes none if it cannot follow an entry to its end: a blob
    /// too many is better than one too few.
    fn collect(&self) -> Result<Removed, StoreError> {
        let mut needed = BTreeSet::new();
        for entry in &self.index()?.manifests {
            if let Err(error) = self.need(entry, &mut needed, 0) {
                tracing::warn!(digest = %entry.digest, %error, "blobs were not collected");
                return Ok(Removed::default());
            }
        }
        let mut removed = Removed::default();
        let blobs = self.blobs();
        for entry in fs::read_dir(&blobs).at(&blobs)? {
            let entry = entry.at(&blobs)?;
            let name = entry.file_name();
            let digest = format!("sha256:{}", name.to_string_lossy()).parse::<Digest>();
            // A name that is no digest was not put there by us.
            let Ok(digest) = digest else { continue };
            if !needed.contains(&digest) {
                removed.bytes += entry.metadata().at(&entry.path())?.len();
                removed.blobs += 1;
                fs::remove_file(entry.path()).at(&entry.path())?;
            }
        }
        Ok(removed)
    }

    fn need(
        &self,
        entry: &Descriptor,
        needed: &mut BTreeSet<Digest>,
        depth: usize,
    ) -> Result<(), StoreError> {
        needed.insert(entry.digest);
        let bytes = self.document_bytes(entry.digest)?;
        if entry.media_type == spec::INDEX && depth < MAX_DEPTH {
            let index: Index = parse(entry.digest, &bytes)?;
            return index
                .manifests
                .iter()
                .try_for_each(|inner| self.need(inner, needed, depth + 1));
        }
        let manifest: Manifest = parse(entry.digest, &bytes)?;
        needed.insert(manifest.config.digest);
        needed.extend(manifest.layers.iter().map(|layer| layer.digest));
        Ok(())
    }
}

fn parse<T: DeserializeOwned>(digest: Digest, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Damaged {
        digest,
        reason: "it is not the document it should be",
    })
}

/// The grammar of `org.opencontainers.image.ref.name`: alphanumeric runs joined by single separators.
fn check_reference(reference: &str) -> Result<(), StoreError> {
    let mut after_separator = true;
    for byte in reference.bytes() {
        let separator = b"-._:@/+".contains(&byte);
        if (separator && after_separator) || !(separator || byte.is_ascii_alphanumeric()) {
            return Err(StoreError::InvalidReference(shorten(reference)));
        }
        after_separator = separator;
    }
    if after_separator || reference.len() > 255 {
        return Err(StoreError::InvalidReference(shorten(reference)));
    }
    Ok(())
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The folder above `path`.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    }
}
