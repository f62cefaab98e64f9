//! What programs say of themselves: the build information of Go, and what `cargo auditable` writes into Rust programs.

use std::io::Read;

use flate2::read::ZlibDecoder;
use serde::Deserialize;

use super::{Component, elf};

/// Bytes of the list in a Rust program, unpacked.
const MAX_RUST: u64 = 8 * 1024 * 1024;
const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Bytes around the list of modules that mark it.
const MARK: usize = 16;

/// The packages that were compiled into a program. Nothing for a program that says nothing.
///
/// # Errors
/// The program has such a list, and it cannot be read.
pub(crate) fn read(place: &str, bytes: &[u8]) -> Result<Vec<Component>, String> {
    let Some(file) = elf::open(bytes) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    if let Some(section) = elf::section(&file, ".go.buildinfo") {
        found.extend(go(place, section)?);
    }
    if let Some(section) = elf::section(&file, ".dep-v0") {
        found.extend(rust(place, section)?);
    }
    Ok(found)
}

/// The section since Go 1.18: a magic number, flags, then two texts with their lengths.
fn go(place: &str, section: &[u8]) -> Result<Vec<Component>, String> {
    let unreadable = || "the build information of a Go program cannot be read".to_owned();
    let at = section
        .windows(MAGIC.len())
        .position(|window| window == MAGIC)
        .ok_or_else(unreadable)?;
    let header = section.get(at..).ok_or_else(unreadable)?;
    let flags = *header.get(15).ok_or_else(unreadable)?;
    if flags & 2 == 0 {
        return Err(
            "a Go program was built by Go 1.17 or older, whose build information is not read"
                .to_owned(),
        );
    }
    let (version, after) = text(header, 32).ok_or_else(unreadable)?;
    let (modules, _) = text(header, after).ok_or_else(unreadable)?;
    let modules = modules
        .get(MARK..modules.len().saturating_sub(MARK))
        .unwrap_or_default();
    let version = String::from_utf8_lossy(version);
    let number = version.strip_prefix("go").unwrap_or(&version);
    let number = number.split(' ').next().unwrap_or(number);
    let mut found = vec![Component::new("Go", "stdlib", number, place)];
    for line in String::from_utf8_lossy(modules).lines().take(100_000) {
        let mut columns = line.split('\t');
        let kind = columns.next().unwrap_or_default();
        let (Some(name), Some(version)) = (columns.next(), columns.next()) else {
            continue;
        };
        match kind {
            // What was built has a version only where it was installed by one.
            "mod" if version == "(devel)" => {}
            "mod" | "dep" => found.push(Component::new("Go", name, version, place)),
            // Stands for the module before it.
            "=>" => {
                found.pop();
                found.push(Component::new("Go", name, version, place));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// A text with its length before it, seven bits a byte, the lowest first.
fn text(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let mut length = 0_usize;
    for step in 0..5 {
        let byte = *bytes.get(at + step)?;
        length |= usize::from(byte & 0x7f) << (7 * step);
        if byte & 0x80 == 0 {
            let start = at + step + 1;
            let end = start.checked_add(length)?;
            return Some((bytes.get(start..end)?, end));
        }
    }
    None
}

#[derive(Debug, Deserialize)]
struct Audit {
    packages: Vec<AuditPackage>,
}

#[derive(Debug, Deserialize)]
struct AuditPackage {
    name: String,
    version: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    kind: String,
}

/// Compressed JSON. Packages that only helped to build are not in the program; those of the project itself are in no registry.
fn rust(place: &str, section: &[u8]) -> Result<Vec<Component>, String> {
    let unreadable = |_| "the list of packages in a Rust program cannot be read".to_owned();
    let mut json = Vec::new();
    ZlibDecoder::new(section)
        .take(MAX_RUST)
        .read_to_end(&mut json)
        .map_err(unreadable)?;
    let audit: Audit = serde_json::from_slice(&json)
        .map_err(|_| "the list of packages in a Rust program cannot be read".to_owned())?;
    Ok(audit
        .packages
        .iter()
        .filter(|one| {
            one.kind != "build" && matches!(one.source.as_str(), "crates.io" | "registry")
        })
        .map(|one| Component::new("crates.io", &one.name, &one.version, place))
        .collect())
}
