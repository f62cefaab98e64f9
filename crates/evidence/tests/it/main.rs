//! Evidence as somebody meets it who does not trust us: whole bundles, changed in every way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod bundle;
mod export;
mod external;
mod package;
mod statements;
mod support;
