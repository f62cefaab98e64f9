//! What changes between the live version and the proposed one.

use serde::{Deserialize, Serialize};

use crate::state::words;

words! {
    /// How a part differs.
    ChangeKind as "change kind" {
        Added = "added",
        Removed = "removed",
        Changed = "changed",
    }
}

impl ChangeKind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Removed => "Removed",
            Self::Changed => "Changed",
        }
    }
}

/// One difference in configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// `Scope`, `Tool`, `MCP server`, `Model`, `Prompt`, `Secret reference`, `Setting`, `Binding`, `Card security`,
    /// `Card address`, `Card skill`, `Card`.
    pub part: String,
    pub name: String,
    pub kind: ChangeKind,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One commit between the live version and the proposed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommitLine {
    pub commit: String,
    pub author: String,
    pub subject: String,
}

/// One file that differs between the two commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileChange {
    pub path: String,
    pub kind: ChangeKind,
    pub added_lines: u32,
    pub removed_lines: u32,
}

/// Everything that would change, against what runs now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionDiff {
    /// Live version number; `None` when nothing is live yet.
    pub live_version: Option<String>,
    pub live_number: Option<i64>,
    pub proposed_version: String,
    pub added_scopes: Vec<String>,
    pub removed_scopes: Vec<String>,
    pub kept_scopes: Vec<String>,
    /// Riskiest first.
    pub config: Vec<Change>,
    pub live_commit: Option<String>,
    pub proposed_commit: String,
    /// Newest first, at most 50.
    pub commits: Vec<CommitLine>,
    /// At most 200.
    pub files: Vec<FileChange>,
    pub live_image: Option<String>,
    pub proposed_image: String,
    /// Packages that came, went or changed: name, before, after.
    pub packages: Vec<Change>,
}
