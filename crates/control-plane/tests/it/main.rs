//! Use cases and workers against a real database and behaving fakes: one module per subject, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod support;
mod walk;
