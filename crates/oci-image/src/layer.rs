//! Writes a layer: a gzipped tar whose bytes depend only on names, contents and executable bits.
//!
//! Owners, times, extended attributes and the machine's file order are left out, and the gzip header is fixed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use crate::digest::{Digest, HashingWriter};
use crate::error::{At, BuildError, FileError};
use crate::scratch::{ScratchFile, StagedBlob};
use crate::tree::{Kind, Tree};

/// A complete layer that has no name yet.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) blob: StagedBlob,
    /// Digest of the uncompressed archive.
    pub(crate) diff_id: Digest,
}

type Output<'a> = Builder<HashingWriter<GzEncoder<HashingWriter<BufWriter<&'a File>>>>>;

/// Packs `tree` under the folder `prefix`; the layer is staged in `scratch`.
pub(crate) fn pack(scratch: &Path, prefix: &str, tree: &Tree) -> Result<Layer, BuildError> {
    let file = ScratchFile::create(scratch)?;
    let written = write(&file, prefix, tree)?;
    let (digest, size, diff_id) = written;
    let blob = StagedBlob { file, digest, size };
    Ok(Layer { blob, diff_id })
}

fn write(
    scratch: &ScratchFile,
    prefix: &str,
    tree: &Tree,
) -> Result<(Digest, u64, Digest), FileError> {
    let at = scratch.path();
    let buffered = BufWriter::with_capacity(256 << 10, scratch.file());
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255) // unknown
        .write(HashingWriter::new(buffered), Compression::default());
    let mut output = Builder::new(HashingWriter::new(gzip));
    folder(&mut output, Path::new(prefix)).at(at)?;
    for entry in &tree.entries {
        let name = Path::new(prefix).join(&entry.path);
        match &entry.kind {
            Kind::Directory => folder(&mut output, &name).at(at)?,
            Kind::File { executable } => {
                let path = tree.root.join(&entry.path);
                let mode = if *executable { 0o755 } else { 0o644 };
                regular(&mut output, &name, &path, mode).at(&path)?;
            }
            Kind::Symlink { target } => {
                let mut header = header(EntryType::Symlink, 0o777, 0);
                output.append_link(&mut header, &name, target).at(at)?;
            }
        }
    }
    let (gzip, diff_id, _) = output.into_inner().at(at)?.finish();
    let (mut buffered, digest, size) = gzip.finish().at(at)?.finish();
    buffered.flush().at(at)?;
    Ok((digest, size, diff_id))
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

fn folder(output: &mut Output<'_>, name: &Path) -> io::Result<()> {
    // Folders end with a slash, as other tools write them.
    let mut name = name.as_os_str().to_owned();
    name.push("/");
    let mut header = header(EntryType::Directory, 0o755, 0);
    output.append_data(&mut header, PathBuf::from(name), io::empty())
}

fn regular(output: &mut Output<'_>, name: &Path, path: &Path, mode: u32) -> io::Result<()> {
    // The tree was listed before; nothing that replaced a file since may lead elsewhere.
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).map_err(io::Error::other)?;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(no_follow)
        .open(path)?;
    let size = file.metadata()?.len();
    let mut exact = Exact {
        inner: file.take(size),
        left: size,
    };
    output.append_data(
        &mut header(EntryType::Regular, mode, size),
        name,
        &mut exact,
    )?;
    if exact.left > 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the file shrank while it was read",
        ));
    }
    Ok(())
}

/// Counts down what is left of a promised size.
struct Exact<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.left = self
            .left
            .saturating_sub(u64::try_from(n).map_err(io::Error::other)?);
        Ok(n)
    }
}
