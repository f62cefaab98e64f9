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
    pub public_key: String,
    pub valid: bool,
}

/// A page of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trail {
    pub rows: Vec<AuditRow>,
    pub next: Option<String>,
    pub chain: ChainState,
    pub public_key: String,
}
