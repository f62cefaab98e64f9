//! The server of Clearance: HTTP, adapters to the outside, and the wiring between them.
//!
//! Decides nothing: rules are in `domain`, acts in `control-plane`. Nothing outside [`adapters`] speaks a vendor's
//! protocol, and nothing outside [`http`] (and the app's server functions) knows a status code.

#![recursion_limit = "512"]

pub mod adapters;
pub mod cli;
pub mod config;
pub mod demo;
pub mod http;
pub mod keys;
pub mod reconcile;
pub mod serve;
pub mod telemetry;
pub mod wiring;

pub use http::{Site, Web, router};
