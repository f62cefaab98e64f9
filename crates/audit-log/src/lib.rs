//! The tamper-evident log: an RFC 6962 Merkle tree in C2SP tlog-tiles form, signed checkpoints, proofs, and the
//! offline verifier.
//!
//! This crate owns the bytes: how an event becomes a leaf, how leaves become a tree, how a tree head is signed, how
//! all of it is exported, and how somebody who does not trust us checks it. It refuses to own storage, time and
//! randomness: hashes are handed in as maps, times as text and keys as bytes, so that the same code runs in the server,
//! in the verifier and in the browser. Only [`bundle`] and [`heads`] touch files.
//!
//! The formats are described in `docs/audit-log-format.md`; `tools/audit-verify/verify.py` is a second verifier written
//! from that description.

pub mod add_checkpoint;
pub mod append;
pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
mod dsse;
pub mod event;
pub mod frontier;
pub mod hash;
pub mod heads;
pub mod leaf;
pub mod proof;
pub mod signer;
pub mod statement;
pub mod tile;

mod error;
mod number;

pub use add_checkpoint::{AddCheckpoint, MAX_REQUEST_BYTES, SIZE_TYPE};
pub use append::{
    MAX_TREE_SIZE, indexes_for_append, indexes_for_consistency, indexes_for_inclusion,
    indexes_for_root, prove_consistency, prove_inclusion, root, stored_hash_count, stored_hashes,
    verify_consistency, verify_inclusion,
};
pub use bundle::{
    Evidence, ExportError, ExportItem, ExportSummary, ExportWriter, ProvenEvent, Subject,
    Tampering, VerifyError, VerifyOptions, VerifyReport, consistency_from_tiles, proof_from_tiles,
    read_bundle, report_export, verify_export, verify_export_with, verify_rows, write_export,
};
pub use checkpoint::{Checkpoint, CheckpointError, CheckpointKey, KeyError, VerifierKey, open};
pub use cosignature::{
    Cosignature, WitnessError, WitnessKey, WitnessPolicy, WitnessPolicyError, WitnessVerifierKey,
    attach,
};
pub use error::LogError;
pub use event::{
    LeafActor, LeafError, LeafEvent, LeafObject, Outcome, Row, fit_line, fit_text, projection,
};
pub use frontier::Frontier;
pub use hash::{Hash, HashError};
pub use heads::{HeadsError, HeadsFile};
pub use leaf::{MAX_LEAF_BYTES, checked_leaf_hash, leaf_hash};
pub use proof::{
    InclusionProof, ProofError, ProvenLeaf, parse_hash_lines, verify_proof, verify_proof_with,
};
pub use signer::{Signer, SignerError};
pub use statement::{sign_digest, verify_digest};
pub use tile::{TileBuilder, TileError, TileKind, TilePath};
