//! Names that do not fit a tar header stand in entries of their own before it. Read here with a limit, and refused where two
//! readers could see two different archives.

use std::io::{Error, ErrorKind, Read, Result};

use tar::Entry;

/// Bytes of one such entry: far more than a path may have.
const MAX: u64 = 1024 * 1024;

/// The names that the next entry takes.
#[derive(Debug, Default)]
pub(super) struct LongNames {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

impl LongNames {
    /// Reads an entry that only names the next one. False for any other entry.
    pub(super) fn read<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<bool> {
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() {
            self.path = Some(name(content(entry)?));
        } else if kind.is_gnu_longlink() {
            self.target = Some(name(content(entry)?));
        } else if kind.is_pax_local_extensions() {
            self.pax(&content(entry)?)?;
        } else if kind.is_pax_global_extensions() {
            // Values for all entries: times and owners, in what builders write.
            drop(content(entry)?);
        } else if kind.is_gnu_sparse() {
            return Err(invalid(
                "a sparse file, which is read differently by different tools",
            ));
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Path and link target of an entry, long or short.
    pub(super) fn take<R: Read>(
        &mut self,
        entry: &Entry<'_, R>,
    ) -> Result<(String, Option<String>)> {
        let header = entry.header();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if self
            .size
            .take()
            .is_some_and(|size| header.entry_size().ok() != Some(size))
        {
            return Err(invalid("two different sizes for one entry"));
        }
        let path = self
            .path
            .take()
            .map_or_else(|| text(&header.path_bytes()), |long| text(&long));
        let target = self.target.take().map(|long| text(&long));
        let target = target.or_else(|| header.link_name_bytes().map(|short| text(&short)));
        Ok((path, target))
    }

    /// Records of the form `<length> <key>=<value>\n`.
    fn pax(&mut self, content: &[u8]) -> Result<()> {
        let mut rest = content;
        while !rest.is_empty() {
            let malformed = || invalid("a malformed extended header");
            let space = rest
                .iter()
                .position(|byte| *byte == b' ')
                .ok_or_else(malformed)?;
            let digits = rest
                .get(..space)
                .and_then(|digits| std::str::from_utf8(digits).ok());
            let length: usize = digits
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(malformed)?;
            let record = rest.get(space + 1..length).ok_or_else(malformed)?;
            let record = record.strip_suffix(b"\n").ok_or_else(malformed)?;
            let equals = record
                .iter()
                .position(|byte| *byte == b'=')
                .ok_or_else(malformed)?;
            let (key, value) = (
                record.get(..equals).unwrap_or_default(),
                record.get(equals + 1..).unwrap_or_default(),
            );
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.target = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value)
                        .ok()
                        .and_then(|size| size.parse().ok());
                    self.size = Some(size.ok_or_else(malformed)?);
                }
                sparse if sparse.starts_with(b"GNU.sparse") => {
                    return Err(invalid(
                        "a sparse file, which is read differently by different tools",
                    ));
                }
                _ => {}
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}

fn content<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>> {
    if entry.header().entry_size()? > MAX {
        return Err(invalid("a name of more than a megabyte"));
    }
    let mut bytes = Vec::new();
    entry.take(MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Without the zero byte that ends it.
fn name(mut bytes: Vec<u8>) -> Vec<u8> {
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

fn invalid(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the archive holds {what}"))
}
