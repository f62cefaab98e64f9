//! Small private files, written whole or not at all. Refuses nothing by itself: names are checked by whoever owns them.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// No file of ours is larger.
const MAX_BYTES: u64 = 64 << 20;

/// Writes a file that only this user reads, over an older one.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    staged(path, content)?
        .persist(path)
        .map_err(|error| error.error)?;
    sync_folder(path)
}

/// Writes over a file that is there, which stays the same file: who has it open or bound sees the new content.
pub(super) fn overwrite(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.write_all(content)?;
    file.set_len(u64::try_from(content.len()).map_err(io::Error::other)?)?;
    file.sync_all()
}

/// Writes a file that only this user reads, unless there is one. `false`: there was one, and it is as it was.
pub(super) fn create(path: &Path, content: &[u8]) -> io::Result<bool> {
    match staged(path, content)?.persist_noclobber(path) {
        Ok(_) => sync_folder(path).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// The content, or `None` without a file.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut content = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut content)?;
    Ok(Some(content))
}

/// Deletes a file. `false`: there was none.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Temporary files have mode 0600.
fn staged(path: &Path, content: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    crate::keys::create_private_dir(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
