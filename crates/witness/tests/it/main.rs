//! The witness from outside: over HTTP, as a program, and killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod program;
mod protocol;
mod support;
