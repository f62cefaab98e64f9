//! The audit log from outside: trees, notes, tiles, events, proofs, exports, and the second verifier.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod add_checkpoint;
mod checkpoint;
mod cosignature;
mod event;
mod export;
mod modes;
mod proof;
mod python;
mod signer;
mod support;
mod tamper;
mod tampering;
mod tile;
mod tree;
