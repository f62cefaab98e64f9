//! Writing a commit's files to a folder. Owns every byte that is written: git only lists the tree and hands out blobs, so
//! no attribute, filter, hook or large-file rule of the repository has a say. Refuses names and links that lead out of
//! the tree, and trees beyond the limits before a byte is written.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use control_plane::ports::PortError;

use super::cli::{holding, too_large};
use super::mirror::Mirror;
use super::trouble::safe;
use crate::adapters::problem::{blocking, disk, protocol, rejected};
use crate::config::FetchLimits;

/// Longest target of a link.
const MAX_LINK: u64 = 4_096;
/// Links that one path may pass through.
const MAX_HOPS: usize = 40;

/// One file or link of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    path: PathBuf,
    kind: Kind,
    id: String,
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Program,
    Link,
}

/// Writes the files of the commit into `into`, which is made and must not exist.
pub(super) async fn write(
    mirror: &Mirror<'_>,
    commit: &str,
    into: &Path,
    limits: FetchLimits,
) -> Result<(), PortError> {
    let listing = mirror
        .git(["ls-tree", "-r", "-l", "-z", "--full-tree", commit])
        .await?;
    let entries = list(&listing, limits)?;
    let ids: String = entries
        .iter()
        .flat_map(|entry| [entry.id.as_str(), "\n"])
        .collect();
    let blobs =
        tempfile::tempfile_in(&mirror.dir).map_err(|error| disk("made", &mirror.dir, error))?;
    let reading = blobs
        .try_clone()
        .map_err(|error| disk("read", Path::new("A temporary file"), error))?;
    let run = mirror
        .command(["cat-file", "--batch", "--buffer"])?
        .reading(holding(ids.as_bytes())?)
        .writing(blobs);
    mirror.run(run).await?.ok()?;
    let into = into.to_owned();
    blocking(move || {
        fs::create_dir(&into).map_err(|error| disk("made", &into, error))?;
        let written = write_all(&entries, reading, &into);
        if written.is_err() {
            let _ = fs::remove_dir_all(&into);
        }
        written
    })
    .await
}

/// Reads `mode type id size TAB path NUL` lines.
fn list(listing: &[u8], limits: FetchLimits) -> Result<Vec<Entry>, PortError> {
    let strange = || protocol("Git did not list the commit's files as expected.");
    let mut entries = Vec::new();
    let mut total: u64 = 0;
    for line in listing
        .split(|byte| *byte == 0)
        .filter(|line| !line.is_empty())
    {
        let tab = line
            .iter()
            .position(|byte| *byte == b'\t')
            .ok_or_else(strange)?;
        let (head, path) = line.split_at(tab);
        let head = std::str::from_utf8(head).map_err(|_| strange())?;
        let mut words = head.split_ascii_whitespace();
        let (mode, _type, id, size) = (
            words.next(),
            words.next(),
            words.next().ok_or_else(strange)?,
            words.next(),
        );
        let kind = match mode.unwrap_or_default() {
            "120000" => Kind::Link,
            "100755" => Kind::Program,
            mode if mode.starts_with("100") => Kind::File,
            // A submodule: another repository, which is not fetched.
            "160000" => continue,
            _ => return Err(strange()),
        };
        let size: u64 = size
            .and_then(|size| size.parse().ok())
            .ok_or_else(strange)?;
        total = total.saturating_add(size);
        if total > limits.max_bytes {
            return Err(too_large(limits.max_bytes));
        }
        if u64::try_from(entries.len()).unwrap_or(u64::MAX) >= limits.max_files {
            return Err(rejected(format!(
                "The commit has more than {} files: remove what the agent does not need, or raise `fetch.max_files`.",
                limits.max_files
            )));
        }
        let path = inner(path.get(1..).unwrap_or_default())?;
        entries.push(Entry {
            path,
            kind,
            id: id.to_owned(),
            size,
        });
    }
    Ok(entries)
}

/// A path that stays inside, on any file system.
fn inner(bytes: &[u8]) -> Result<PathBuf, PortError> {
    let refuse = |why: &str| {
        rejected(format!(
            "The commit holds the path `{}`, which {why}: rename it.",
            shown(bytes)
        ))
    };
    if bytes.is_empty() || bytes.starts_with(b"/") {
        return Err(refuse("is absolute"));
    }
    if String::from_utf8_lossy(bytes).chars().any(char::is_control) {
        return Err(refuse("has control characters"));
    }
    for part in bytes.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." | b".." => return Err(refuse("leads out of its folder")),
            part if part.eq_ignore_ascii_case(b".git") => {
                return Err(refuse("belongs to git itself"));
            }
            _ => {}
        }
    }
    Ok(PathBuf::from(OsStr::from_bytes(bytes)))
}

fn shown(bytes: &[u8]) -> String {
    safe(&String::from_utf8_lossy(bytes), 200)
}

fn write_all(entries: &[Entry], mut blobs: File, into: &Path) -> Result<(), PortError> {
    let failed = |error| disk("read", Path::new("A temporary file"), error);
    io::Seek::rewind(&mut blobs).map_err(failed)?;
    let mut blobs = BufReader::with_capacity(1 << 16, blobs);
    let mut folders = HashSet::new();
    let mut links = BTreeMap::new();
    for entry in entries {
        let mut header = String::new();
        blobs.read_line(&mut header).map_err(failed)?;
        if header.trim_end() != format!("{} blob {}", entry.id, entry.size) {
            return Err(protocol(format!(
                "Git did not hand out the file `{}`.",
                shown(entry.path.as_os_str().as_bytes())
            )));
        }
        let mut content = blobs.by_ref().take(entry.size);
        match entry.kind {
            Kind::Link if entry.size > MAX_LINK => return Err(leads_out(&entry.path)),
            Kind::Link => {
                let mut target = Vec::new();
                content.read_to_end(&mut target).map_err(failed)?;
                links.insert(
                    entry.path.clone(),
                    PathBuf::from(std::ffi::OsString::from_vec(target)),
                );
            }
            Kind::File | Kind::Program => {
                make_folders(into, &entry.path, &mut folders)?;
                write_file(into, entry, &mut content)?;
            }
        }
        let mut end = [0; 1];
        blobs.read_exact(&mut end).map_err(failed)?;
    }
    // Last, so that no file was ever written through a link.
    for (path, target) in &links {
        if !stays_inside(path, target, &links) {
            return Err(leads_out(path));
        }
    }
    for (path, target) in &links {
        make_folders(into, path, &mut folders)?;
        symlink(target, into.join(path)).map_err(|error| taken_or(path, error))?;
    }
    Ok(())
}

fn write_file(into: &Path, entry: &Entry, content: &mut impl io::Read) -> Result<(), PortError> {
    let mode = if entry.kind == Kind::Program {
        0o755
    } else {
        0o644
    };
    let open = File::options()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(into.join(&entry.path));
    let mut file = open.map_err(|error| taken_or(&entry.path, error))?;
    io::copy(content, &mut file)
        .map(drop)
        .map_err(|error| disk("written", &entry.path, error))
}

/// Makes the folders above `path`; links are not there yet, so everything on the way is a folder or a clash.
fn make_folders(into: &Path, path: &Path, made: &mut HashSet<PathBuf>) -> Result<(), PortError> {
    let Some(parent) = path.parent() else {
        return Ok(());
    };
    let mut at = PathBuf::new();
    for part in parent.components() {
        at.push(part);
        if made.contains(&at) {
            continue;
        }
        let full = into.join(&at);
        match fs::create_dir(&full) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_folder(&full) => {}
            Err(error) => return Err(taken_or(&at, error)),
        }
        made.insert(at.clone());
    }
    Ok(())
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn taken_or(path: &Path, error: io::Error) -> PortError {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return rejected(format!(
            "The commit holds `{}` twice: rename one.",
            shown(path.as_os_str().as_bytes())
        ));
    }
    disk("written", path, error)
}

fn leads_out(path: &Path) -> PortError {
    rejected(format!(
        "The link `{}` leads out of the repository: remove it, or make it relative and inside.",
        shown(path.as_os_str().as_bytes())
    ))
}

/// Follows a link through all other links of the tree, as the system would, without touching a disk.
fn stays_inside(link: &Path, target: &Path, links: &BTreeMap<PathBuf, PathBuf>) -> bool {
    let parts = |path: &Path| -> Option<Vec<Vec<u8>>> {
        let bytes = path.as_os_str().as_bytes();
        let plain = !bytes.is_empty() && !bytes.starts_with(b"/") && !bytes.contains(&0);
        plain.then(|| {
            bytes
                .split(|byte| *byte == b'/')
                .rev()
                .map(<[u8]>::to_vec)
                .collect()
        })
    };
    let mut at = link.parent().map(Path::to_path_buf).unwrap_or_default();
    let Some(mut rest) = parts(target) else {
        return false;
    };
    let mut hops = 0;
    while let Some(part) = rest.pop() {
        match part.as_slice() {
            b"" | b"." => {}
            b".." => {
                if !at.pop() {
                    return false;
                }
            }
            name => {
                at.push(OsStr::from_bytes(name));
                if let Some(next) = links.get(&at) {
                    hops += 1;
                    at.pop();
                    match parts(next) {
                        Some(more) if hops <= MAX_HOPS => rest.extend(more),
                        _ => return false,
                    }
                }
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FetchLimits = FetchLimits {
        max_bytes: 100,
        max_files: 3,
        timeout_seconds: 1,
    };

    fn inside(links: &[(&str, &str)]) -> bool {
        let links: BTreeMap<PathBuf, PathBuf> = links
            .iter()
            .map(|(a, b)| (PathBuf::from(a), PathBuf::from(b)))
            .collect();
        links
            .iter()
            .all(|(link, target)| stays_inside(link, target, &links))
    }

    #[test]
    fn links_are_followed_through_each_other() {
        assert!(inside(&[("a", "b/c"), ("x/y", "../a"), ("dir/self", ".")]));
        assert!(inside(&[
            ("current", "releases/1"),
            ("releases/1/up", "../..")
        ]));
        for out in [
            &[("a", "/etc/passwd")][..],
            &[("a", "..")],
            &[("x/a", "../../y")],
            &[("a", "")],
            // Spelt, this stays inside; followed, it does not.
            &[("x", "."), ("a", "x/../..")],
            &[("x", "."), ("a", "x/../y")],
            &[("deep/down/x", "../.."), ("a", "deep/down/x/../y")],
            &[("a", "b"), ("b", "a")],
        ] {
            assert!(!inside(out), "{out:?}");
        }
    }

    #[test]
    fn listings_are_bounded_and_their_names_checked() {
        let id = "0".repeat(40);
        let line = |mode: &str, size: &str, path: &str| {
            format!("{mode} blob {id} {size}\t{path}\0").into_bytes()
        };
        let found = list(
            &[
                line("100755", "      7", "bin/run"),
                line("160000", "-", "sub"),
            ]
            .concat(),
            LIMITS,
        )
        .unwrap();
        assert_eq!(
            (found.len(), found[0].kind, found[0].size),
            (1, Kind::Program, 7)
        );
        for path in [
            "../x",
            "a/../../x",
            "/etc/x",
            ".git/config",
            "a/.GIT/hooks/x",
            "a//b",
            "a\nb",
            "\u{1b}[31m",
        ] {
            assert!(
                list(&line("100644", "1", path), LIMITS).is_err(),
                "{path:?}"
            );
        }
        assert!(list(&line("100644", "101", "a"), LIMITS).is_err());
        assert!(list(&line("100644", "1", "a").repeat(4), LIMITS).is_err());
        assert!(list(b"nonsense\0", LIMITS).is_err());
        assert!(list(&line("040000", "1", "a"), LIMITS).is_err());
    }
}
