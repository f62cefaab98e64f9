//! What the builder and the store promise, tried from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    reason = "tests"
)]

mod build;
mod crash;
mod fixture;
mod hostile_layer;
mod hostile_source;
mod pip;
mod store;
