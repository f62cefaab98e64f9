//! A bundle: the evidence of one deployment in one file. JSON Lines of envelopes; the first is an index, signed like the
//! others, that lists the digest of each line after it.

mod consistency;
pub(crate) mod verify;

use audit_log::CheckpointKey;
use domain::environment::Environment;
use domain::gate::Gate;
use serde::{Deserialize, Serialize};

use crate::canonical::{CanonicalError, digest_of_bytes, to_value};
use crate::dsse::Envelope;
use crate::statement::{DigestSet, Statement, Subjects};

/// Predicate type of the index.
pub const INDEX_TYPE: &str = "urn:clearance:attestation:evidence-index/v1";

/// Who signed a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// This installation.
    Clearance,
    /// A signer that the policy trusts. A gate's statement names its key.
    External,
}

/// One line of the bundle after the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndexEntry {
    /// SHA-256 of the line, without its end.
    pub digest: DigestSet,
    pub predicate_type: String,
    pub origin: Origin,
}

/// Something that the bundle cannot show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    pub gate: Gate,
    /// SHA-256 of the report. What came to be before statements were signed is kept all the same.
    pub report: DigestSet,
    pub why: String,
}

/// What the bundle is about, and all that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    pub deployment: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    pub entries: Vec<IndexEntry>,
    /// Gate runs of this deployment that have no statement.
    pub missing: Vec<Missing>,
}

/// A line that goes into a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    pub line: String,
    pub predicate_type: String,
    pub origin: Origin,
}

impl Attested {
    /// Signs a statement.
    ///
    /// # Errors
    /// As [`crate::to_canonical`].
    pub fn sign(key: &CheckpointKey, statement: &Statement) -> Result<Self, CanonicalError> {
        Ok(Self {
            line: Envelope::sign(key, statement.bytes()?).line(),
            predicate_type: statement.predicate_type.clone(),
            origin: Origin::Clearance,
        })
    }

    /// SHA-256 of the line, hex: its address.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of_bytes(self.line.as_bytes())
    }
}

/// Writes a bundle. The same content gives the same bytes: signatures take no randomness, and no time is in it.
///
/// # Errors
/// As [`crate::to_canonical`].
pub fn write(
    key: &CheckpointKey,
    subjects: &Subjects,
    mut index: Index,
    lines: &[Attested],
) -> Result<Vec<u8>, CanonicalError> {
    index.entries = lines
        .iter()
        .map(|line| IndexEntry {
            digest: DigestSet::sha256(&line.digest()),
            predicate_type: line.predicate_type.clone(),
            origin: line.origin,
        })
        .collect();
    let statement = Statement::new(subjects, INDEX_TYPE, to_value(&index)?);
    let mut bytes = Attested::sign(key, &statement)?.line.into_bytes();
    bytes.push(b'\n');
    for line in lines {
        bytes.extend_from_slice(line.line.as_bytes());
        bytes.push(b'\n');
    }
    Ok(bytes)
}
