//! The leaf: one event as canonical JSON (RFC 8785), and the row of columns that pages show of it.
//!
//! The bytes of a leaf are made once, stored, and never re-serialised: everything else is recomputed from them. So parsing
//! accepts only the exact bytes that [`LeafEvent::to_bytes`] would make. The type stands alone: exports of years ago must
//! stay readable whatever happens to the domain's types.

mod row;
mod scan;
mod text;

pub use row::{Row, projection};
pub(crate) use scan::ScannedLeaf;
pub use text::{fit_line, fit_text};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::leaf::MAX_LEAF_BYTES;
use text::{Rule, check, check_detail_key, is_time};

/// The version of the leaf format that this crate writes and reads.
pub const LEAF_VERSION: u8 = 1;
/// The largest number that canonical JSON keeps exact.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;
/// Longest identifier: ids, kinds, slugs, digests, request ids, in bytes.
pub const MAX_ID_BYTES: usize = 255;
/// Longest name of an actor, in bytes.
pub const MAX_NAME_BYTES: usize = 255;
/// Longest action, in bytes.
pub const MAX_ACTION_BYTES: usize = 100;
/// Longest reason, in bytes.
pub const MAX_REASON_BYTES: usize = 4_096;
/// Longest value in `detail`, in bytes.
pub const MAX_DETAIL_BYTES: usize = 8_192;
/// Most entries in `detail`.
pub const MAX_DETAIL_ENTRIES: usize = 64;

/// One fact of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafEvent {
    /// The format version, [`LEAF_VERSION`].
    pub v: u8,
    /// The event's own id, unique in the log.
    pub id: String,
    /// When it happened: RFC 3339 in UTC with exactly six fractional digits, `2026-01-31T09:05:00.000000Z`.
    pub time: String,
    /// Who did it.
    pub actor: LeafActor,
    /// What was done, `approval.decide` for instance.
    pub action: String,
    /// What it was done to.
    pub object: LeafObject,
    /// The slug of the agent concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The number of the deployment concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<u64>,
    /// The digest of what was decided on, a manifest digest for instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_digest: Option<String>,
    /// Whether it was done or refused.
    pub outcome: Outcome,
    /// The reason a person gave, or why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The request or activation in which it happened.
    pub request_id: String,
    /// Anything else worth proving, as text. Keys are lower-case identifiers. Never a secret.
    pub detail: BTreeMap<String, String>,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafActor {
    /// The kind of principal, `person` or `worker` for instance.
    pub kind: String,
    /// The principal's stable id.
    pub id: String,
    /// The name at the time; it may be empty.
    pub name: String,
}

/// What was acted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafObject {
    /// The kind of thing, `deployment` for instance.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Whether the act took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It took effect.
    Done,
    /// It was refused and changed nothing.
    Refused,
}

impl Outcome {
    /// The word used in leaves and rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// Why something is not a leaf.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// Longer than an entry bundle can carry.
    #[error(
        "the leaf has {bytes} bytes, the limit is {MAX_LEAF_BYTES}: log a digest instead of the large value"
    )]
    TooLarge {
        /// The length that was offered.
        bytes: usize,
    },
    /// Not a JSON object with the fields of an event.
    #[error("the leaf is not an event in JSON")]
    NotAnEvent(#[source] serde_json::Error),
    /// An event, but not in the one spelling that counts.
    #[error("the leaf is not in canonical form")]
    NotCanonical,
    /// An event of a format version that this program does not know.
    #[error("leaf format version {version} is unknown: use a newer verifier")]
    Version {
        /// The version in the leaf.
        version: u8,
    },
    /// A field breaks its rule.
    #[error("field {field} {problem}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl LeafEvent {
    /// The canonical bytes: what is hashed and stored.
    ///
    /// # Errors
    /// [`LeafError::Field`] for a field that breaks its rule ([`fit_text`] and [`fit_line`] make foreign text fit),
    /// [`LeafError::Version`], [`LeafError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, LeafError> {
        self.check()?;
        let bytes = serde_json_canonicalizer::to_vec(self).map_err(LeafError::NotAnEvent)?;
        if bytes.len() > MAX_LEAF_BYTES {
            return Err(LeafError::TooLarge { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads a leaf. Only the exact bytes of [`LeafEvent::to_bytes`] are accepted.
    ///
    /// # Errors
    /// [`LeafError`] says what is wrong with the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > MAX_LEAF_BYTES {
            return Err(LeafError::TooLarge { bytes: bytes.len() });
        }
        let event: Self = serde_json::from_slice(bytes).map_err(LeafError::NotAnEvent)?;
        if event.to_bytes()? != bytes {
            return Err(LeafError::NotCanonical);
        }
        Ok(event)
    }

    fn check(&self) -> Result<(), LeafError> {
        if self.v != LEAF_VERSION {
            return Err(LeafError::Version { version: self.v });
        }
        if !is_time(&self.time) {
            let problem = "is not a UTC time with six fractional digits";
            return Err(LeafError::Field {
                field: "time",
                problem,
            });
        }
        check("id", &self.id, Rule::Id(MAX_ID_BYTES))?;
        check("actor.kind", &self.actor.kind, Rule::Id(MAX_ID_BYTES))?;
        check("actor.id", &self.actor.id, Rule::Id(MAX_ID_BYTES))?;
        check("actor.name", &self.actor.name, Rule::Line(MAX_NAME_BYTES))?;
        check("action", &self.action, Rule::Id(MAX_ACTION_BYTES))?;
        check("object.type", &self.object.kind, Rule::Id(MAX_ID_BYTES))?;
        check("object.id", &self.object.id, Rule::Id(MAX_ID_BYTES))?;
        check("request_id", &self.request_id, Rule::Id(MAX_ID_BYTES))?;
        if let Some(agent) = &self.agent {
            check("agent", agent, Rule::Id(MAX_ID_BYTES))?;
        }
        if let Some(digest) = &self.subject_digest {
            check("subject_digest", digest, Rule::Id(MAX_ID_BYTES))?;
        }
        if let Some(reason) = &self.reason {
            check("reason", reason, Rule::Text(MAX_REASON_BYTES))?;
        }
        if self.deployment.is_some_and(|number| number > MAX_NUMBER) {
            let problem = "is beyond the largest exact JSON number";
            return Err(LeafError::Field {
                field: "deployment",
                problem,
            });
        }
        self.check_detail()
    }

    fn check_detail(&self) -> Result<(), LeafError> {
        if self.detail.len() > MAX_DETAIL_ENTRIES {
            let problem = "has more than 64 entries";
            return Err(LeafError::Field {
                field: "detail",
                problem,
            });
        }
        for (key, value) in &self.detail {
            check_detail_key(key)?;
            check("detail", value, Rule::Text(MAX_DETAIL_BYTES))?;
        }
        Ok(())
    }
}
