//! Unpacks an image's layers to a folder, trusting nothing in them.
//!
//! Two passes over each layer. The first reads raw headers and refuses special files, oversized headers and anything
//! beyond the limits before a byte is written. The second writes into a scratch folder beside the destination, never
//! through a link, and the whole tree gets its name by one rename.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use super::layout::{Layout, parent};
use crate::digest::Digest;
use crate::error::{At, FileError, StoreError};
use crate::links;
use crate::scratch::{self, ScratchDir};
use crate::spec::{self, Descriptor};

/// The file at the root of an unpacked tree that holds the image's digest.
const MARKER: &str = ".clearance-image";
/// Long names and PAX records are read into memory, so they are kept short.
const MAX_EXTENSION: u64 = 64 << 10;

/// How large an unpacked image may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpackLimits {
    /// Bytes of all files together.
    pub max_bytes: u64,
    /// Number of entries.
    pub max_files: u64,
}

impl Default for UnpackLimits {
    /// 8 GiB in 500,000 entries.
    fn default() -> Self {
        Self {
            max_bytes: 8 << 30,
            max_files: 500_000,
        }
    }
}

pub(super) fn unpack(
    layout: &Layout,
    digest: Digest,
    destination: &Path,
    limits: UnpackLimits,
) -> Result<(), StoreError> {
    if is_unpacked(destination, digest)? {
        return Ok(());
    }
    let name = destination
        .file_name()
        .ok_or_else(|| StoreError::DestinationTaken(destination.to_path_buf()))?;
    let parent = parent(destination);
    let prefix = format!(".{}.unpacking-", name.to_string_lossy());
    fs::create_dir_all(parent).at(parent)?;
    scratch::sweep(parent, &prefix)?;

    layout.verify(digest)?;
    let layers = layout.manifest(digest)?.layers;
    let mut allowance = Allowance::new(limits);
    for layer in &layers {
        inspect(layout, layer, &mut allowance)?;
    }
    let scratch = ScratchDir::create(parent, &prefix)?;
    let mut writer = TreeWriter {
        root: scratch.path().to_path_buf(),
        links: Vec::new(),
        allowance: Allowance::new(limits),
    };
    for layer in &layers {
        writer.layer(layout, layer)?;
    }
    writer.check_links()?;
    finish(&scratch, digest)?;
    match scratch.rename_to(destination) {
        Ok(()) => Ok(scratch::sync_parent(destination)?),
        // Somebody else was faster, or something was put there meanwhile.
        Err(_) if destination.exists() => match is_unpacked(destination, digest)? {
            true => Ok(()),
            false => Err(StoreError::DestinationTaken(destination.to_path_buf())),
        },
        Err(error) => Err(FileError::new(destination, error).into()),
    }
}

/// True if the image is there, false if nothing is.
fn is_unpacked(destination: &Path, digest: Digest) -> Result<bool, StoreError> {
    let taken = || Err(StoreError::DestinationTaken(destination.to_path_buf()));
    match is_marked(destination, digest) {
        Some(true) => Ok(true),
        Some(false) => taken(),
        None => match fs::read_dir(destination).map(|mut entries| entries.next()) {
            Ok(None) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            // Somebody else may have put the whole tree there between the two looks: it never appears without its mark.
            Ok(Some(_)) if is_marked(destination, digest) == Some(true) => Ok(true),
            Ok(Some(_)) | Err(_) => taken(),
        },
    }
}

/// Is what is there marked as this image? `None` without a mark.
fn is_marked(destination: &Path, digest: Digest) -> Option<bool> {
    let found = fs::read_to_string(destination.join(MARKER)).ok()?;
    Some(found == digest.to_string())
}

/// Marks the tree as complete and puts it on the disk before it gets its name.
fn finish(scratch: &ScratchDir, digest: Digest) -> Result<(), StoreError> {
    let root = scratch.path();
    let marker = root.join(MARKER);
    fs::write(&marker, digest.to_string()).at(&marker)?;
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).at(root)?;
    #[cfg(target_os = "linux")]
    {
        let dir = File::open(root).at(root)?;
        rustix::fs::syncfs(&dir).map_err(io::Error::from).at(root)?;
    }
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    Ok(())
}

fn refuse(path: &Path, reason: &'static str) -> StoreError {
    let path = path.to_string_lossy().chars().take(200).collect();
    StoreError::UnsafeEntry { path, reason }
}

fn damaged(layer: &Descriptor) -> StoreError {
    StoreError::Damaged {
        digest: layer.digest,
        reason: "it is not a valid archive",
    }
}

/// What is left of the limits.
#[derive(Debug)]
struct Allowance {
    limits: UnpackLimits,
    bytes: u64,
    files: u64,
}

impl Allowance {
    fn new(limits: UnpackLimits) -> Self {
        Self {
            limits,
            bytes: limits.max_bytes,
            files: limits.max_files,
        }
    }

    fn take(&mut self, bytes: u64) -> Result<(), StoreError> {
        self.files = self.files.checked_sub(1).ok_or(StoreError::TooLarge {
            limit: self.limits.max_files,
            unit: "files",
        })?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(StoreError::TooLarge {
            limit: self.limits.max_bytes,
            unit: "bytes",
        })?;
        Ok(())
    }
}

fn archive(layout: &Layout, layer: &Descriptor) -> Result<Archive<Box<dyn Read>>, StoreError> {
    let file = io::BufReader::with_capacity(256 << 10, layout.open_blob(layer.digest)?);
    let reader: Box<dyn Read> = match layer.media_type.as_str() {
        spec::LAYER_GZIP => Box::new(MultiGzDecoder::new(file)),
        spec::LAYER_TAR => Box::new(file),
        other => return Err(StoreError::UnsupportedLayer(other.to_owned())),
    };
    Ok(Archive::new(reader))
}

/// The first pass: headers only, as they stand in the archive.
fn inspect(
    layout: &Layout,
    layer: &Descriptor,
    allowance: &mut Allowance,
) -> Result<(), StoreError> {
    let mut archive = archive(layout, layer)?;
    let entries = archive.entries().map_err(|_| damaged(layer))?.raw(true);
    for entry in entries {
        let mut entry = entry.map_err(|_| damaged(layer))?;
        let path = PathBuf::from(OsStr::from_bytes(&entry.path_bytes()));
        let kind = entry.header().entry_type();
        let size = entry.header().entry_size().map_err(|_| damaged(layer))?;
        if is_extension(kind) {
            allowance.take(0)?;
            if size > MAX_EXTENSION {
                return Err(refuse(&path, "has an oversized header"));
            }
            let mut records = Vec::new();
            entry
                .read_to_end(&mut records)
                .map_err(|_| damaged(layer))?;
            // These would make the second pass see other entries than this one.
            if kind.is_pax_local_extensions() && changes_size(&records) {
                return Err(refuse(&path, "overrides its own size"));
            }
            continue;
        }
        if !(kind.is_file() || kind.is_dir() || kind.is_symlink() || kind.is_hard_link()) {
            return Err(refuse(&path, "is a device or another special file"));
        }
        if !kind.is_file() && size > 0 {
            return Err(refuse(&path, "has content although it is not a file"));
        }
        allowance.take(size)?;
    }
    Ok(())
}

fn is_extension(kind: EntryType) -> bool {
    kind.is_gnu_longname()
        || kind.is_gnu_longlink()
        || kind.is_pax_local_extensions()
        || kind.is_pax_global_extensions()
}

fn changes_size(records: &[u8]) -> bool {
    records.split(|b| *b == b'\n').any(|line| {
        let key = line.splitn(2, |b| *b == b' ').nth(1).unwrap_or(line);
        key.starts_with(b"size=") || key.starts_with(b"GNU.sparse")
    })
}

/// The second pass: writes below `root`.
#[derive(Debug)]
struct TreeWriter {
    root: PathBuf,
    links: Vec<PathBuf>,
    allowance: Allowance,
}

impl TreeWriter {
    fn layer(&mut self, layout: &Layout, layer: &Descriptor) -> Result<(), StoreError> {
        let mut archive = archive(layout, layer)?;
        for entry in archive.entries().map_err(|_| damaged(layer))? {
            let mut entry = entry.map_err(|_| damaged(layer))?;
            let kind = entry.header().entry_type();
            if kind.is_pax_global_extensions() {
                continue;
            }
            let spelt = PathBuf::from(OsStr::from_bytes(&entry.path_bytes()));
            let path = inside(&spelt)?;
            if path.as_os_str().is_empty() {
                if kind.is_dir() {
                    continue;
                }
                return Err(refuse(&spelt, "names the root"));
            }
            self.folders(path.parent().unwrap_or(Path::new("")))?;
            if kind.is_dir() {
                self.folders(&path)?;
                self.allowance.take(0)?;
            } else if kind.is_file() {
                self.file(&path, &mut entry, layer)?;
            } else if kind.is_symlink() {
                self.symlink(&path, &entry)?;
            } else if kind.is_hard_link() {
                self.hard_link(&path, &entry)?;
            } else {
                return Err(refuse(&path, "is a device or another special file"));
            }
        }
        Ok(())
    }

    /// Makes the folders down to `path`; refuses to pass through anything else.
    fn folders(&self, path: &Path) -> Result<(), StoreError> {
        let mut at = self.root.clone();
        for component in path.components() {
            at.push(component);
            match fs::symlink_metadata(&at) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => {
                    return Err(refuse(
                        path,
                        "passes through something that is not a folder",
                    ));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir(&at).at(&at)?;
                    fs::set_permissions(&at, fs::Permissions::from_mode(0o755)).at(&at)?;
                }
                Err(error) => return Ok(Err(error).at(&at)?),
            }
        }
        Ok(())
    }

    /// Frees the name of a file or link that an earlier entry left there.
    fn clear(&self, path: &Path) -> Result<PathBuf, StoreError> {
        let full = self.root.join(path);
        match fs::symlink_metadata(&full) {
            Ok(found) if found.is_dir() => Err(refuse(path, "replaces a folder")),
            Ok(_) => {
                fs::remove_file(&full).at(&full)?;
                Ok(full)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(full),
            Err(error) => Err(FileError::new(&full, error).into()),
        }
    }

    fn file<R: Read>(
        &mut self,
        path: &Path,
        entry: &mut Entry<'_, R>,
        layer: &Descriptor,
    ) -> Result<(), StoreError> {
        let mode = entry.header().mode().map_err(|_| damaged(layer))?;
        if mode & 0o6000 != 0 {
            return Err(refuse(path, "is set-user-ID or set-group-ID"));
        }
        let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
        let full = self.clear(path)?;
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&full)
            .at(&full)?;
        let limit = self.allowance.bytes.saturating_add(1);
        let written = io::copy(&mut entry.take(limit), &mut file).at(&full)?;
        self.allowance.take(written)?;
        file.set_permissions(fs::Permissions::from_mode(mode))
            .at(&full)?;
        Ok(())
    }

    fn symlink<R: Read>(&mut self, path: &Path, entry: &Entry<'_, R>) -> Result<(), StoreError> {
        let target = entry.link_name_bytes().unwrap_or_default();
        let target = Path::new(OsStr::from_bytes(&target)).to_path_buf();
        if target.as_os_str().is_empty() || target.is_absolute() {
            return Err(refuse(path, "is a link to an absolute or empty path"));
        }
        let full = self.clear(path)?;
        symlink(&target, &full).at(&full)?;
        self.links.push(path.to_path_buf());
        self.allowance.take(0)
    }

    fn hard_link<R: Read>(&mut self, path: &Path, entry: &Entry<'_, R>) -> Result<(), StoreError> {
        let target = entry.link_name_bytes().unwrap_or_default();
        let target = inside(Path::new(OsStr::from_bytes(&target)))?;
        self.folders(target.parent().unwrap_or(Path::new("")))?;
        let original = self.root.join(&target);
        let regular = fs::symlink_metadata(&original).is_ok_and(|found| found.is_file());
        if !regular || target == path {
            return Err(refuse(
                path,
                "is a hard link to something that is not a file of the image",
            ));
        }
        let full = self.clear(path)?;
        fs::hard_link(&original, &full).at(&full)?;
        self.allowance.take(0)
    }

    /// When the tree is complete: where does each link lead?
    fn check_links(&self) -> Result<(), StoreError> {
        for link in &self.links {
            let full = self.root.join(link);
            // A later layer may have replaced it.
            let Ok(target) = fs::read_link(&full) else {
                continue;
            };
            if !links::stays_inside(&self.root, link, &target).at(&full)? {
                return Err(refuse(link, "is a link that leads out of the image"));
            }
        }
        Ok(())
    }
}

/// The path without `./`, if it is relative, does not climb and uses no reserved name.
fn inside(path: &Path) -> Result<PathBuf, StoreError> {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) if name.as_bytes().starts_with(b".wh.") => {
                return Err(refuse(path, "is a whiteout, which is not supported"));
            }
            Component::Normal(name) if name.as_bytes().contains(&0) => {
                return Err(refuse(path, "contains a null byte"));
            }
            Component::Normal(name) => clean.push(name),
            Component::ParentDir => return Err(refuse(path, "climbs out of its folder")),
            Component::RootDir | Component::Prefix(_) => {
                return Err(refuse(path, "is an absolute path"));
            }
        }
    }
    if clean == Path::new(MARKER) || clean.starts_with(MARKER) {
        return Err(refuse(path, "has a reserved name"));
    }
    Ok(clean)
}
