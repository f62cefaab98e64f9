//! The packages of a dependency layer, read from the `METADATA` files that it ships.

use std::fs::File;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use tar::Archive;

use crate::digest::Digest;
use crate::requirements::normalise;

/// Headers come first and are short; the rest of `METADATA` is the read-me.
const MAX_METADATA: u64 = 256 << 10;
const MAX_FIELD: usize = 300;

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// As the package spells it.
    pub name: String,
    /// As the package spells it.
    pub version: String,
}

/// What `METADATA` says, as far as the SBOM repeats it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Metadata {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) summary: Option<String>,
    /// The free text of `License`.
    pub(crate) license: Option<String>,
    /// The SPDX expression of `License-Expression`.
    pub(crate) license_expression: Option<String>,
    /// Normalised names of what it needs without extras.
    pub(crate) requires: Vec<String>,
}

/// Reads a gzipped layer to its end: the packages in it, sorted, and the digest of the uncompressed archive.
pub(crate) fn read_layer(layer: &File) -> io::Result<(Vec<Metadata>, Digest)> {
    let reader = HashingReader {
        inner: GzDecoder::new(io::BufReader::with_capacity(256 << 10, layer)),
        hasher: Sha256::new(),
    };
    let mut archive = Archive::new(reader);
    let mut packages = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut names = path.split('/').rev();
        let is_metadata = names.next() == Some("METADATA")
            && names.next().is_some_and(|dir| dir.ends_with(".dist-info"))
            && names.count() == 1;
        if is_metadata {
            let mut bytes = Vec::new();
            entry.by_ref().take(MAX_METADATA).read_to_end(&mut bytes)?;
            packages.extend(parse(&String::from_utf8_lossy(&bytes)));
        }
    }
    packages.sort();
    packages.dedup();
    let mut reader = archive.into_inner();
    io::copy(&mut reader, &mut io::sink())?;
    let diff_id = Digest::from_bytes(reader.hasher.finalize().into());
    Ok((packages, diff_id))
}

/// None without a name and version.
fn parse(text: &str) -> Option<Metadata> {
    let mut found = Metadata::default();
    for line in text.lines().take_while(|line| !line.is_empty()) {
        // Continuation lines start with a space; no field of interest has one that matters.
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = plain(value);
        if value.is_empty() || value == "UNKNOWN" {
            continue;
        }
        match key.to_ascii_lowercase().as_str() {
            "name" if found.name.is_empty() => found.name = identifier(&value),
            "version" if found.version.is_empty() => found.version = identifier(&value),
            "summary" => found.summary = Some(value),
            "license" => found.license = Some(value),
            "license-expression" => found.license_expression = Some(value),
            "requires-dist" => found.requires.extend(required_name(&value)),
            _ => {}
        }
    }
    found.requires.sort();
    found.requires.dedup();
    (!found.name.is_empty() && !found.version.is_empty()).then_some(found)
}

fn plain(value: &str) -> String {
    let kept = value.trim().chars().filter(|c| !c.is_control());
    kept.take(MAX_FIELD).collect()
}

/// Names and versions have a small alphabet; anything else would only serve to mislead.
fn identifier(value: &str) -> String {
    let kept = |c: &char| c.is_ascii_alphanumeric() || "._-+!".contains(*c);
    value.chars().filter(kept).collect()
}

fn required_name(value: &str) -> Option<String> {
    let marker = value.split_once(';').map_or("", |(_, marker)| marker);
    if marker.contains("extra") {
        return None;
    }
    let end = value
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
        .unwrap_or(value.len());
    Some(normalise(&value[..end]))
}

struct HashingReader<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hasher.update(&buf[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_up_to_the_first_empty_line() {
        let text = "Metadata-Version: 2.1\nName: Six\nVersion: 1.17.0\nLicense: MIT\u{7}\n\
                    Requires-Dist: idna (>=2) ; python_version > '3'\n\
                    Requires-Dist: brotli ; extra == 'br'\n\nName: other\n";
        let found = parse(text).unwrap();
        assert_eq!(
            (found.name.as_str(), found.version.as_str()),
            ("Six", "1.17.0")
        );
        assert_eq!(found.license.as_deref(), Some("MIT"));
        assert_eq!(found.requires, ["idna"]);
        assert_eq!(parse("Name: x\n\nVersion: 1\n"), None);
    }
}
