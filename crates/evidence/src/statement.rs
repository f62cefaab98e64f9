//! in-toto Statement v1: which things, and what is said of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::to_canonical;

/// `_type` of every statement.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// Digests of one thing, by algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DigestSet {
    /// SHA-256, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Id of a git commit, hex.
    #[serde(default, rename = "gitCommit", skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
}

impl DigestSet {
    /// Of a digest with or without `sha256:` before it.
    #[must_use]
    pub fn sha256(digest: &str) -> Self {
        Self {
            sha256: Some(digest.trim_start_matches("sha256:").to_owned()),
            git_commit: None,
        }
    }

    fn commit(id: &str) -> Self {
        Self {
            sha256: None,
            git_commit: Some(id.to_owned()),
        }
    }
}

/// One thing that a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    pub digest: DigestSet,
}

/// What every statement of ours is about, so that no result can be shown for another build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subjects {
    /// Id of the git commit, hex.
    pub commit: String,
    /// Digest of the image's manifest.
    pub image: String,
    /// Digest of the config bundle.
    pub config_bundle: String,
}

impl Subjects {
    fn list(&self) -> Vec<Subject> {
        let subject = |name: &str, digest| Subject {
            name: name.to_owned(),
            digest,
        };
        vec![
            subject("commit", DigestSet::commit(&self.commit)),
            subject("image", DigestSet::sha256(&self.image)),
            subject("config-bundle", DigestSet::sha256(&self.config_bundle)),
        ]
    }

    /// The subjects of a statement of ours; `None` where it does not name exactly these three.
    #[must_use]
    pub fn of(statement: &Statement) -> Option<Self> {
        let digest = |name: &str| {
            let mut all = statement.subject.iter();
            all.find(|one| one.name == name).map(|one| &one.digest)
        };
        let found = Self {
            commit: digest("commit")?.git_commit.clone()?,
            image: digest("image")?.sha256.clone()?,
            config_bundle: digest("config-bundle")?.sha256.clone()?,
        };
        (found.list() == statement.subject).then_some(found)
    }

    /// Is exactly this the list, in whichever order and under whichever names?
    #[must_use]
    pub fn are(&self, found: &[Subject]) -> bool {
        let own = self.list();
        found.len() == own.len()
            && own
                .iter()
                .all(|one| found.iter().any(|other| other.digest == one.digest))
    }
}

/// Why bytes are no statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not JSON, or not the fields of a statement.
    #[error("it is no in-toto statement")]
    Malformed,
    /// A `_type` other than Statement v1.
    #[error("it is no in-toto statement of version 1")]
    Version,
    /// The same content in another spelling.
    #[error("its statement is not canonical JSON")]
    Spelling,
}

/// A statement: subjects and a predicate of a type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    pub subject: Vec<Subject>,
    pub predicate_type: String,
    pub predicate: Value,
}

impl Statement {
    /// A statement about the three subjects.
    #[must_use]
    pub fn new(subjects: &Subjects, predicate_type: &str, predicate: Value) -> Self {
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject: subjects.list(),
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// The bytes that are signed: canonical JSON.
    ///
    /// # Errors
    /// As [`to_canonical`].
    pub fn bytes(&self) -> Result<Vec<u8>, crate::CanonicalError> {
        to_canonical(self).map(String::into_bytes)
    }

    /// Reads a statement in any spelling.
    ///
    /// # Errors
    /// [`StatementError::Malformed`] or [`StatementError::Version`].
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        let statement: Self =
            serde_json::from_slice(bytes).map_err(|_| StatementError::Malformed)?;
        if statement.kind == STATEMENT_TYPE {
            Ok(statement)
        } else {
            Err(StatementError::Version)
        }
    }

    /// Reads a statement in the one spelling that [`Statement::bytes`] gives, without a field that it does not know.
    ///
    /// # Errors
    /// As [`Statement::parse`]; [`StatementError::Spelling`].
    pub fn parse_canonical(bytes: &[u8]) -> Result<Self, StatementError> {
        let statement = Self::parse(bytes)?;
        let again = statement.bytes().map_err(|_| StatementError::Malformed)?;
        if again == bytes {
            Ok(statement)
        } else {
            Err(StatementError::Spelling)
        }
    }
}
