//! The local runtime with real processes: small Python agents under the crate's own supervisor program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod bench;
mod containment;
mod contract;
mod life;
mod supervision;
mod survival;
