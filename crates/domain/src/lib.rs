//! The words, states and rules of Clearance.
//!
//! Everything here is pure: no clock, no randomness, no network, no database. Time and ids come in as arguments,
//! so the same rule gives the same answer on the server, in the browser and in the offline verifier.

mod state;

pub mod access;
pub mod access_event;
pub mod actor;
pub mod agent;
pub mod agent_card;
pub mod approval;
pub mod authz;
pub mod binding;
pub mod break_glass;
pub mod comparison;
pub mod config_bundle;
pub mod connection;
pub mod controls;
pub mod delivery;
pub mod deployment;
pub mod detection;
pub mod drift;
pub mod elevation;
pub mod engine;
pub mod environment;
pub mod error;
pub mod event;
pub mod find;
pub mod finding;
pub mod form;
pub mod gate;
pub mod history;
pub mod id;
pub mod identity;
pub mod incident;
pub mod key_rotation;
pub mod ledger;
pub mod lines;
pub mod manifest;
pub mod name;
pub mod notification;
pub mod online;
pub mod package;
pub mod passkey;
pub mod performance;
pub mod policy;
pub mod reach;
pub mod registry;
pub mod review;
pub mod rollback;
pub mod runtime;
pub mod search;
pub mod segregation;
pub mod service_account;
pub mod sign_in;
pub mod signing_key;
pub mod suspension;
pub mod text;
pub mod tone;
pub mod version;
pub mod view;
pub mod waiver;

#[cfg(feature = "formats")]
pub mod canonical;
#[cfg(feature = "formats")]
pub mod directory;
#[cfg(feature = "formats")]
mod yaml;
