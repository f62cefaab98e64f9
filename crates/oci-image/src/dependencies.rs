//! The dependency layer: from the cache if it was built before, else by pip.
//!
//! The cache is keyed by the requirement lines, the interpreter and the platform. What it holds is checked against its
//! digest, and what fails the check is built anew. A layer of unpinned requirements is only as new as the cache.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, HashingWriter};
use crate::error::{At, BuildError, Part};
use crate::install::Install;
use crate::installed;
use crate::layer::{self, Layer};
use crate::log::LogSink;
use crate::package::{self, Metadata};
use crate::python::Interpreter;
use crate::requirements::Requirements;
use crate::scratch::{self, ScratchDir, ScratchFile, StagedBlob};
use crate::tree::Scan;

/// Changes when the same requirements would give another layer.
const FORMAT: &str = "clearance dependency layer 1";
/// Older layers are removed from the cache when there are more.
const MAX_CACHED: usize = 32;
const WORK_PREFIX: &str = "install-";

/// What the layer is made from, and where.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) interpreter: Interpreter,
    pub(crate) requirements: Requirements,
    pub(crate) cache: PathBuf,
    /// Where the layer is staged.
    pub(crate) scratch: PathBuf,
    pub(crate) limit: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) max_files: u64,
    pub(crate) log: LogSink,
}

#[derive(Debug)]
pub(crate) struct DependencyLayer {
    pub(crate) layer: Layer,
    pub(crate) packages: Vec<Metadata>,
    pub(crate) reused: bool,
}

/// A cache entry: which layer belongs to a key.
#[derive(Debug, Serialize, Deserialize)]
struct Cached {
    layer: Digest,
    /// For people who look into the cache.
    requirements: Vec<String>,
    python: String,
    platform: String,
}

impl Wanted {
    pub(crate) async fn obtain(self) -> Result<DependencyLayer, BuildError> {
        let wanted = self.clone();
        if let Some(found) = blocking(move || wanted.load()).await? {
            self.log
                .line("The dependencies are unchanged and were taken from the cache");
            return Ok(found);
        }
        let work = self.cache.join("work");
        fs::create_dir_all(&work).at(&work)?;
        scratch::sweep(&work, WORK_PREFIX)?;
        let scratch = ScratchDir::create(&work, WORK_PREFIX)?;
        let install = Install {
            interpreter: &self.interpreter,
            requirements: &self.requirements,
            scratch: scratch.path(),
            downloads: self.cache.join("downloads"),
            limit: self.limit,
            max_bytes: self.max_bytes,
            log: self.log.clone(),
        };
        let packages = install.run().await?;
        blocking(move || {
            let _until_packed = scratch;
            self.pack(&packages)
        })
        .await
    }

    fn pack(&self, packages: &Path) -> Result<DependencyLayer, BuildError> {
        // pip makes no folder when every requirement's marker excludes this machine.
        fs::create_dir_all(packages).at(packages)?;
        installed::normalise(packages)?;
        let scan = Scan {
            part: Part::Dependencies,
            exclude: &["__pycache__"],
            max_bytes: self.max_bytes,
            max_files: self.max_files,
        };
        let layer = layer::pack(&self.scratch, "deps", &scan.list(packages)?)?;
        let path = layer.blob.file.path();
        let (packages, _) = File::open(path)
            .and_then(|file| package::read_layer(&file))
            .at(path)?;
        if let Err(error) = self.save(&layer.blob) {
            // The next build takes longer; this one is complete.
            tracing::warn!(%error, "the dependency layer could not be cached");
        }
        Ok(DependencyLayer {
            layer,
            packages,
            reused: false,
        })
    }

    fn folder(&self) -> PathBuf {
        self.cache.join("dependencies")
    }

    fn key(&self) -> Digest {
        let parts = serde_json::json!([
            FORMAT,
            self.requirements.lines,
            self.requirements.constraints,
            self.interpreter.implementation,
            self.interpreter.version,
            self.interpreter.platform,
        ]);
        Digest::of(parts.to_string().as_bytes())
    }

    fn entry_path(&self) -> PathBuf {
        self.folder().join(format!("{}.json", self.key().hex()))
    }

    fn layer_path(&self, layer: Digest) -> PathBuf {
        self.folder().join(format!("{}.tar.gz", layer.hex()))
    }

    /// None if there is no entry, or none that holds what it promises.
    fn load(&self) -> Result<Option<DependencyLayer>, BuildError> {
        let entry = self.entry_path();
        let Ok(bytes) = fs::read(&entry) else {
            return Ok(None);
        };
        let Ok(cached) = serde_json::from_slice::<Cached>(&bytes) else {
            return Ok(None);
        };
        let Ok(mut source) = File::open(self.layer_path(cached.layer)) else {
            return Ok(None);
        };
        let file = ScratchFile::create(&self.scratch)?;
        let mut writer = HashingWriter::new(file.file());
        io::copy(&mut source, &mut writer).at(file.path())?;
        let (_, digest, size) = writer.finish();
        if digest != cached.layer {
            tracing::warn!(expected = %cached.layer, "a cached dependency layer is damaged and is built anew");
            return Ok(None);
        }
        let (packages, diff_id) = File::open(file.path())
            .and_then(|file| package::read_layer(&file))
            .at(file.path())?;
        touch(&entry);
        let blob = StagedBlob { file, digest, size };
        Ok(Some(DependencyLayer {
            layer: Layer { blob, diff_id },
            packages,
            reused: true,
        }))
    }

    fn save(&self, blob: &StagedBlob) -> Result<(), BuildError> {
        let folder = self.folder();
        fs::create_dir_all(&folder).at(&folder)?;
        scratch::sweep_files(&folder)?;
        let copy = ScratchFile::create(&folder)?;
        let mut source = File::open(blob.file.path()).at(blob.file.path())?;
        io::copy(&mut source, &mut copy.file()).at(copy.path())?;
        copy.persist(&self.layer_path(blob.digest))?;
        let cached = Cached {
            layer: blob.digest,
            requirements: self.requirements.lines.clone(),
            python: self.interpreter.version.clone(),
            platform: self.interpreter.platform.clone(),
        };
        let bytes = serde_json::to_vec_pretty(&cached)
            .map_err(io::Error::other)
            .at(&folder)?;
        scratch::write_atomically(&folder, &self.entry_path(), &bytes)?;
        prune(&folder)?;
        Ok(())
    }
}

/// Marks an entry as used: the cache drops what was not used for longest.
fn touch(entry: &Path) {
    let now = rustix::fs::Timespec {
        tv_sec: 0,
        tv_nsec: rustix::fs::UTIME_NOW,
    };
    let times = rustix::fs::Timestamps {
        last_access: now,
        last_modification: now,
    };
    let opened = File::options().append(true).open(entry);
    let _untouched = opened.map(|file| rustix::fs::futimens(&file, &times));
}

/// Keeps the [`MAX_CACHED`] entries used last, and the layers they name.
fn prune(folder: &Path) -> Result<(), BuildError> {
    let mut entries = Vec::new();
    let mut layers = Vec::new();
    for found in fs::read_dir(folder).at(folder)? {
        let path = found.at(folder)?.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("json") => {
                let modified = fs::metadata(&path).and_then(|m| m.modified()).at(&path)?;
                entries.push((modified, path));
            }
            Some("gz") => layers.push(path),
            Some(_) | None => {}
        }
    }
    if entries.len() <= MAX_CACHED {
        return Ok(());
    }
    entries.sort();
    entries.reverse();
    let dropped = entries.split_off(MAX_CACHED);
    for (_, path) in &dropped {
        fs::remove_file(path).at(path)?;
    }
    let kept: Vec<String> = entries
        .iter()
        .filter_map(|(_, path)| serde_json::from_slice::<Cached>(&fs::read(path).ok()?).ok())
        .map(|cached| format!("{}.tar.gz", cached.layer.hex()))
        .collect();
    for path in layers {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !kept.iter().any(|k| *k == name) {
            fs::remove_file(&path).at(&path)?;
        }
    }
    Ok(())
}

/// Runs `work` where blocking is allowed.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, BuildError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, BuildError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(BuildError::Interrupted))
}
