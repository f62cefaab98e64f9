//! Read models: what the pages and the API show. Each is plain data, complete, without another query.

pub mod agent;
pub mod approval;
pub mod audit;
pub mod break_glass;
pub mod comparison;
pub mod connection;
pub mod deployment;
pub mod diff;
pub mod elevation;
pub mod engine;
pub mod evaluation;
pub mod finding;
pub mod group;
pub mod identity;
pub mod incident;
pub mod notification;
pub mod online;
pub mod overview;
pub mod page;
pub mod policy;
pub mod rollback;
pub mod session;
pub mod sign_in;
pub mod signing_key;
pub mod suite;
pub mod waiver;
