//! Makes an installed package folder independent of the machine that installed it.
//!
//! pip writes the interpreter's path into scripts, and the scripts' hashes into `RECORD`; both are rewritten.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{At, BuildError};

const SHEBANG: &[u8] = b"#!/usr/bin/env python3\n";
/// Scripts that pip writes are short; anything larger in `bin` is a program and is left alone.
const MAX_SCRIPT: u64 = 1 << 20;

/// Rewrites the scripts of `packages/bin` and their entries in every `RECORD`.
pub(crate) fn normalise(packages: &Path) -> Result<(), BuildError> {
    let changed = rewrite_scripts(&packages.join("bin"))?;
    for entry in fs::read_dir(packages).at(packages)? {
        let record = entry.at(packages)?.path();
        if record.extension().is_some_and(|e| e == "dist-info") {
            rewrite_record(&record.join("RECORD"), &changed)?;
        }
    }
    Ok(())
}

/// Returns the new content's hash and length by script name.
fn rewrite_scripts(bin: &Path) -> Result<BTreeMap<String, String>, BuildError> {
    let mut changed = BTreeMap::new();
    let entries = match fs::read_dir(bin) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(changed),
        other => other.at(bin)?,
    };
    for entry in entries {
        let entry = entry.at(bin)?;
        let path = entry.path();
        let found = entry.metadata().at(&path)?;
        if !found.is_file() || found.len() > MAX_SCRIPT {
            continue;
        }
        let content = fs::read(&path).at(&path)?;
        let Some(body) = after_shebang(&content) else {
            continue;
        };
        let rewritten = [SHEBANG, body].concat();
        fs::write(&path, &rewritten).at(&path)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let hash = base64_url(&Sha256::digest(&rewritten));
        changed.insert(name, format!("sha256={hash},{}", rewritten.len()));
    }
    Ok(changed)
}

/// What follows a line that starts a Python interpreter; none for other files.
fn after_shebang(content: &[u8]) -> Option<&[u8]> {
    let (first, rest) = split_line(content);
    if !first.starts_with(b"#!") {
        return None;
    }
    // For long paths pip writes `#!/bin/sh`, a line that starts the interpreter, and `' '''`.
    if first == b"#!/bin/sh" && rest.starts_with(b"'''exec' ") {
        let (_, rest) = split_line(rest);
        let (_, rest) = split_line(rest);
        return Some(rest);
    }
    let python = first.windows(6).any(|w| w == b"python");
    python.then_some(rest)
}

fn split_line(content: &[u8]) -> (&[u8], &[u8]) {
    match content.iter().position(|b| *b == b'\n') {
        Some(end) => (&content[..end], &content[end + 1..]),
        None => (content, &[]),
    }
}

fn rewrite_record(path: &Path, changed: &BTreeMap<String, String>) -> Result<(), BuildError> {
    let Ok(content) = fs::read_to_string(path) else {
        return Ok(());
    };
    let mut lines: Vec<String> = content
        .lines()
        .filter(|line| !line.contains("__pycache__/"))
        .map(|line| {
            let name = line.split(',').next().unwrap_or(line);
            let script = name
                .rsplit_once("bin/")
                .filter(|(before, _)| before.trim_matches(['.', '/']).is_empty())
                .and_then(|(_, script)| changed.get(script));
            script.map_or_else(|| line.to_owned(), |new| format!("{name},{new}"))
        })
        .collect();
    lines.sort();
    fs::write(path, lines.join("\n") + "\n").at(path)?;
    Ok(())
}

/// Without padding, as `RECORD` has it.
fn base64_url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let [a, b, c] = group;
        let sextets = [
            a >> 2,
            (a & 3) << 4 | b >> 4,
            (b & 15) << 2 | c >> 6,
            c & 63,
        ];
        for sextet in &sextets[..=chunk.len()] {
            text.push(char::from(ALPHABET[usize::from(*sextet)]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_their_records_forget_the_interpreter() {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        let info = dir.path().join("x-1.dist-info");
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(&info).unwrap();
        fs::write(bin.join("x"), "#!/home/a/python3.11\nprint()\n").unwrap();
        fs::write(
            bin.join("long"),
            "#!/bin/sh\n'''exec' \"/p y\" \"$0\"\n' '''\nprint()\n",
        )
        .unwrap();
        fs::write(bin.join("sh"), "#!/bin/sh\necho\n").unwrap();
        let record = "x/__pycache__/a.pyc,,\n../../bin/x,sha256=old,3\nx/a.py,sha256=q,1\n";
        fs::write(info.join("RECORD"), record).unwrap();
        normalise(dir.path()).unwrap();
        let want = "#!/usr/bin/env python3\nprint()\n";
        assert_eq!(fs::read_to_string(bin.join("x")).unwrap(), want);
        assert_eq!(fs::read_to_string(bin.join("long")).unwrap(), want);
        assert_eq!(
            fs::read_to_string(bin.join("sh")).unwrap(),
            "#!/bin/sh\necho\n"
        );
        let record = fs::read_to_string(info.join("RECORD")).unwrap();
        assert_eq!(record.lines().count(), 2);
        assert!(record.starts_with("../../bin/x,sha256="), "{record}");
        assert!(!record.contains("old"));
    }

    #[test]
    fn hashes_are_spelt_as_in_a_record() {
        assert_eq!(base64_url(b""), "");
        assert_eq!(base64_url(b"f"), "Zg");
        assert_eq!(base64_url(b"fo"), "Zm8");
        assert_eq!(base64_url(&[0xfb, 0xff, 0xfe]), "-__-");
    }
}
