//! The server as its callers see it: the whole router over a database and the built-in adapters, in a folder of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod access;
mod access_events;
mod adapters_embedder;
mod adapters_git;
mod adapters_identity;
mod adapters_images;
mod adapters_notifier;
mod adapters_runtime;
mod adapters_witnesses;
mod agent_cards;
mod api;
mod approvals;
mod authzen;
mod ci_tokens;
mod cli;
mod csrf;
mod explorer;
mod github_sign_in;
mod headers;
mod kill;
mod log;
mod no_js;
mod notifications;
mod oauth;
mod okta;
mod otlp;
mod own_access;
mod packages;
mod passkeys;
mod person_tokens;
mod provider;
mod provider_people;
mod providers;
mod reconcile;
mod recovery;
mod registry;
mod reviews;
mod rpc_coverage;
mod scim;
mod search;
mod session_limits;
mod sessions;
mod setup;
mod sign_in_limits;
mod support;
mod waivers;
mod webhooks;
