//! The audit trail: rows, one event, and its proof.

use serde::{Deserialize, Serialize};

use super::session::ChainState;

/// One row of the trail: the projection of a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditRow {
    pub index: u64,
    /// RFC 3339, microseconds.
    pub time: String,
    pub actor_kind: String,
    pub actor: String,
    /// Word of [`crate::event::AuditAction`].
    pub action: String,
    pub object_type: String,
    pub object_id: String,
    pub agent: Option<String>,
    pub deployment: Option<i64>,
    /// `done` or `refused`.
    pub outcome: String,
}

/// One event with its exact bytes and proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditDetail {
    pub row: AuditRow,
    /// The leaf's exact bytes, which are canonical JSON.
    pub leaf: String,
    pub leaf_hash: String,
    pub reason: Option<String>,
    pub request_id: Option<String>,
    pub detail: Vec<(String, String)>,
    /// `None` while no checkpoint covers it yet: "Included, not signed yet".
    pub proof: Option<ProofView>,
}

/// An inclusion proof, already checked on the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofView {
    pub tree_size: u64,
    pub root: String,
    /// Hex hashes from the leaf to the root.
    pub path: Vec<String>,
    /// The signed checkpoint's text.
    pub checkpoint: String,
    /// Index, path and checkpoint as a C2SP tlog-proof file.
    pub file: String,
    pub public_key: String,
    pub valid: bool,
    /// The witnesses that have seen this checkpoint.
    pub seen: Vec<Seen>,
    /// How many are needed; `None` where no witness is asked.
    pub witnessing: Option<WitnessQuorum>,
}

impl ProofView {
    /// Enough witnesses have seen its checkpoint.
    #[must_use]
    pub fn is_witnessed(&self) -> bool {
        self.witnessing
            .is_some_and(|asked| self.seen.len() >= asked.quorum)
    }
}

/// What a witness said of a checkpoint, verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Seen {
    /// Name of the witness's key.
    pub name: String,
    /// RFC 3339, by the witness's own clock.
    pub at: Option<String>,
}

/// How many of how many witnesses it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WitnessQuorum {
    pub quorum: usize,
    pub witnesses: usize,
}

/// Somebody outside who keeps heads of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Keeper {
    pub kind: KeeperKind,
    pub name: String,
    /// A witness's public key, for whoever verifies.
    pub public_key: Option<String>,
    /// Size of the head that it keeps; 0 before the first.
    pub size: u64,
    /// When it got it, RFC 3339.
    pub at: Option<String>,
    /// Under which name it keeps it: a commit.
    pub kept_as: Option<String>,
    /// What stood in the way at the last try.
    pub trouble: Option<String>,
}

/// What kind of keeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeeperKind {
    Witness,
    Git,
    Mail,
}

impl KeeperKind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Witness => "Witness",
            Self::Git => "Git repository",
            Self::Mail => "E-mail",
        }
    }
}

/// A page of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trail {
    pub rows: Vec<AuditRow>,
    pub next: Option<String>,
    /// The event down to which this page looked, where it found too few: a page does not look at more than so many events. What is
    /// older is on the next one.
    pub looked_to: Option<u64>,
    /// Names of the filters that nothing fits even alone, where nothing was found.
    pub excluded: Vec<String>,
    pub chain: ChainState,
    /// Who outside keeps the log's heads.
    pub keepers: Vec<Keeper>,
    pub public_key: String,
}

/// Lines of the trail to be taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrailLines {
    /// Newest first.
    pub rows: Vec<AuditRow>,
    /// Pass as `cursor` for those after these; none at the end.
    pub next: Option<String>,
}
