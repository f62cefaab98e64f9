//! The verifier: a file and a public key, nothing else. It answers with the first thing that is wrong, and where.
//!
//! The bytes are hostile: nothing is parsed before its size is known, nothing of a statement is believed before its
//! signature held, and lines are compared with what the signed index says before they are looked into.

use audit_log::VerifierKey;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};

use super::consistency;
use super::{INDEX_TYPE, Index, IndexEntry, Missing, Origin};
use crate::canonical::digest_of_bytes;
use crate::dsse::Envelope;
use crate::predicate::decision::Authority;
use crate::statement::{Statement, Subjects};

/// Largest bundle, bytes.
pub const MAX_BUNDLE_BYTES: u64 = 64 * 1024 * 1024;
/// Most lines of one.
const MAX_LINES: usize = 256;

/// Why a bundle is not good. Lines are counted from 1, the index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not a bundle at all.
    #[error("this is no evidence bundle: {reason}")]
    Unreadable { reason: String },
    /// A bundle that somebody changed, or that does not agree with itself.
    #[error("line {line}: {reason}")]
    Tampered { line: usize, reason: String },
}

impl Problem {
    pub(super) fn at(line: usize, reason: impl Into<String>) -> Self {
        Self::Tampered {
            line,
            reason: reason.into(),
        }
    }
}

/// What a good bundle shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub deployment: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    pub commit: String,
    pub image: String,
    pub config_bundle: String,
    /// Id of the key that signed it.
    pub key: String,
    /// Statements, the index not counted.
    pub statements: usize,
    /// Each gate as its statement says it.
    pub gates: Vec<(Gate, Verdict)>,
    /// Names of signers outside Clearance whose results count.
    pub external: Vec<(Gate, String)>,
    /// How production was let go; `None` where no decision is in the bundle.
    pub decision: Option<Authority>,
    /// Gate runs without a statement.
    pub missing: Vec<Missing>,
}

/// A line whose signature held.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) digest: String,
    pub(super) statement: Statement,
    pub(super) envelope: Envelope,
    pub(super) origin: Origin,
}

/// Verifies a bundle with the public keys of the installation.
///
/// # Errors
/// [`Problem`] names the first line that is wrong and why.
pub fn verify(bytes: &[u8], keys: &[VerifierKey]) -> Result<Verified, Problem> {
    let raw = split(bytes)?;
    let (first, rest) = raw.split_first().ok_or_else(|| unreadable("it is empty"))?;
    let (index_statement, index, key) = open_index(first, rest, keys)?;
    compare(&index, rest)?;
    let mut lines = Vec::new();
    for (position, (line, entry)) in rest.iter().zip(&index.entries).enumerate() {
        lines.push(open(position + 2, line, entry, keys)?);
    }
    let subjects = Subjects::of(&index_statement).ok_or_else(|| {
        Problem::at(
            1,
            "it does not name one commit, one image and one config bundle",
        )
    })?;
    for line in &lines {
        if line.statement.subject != index_statement.subject && !outside(line, &subjects) {
            return Err(Problem::at(
                line.number,
                "it is about another commit, image or config bundle than the bundle",
            ));
        }
    }
    consistency::check(&index, &subjects, &lines, &key)
}

fn outside(line: &Line, subjects: &Subjects) -> bool {
    line.origin == Origin::External && subjects.are(&line.statement.subject)
}

fn unreadable(reason: &str) -> Problem {
    Problem::Unreadable {
        reason: reason.to_owned(),
    }
}

/// The lines, each ended. What holds not one envelope is no bundle; else a broken line is tampering.
fn split(bytes: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    if u64::try_from(bytes.len()).map_or(true, |size| size > MAX_BUNDLE_BYTES) {
        return Err(unreadable("it is larger than 64 MiB"));
    }
    let Some(body) = bytes.strip_suffix(b"\n") else {
        return Err(if bytes.is_empty() {
            unreadable("it is empty")
        } else {
            Problem::at(
                bytes.split(|b| *b == b'\n').count(),
                "it is not ended: the file was cut off",
            )
        });
    };
    let lines: Vec<&[u8]> = body.split(|b| *b == b'\n').take(MAX_LINES + 1).collect();
    if lines.len() > MAX_LINES {
        return Err(unreadable("it has more than 256 lines"));
    }
    let envelopes = |line: &&[u8]| Envelope::parse_line(line).is_ok();
    if lines.iter().any(envelopes) {
        Ok(lines)
    } else {
        Err(unreadable("no line of it is a DSSE envelope"))
    }
}

fn open_index(
    first: &[u8],
    rest: &[&[u8]],
    keys: &[VerifierKey],
) -> Result<(Statement, Index, VerifierKey), Problem> {
    let envelope = Envelope::parse_line(first).map_err(|e| Problem::at(1, e.to_string()))?;
    let key = signed_by(&envelope, keys).ok_or_else(|| foreign(1, &envelope, keys))?;
    let statement = Statement::parse_canonical(envelope.payload())
        .map_err(|e| Problem::at(1, e.to_string()))?;
    if statement.predicate_type != INDEX_TYPE {
        return Err(Problem::at(1, "the first line is not the index"));
    }
    let index: Index = serde_json::from_value(statement.predicate.clone())
        .map_err(|_| Problem::at(1, "the index is not of a form that this program knows"))?;
    if index.entries.len() > rest.len() {
        let line = rest.len() + 2;
        return Err(Problem::at(
            line,
            format!(
                "the index lists {} statements, and the file ends after {}",
                index.entries.len(),
                rest.len()
            ),
        ));
    }
    Ok((statement, index, key.clone()))
}

/// Every line is the one that the index lists there, and there is no other.
fn compare(index: &Index, rest: &[&[u8]]) -> Result<(), Problem> {
    for (position, line) in rest.iter().enumerate() {
        let number = position + 2;
        let digest = digest_of_bytes(line);
        let is = |entry: &IndexEntry| entry.digest.sha256.as_ref() == Some(&digest);
        match index.entries.get(position) {
            Some(entry) if is(entry) => {}
            _ if index.entries.iter().any(is) => {
                let reason = "it stands in another place than the index says";
                return Err(Problem::at(number, reason));
            }
            Some(_) => {
                return Err(Problem::at(
                    number,
                    "it is not the line that the index lists",
                ));
            }
            None => return Err(Problem::at(number, "the index does not list this line")),
        }
    }
    Ok(())
}

fn open(
    number: usize,
    line: &[u8],
    entry: &IndexEntry,
    keys: &[VerifierKey],
) -> Result<Line, Problem> {
    let envelope = Envelope::parse_line(line).map_err(|e| Problem::at(number, e.to_string()))?;
    let statement = match entry.origin {
        Origin::Clearance => {
            signed_by(&envelope, keys).ok_or_else(|| foreign(number, &envelope, keys))?;
            Statement::parse_canonical(envelope.payload())
        }
        // Its key stands in the gate's statement; what it says is taken only from there.
        Origin::External => Statement::parse(envelope.payload()),
    };
    let statement = statement.map_err(|e| Problem::at(number, e.to_string()))?;
    if statement.predicate_type != entry.predicate_type {
        let reason = "its predicate type is not the one in the index";
        return Err(Problem::at(number, reason));
    }
    Ok(Line {
        number,
        digest: digest_of_bytes(line),
        statement,
        envelope,
        origin: entry.origin,
    })
}

fn signed_by<'a>(envelope: &Envelope, keys: &'a [VerifierKey]) -> Option<&'a VerifierKey> {
    keys.iter().find(|key| envelope.is_signed_by(key))
}

fn foreign(line: usize, envelope: &Envelope, keys: &[VerifierKey]) -> Problem {
    let known = keys.iter().any(|key| key.id() == envelope.key_id());
    let reason = if known {
        "the signature does not hold"
    } else {
        "it is not signed by the given key"
    };
    Problem::at(line, reason)
}
