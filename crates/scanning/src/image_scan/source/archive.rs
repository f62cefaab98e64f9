//! A tar file of an image, read at any place: where each of its files begins, learnt in one pass over the headers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use super::ImageError;
use crate::image_scan::entries::plain;

/// Files of such an archive: a few for each layer.
const MAX_FILES: usize = 10_000;

#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    /// Beginning and length.
    files: BTreeMap<String, (u64, u64)>,
    /// Older archives name a layer that comes twice by a link.
    links: BTreeMap<String, String>,
}

impl Archive {
    pub(super) fn index(path: &Path) -> Result<Self, ImageError> {
        let file = File::open(path)?;
        let mut found = Self {
            path: path.to_owned(),
            files: BTreeMap::new(),
            links: BTreeMap::new(),
        };
        let mut archive = tar::Archive::new(BufReader::new(file));
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let name = plain(&String::from_utf8_lossy(&entry.path_bytes()));
            let kind = entry.header().entry_type();
            if kind.is_file() {
                let place = (entry.raw_file_position(), entry.size());
                if found.files.insert(name, place).is_some() {
                    return Err(ImageError::Invalid("a file comes twice".to_owned()));
                }
            } else if kind.is_symlink() || kind.is_hard_link() {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = String::from_utf8_lossy(&target).into_owned();
                let target = if kind.is_symlink() {
                    beside(&name, &target)
                } else {
                    plain(&target)
                };
                found.links.insert(name, target);
            }
            if found.files.len() + found.links.len() > MAX_FILES {
                return Err(ImageError::Invalid("it has too many files".to_owned()));
            }
        }
        Ok(found)
    }

    pub(super) fn open(&self, file: &str) -> io::Result<Take<File>> {
        let mut name = plain(file);
        // A link to a link is nobody's archive.
        if let Some(target) = self.links.get(&name) {
            name.clone_from(target);
        }
        let (start, length) = self.files.get(&name).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                format!("the archive has no {file}"),
            )
        })?;
        let mut opened = File::open(&self.path)?;
        opened.seek(SeekFrom::Start(*start))?;
        Ok(opened.take(*length))
    }
}

/// What a relative link means, within the archive.
fn beside(link: &str, target: &str) -> String {
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
