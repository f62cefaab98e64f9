//! The rules, written down a second time: one module per noun, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod access;
mod access_event;
mod against_live;
mod agent_card;
mod agent_manifest;
mod approval;
mod authz;
mod canonical;
mod comparison;
mod config_bundle;
mod controls;
mod delivery;
mod drift;
mod emergency;
mod external_results;
mod form;
mod notification;
mod package;
mod policy;
mod policy_access;
mod policy_asking;
mod policy_overrides;
mod reach;
mod release_manifest;
mod rollback;
mod segregation;
mod signing_keys;
mod text;
mod transitions;
mod version;
