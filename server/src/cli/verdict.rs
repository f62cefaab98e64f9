//! What an offline verifier came to, and the files that it is given.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context as _, Result};
use audit_log::{KeyError, VerifierKey, WitnessVerifierKey};
use serde_json::{Value, json};

use super::print_json;
use super::remote::plain;

/// Most bytes of a file with a key.
const KEY_BYTES: u64 = 4_096;

/// What verifying came to.
pub(super) struct Verdict {
    /// 0 good, 1 tampered with, 2 unreadable.
    pub(super) code: u8,
    pub(super) text: String,
    pub(super) json: Value,
}

impl Verdict {
    /// For what cannot be read.
    pub(super) fn unreadable(problem: &str) -> Self {
        Self {
            code: 2,
            text: format!("unreadable: {}", plain(problem)),
            json: json!({ "verdict": "unreadable", "problem": problem }),
        }
    }

    /// Prints what was judged, or why it could not be, and answers the exit status.
    pub(super) fn print(judged: Result<Self>, json: bool) -> Result<ExitCode> {
        let verdict = judged.unwrap_or_else(|error| Self::unreadable(&format!("{error:#}")));
        if json {
            print_json(&verdict.json)?;
        } else {
            println!("{}", verdict.text);
        }
        Ok(ExitCode::from(verdict.code))
    }
}

/// A public key: the text itself, or a file with it.
pub(super) fn read_key(text: &str) -> Result<VerifierKey> {
    read_parsed(text, "--key is neither a public key nor a file with one")
}

/// A witness's public key: the text itself, or a file with it.
pub(super) fn read_witness_key(text: &str) -> Result<WitnessVerifierKey> {
    let otherwise = "--witness is neither the public key of a witness nor a file with one";
    read_parsed(text, otherwise)
}

fn read_parsed<K: FromStr<Err = KeyError>>(text: &str, otherwise: &'static str) -> Result<K> {
    let path = Path::new(text);
    let content = if path.is_file() {
        read_text(path, KEY_BYTES)?
    } else {
        text.to_owned()
    };
    content.trim().parse::<K>().context(otherwise)
}

/// The content of a file, of so many bytes at the most, whatever its size is said to be.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let cannot = || format!("{} cannot be read", path.display());
    let file = File::open(path).with_context(cannot)?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(cannot)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    anyhow::ensure!(size <= most, "{} is too large", path.display());
    Ok(bytes)
}

/// The same, as text.
pub(super) fn read_text(path: &Path, most: u64) -> Result<String> {
    String::from_utf8(read(path, most)?)
        .with_context(|| format!("{} cannot be read: it is no text", path.display()))
}
