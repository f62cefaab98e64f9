//! Reading a folder that may be hostile: bounded, regular files only, and a list of what is there.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::TILE_FOLDER;
use super::conclude::VerifyError;

/// What came of reading one file.
pub(super) enum Content {
    Bytes(Vec<u8>),
    Missing,
    /// Not a regular file, or longer than anything that belongs there.
    Implausible,
}

/// Reads at most `max` bytes of the file at `path` below `dir`.
pub(super) fn read(dir: &Path, path: &str, max: u64) -> Result<Content, VerifyError> {
    let unreadable = |source| VerifyError::unreadable(path, source);
    let full = dir.join(path);
    // Before opening: a named pipe would block for ever.
    match fs::metadata(&full) {
        Ok(metadata) if !metadata.is_file() => return Ok(Content::Implausible),
        Ok(_) => {}
        Err(error) if is_absence(&error) => return Ok(Content::Missing),
        Err(error) => return Err(unreadable(error)),
    }
    let file = File::open(&full).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if crate::number::to_u64(bytes.len()) > max {
        return Ok(Content::Implausible);
    }
    Ok(Content::Bytes(bytes))
}

/// Whether the error says that there is no such file; a file where a folder should be says so too.
pub(super) fn is_absence(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::NotADirectory
}

/// The first path below `dir/tile` that is not `expected`, in the order of their bytes, with `/` between the parts. Names that
/// are not UTF-8 come out with replacement characters and so match no tile. The list of all of them is never held.
pub(super) fn first_unexpected(
    dir: &Path,
    expected: impl Fn(&str) -> bool,
) -> Result<Option<String>, VerifyError> {
    // `tile`, the level, at most five groups of digits and the width.
    const DEEPEST: usize = 10;
    let mut first: Option<String> = None;
    let mut folders = vec![(TILE_FOLDER.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let unreadable = |source| VerifyError::unreadable(&folder, source);
        let entries = match fs::read_dir(dir.join(&folder)) {
            Ok(entries) => entries,
            // The empty log has no tiles.
            Err(error) if is_absence(&error) => continue,
            Err(error) => return Err(unreadable(error)),
        };
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(unreadable)?.is_dir() && depth < DEEPEST {
                folders.push((path, depth + 1));
            } else if !expected(&path) && first.as_ref().is_none_or(|least| path < *least) {
                first = Some(path);
            }
        }
    }
    Ok(first)
}
