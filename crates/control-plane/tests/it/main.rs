//! Use cases and workers against a real database and behaving fakes: one module per subject, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod access;
mod access_events;
mod access_rules;
mod against_live;
mod agent_cards;
mod anchors;
mod approval_ends;
mod approval_rules;
mod approvals;
mod attestations;
mod audit;
mod automatic;
mod baseline;
mod bindings;
mod break_glass;
mod catalogue;
mod cleanup;
mod concurrency;
mod contract;
mod controls;
mod deliveries;
mod detections;
mod directories;
mod drift;
mod driver;
mod duties;
mod elevations;
mod engines;
mod explorer;
mod external_results;
mod faults;
mod find;
mod findings;
mod full_disk;
mod gates;
mod group_commit;
mod history;
mod identities;
mod incidents;
mod issues;
mod kills;
mod labels;
mod machine;
mod manifest;
mod meanings;
mod notifications;
mod notifications_kills;
mod online;
mod overview;
mod owners;
mod packages;
mod pages;
mod passkeys;
mod performance;
mod policies;
mod policy_effective;
mod policy_rules;
mod providers;
mod pushes;
mod reach;
mod readiness;
mod refusals;
mod registry;
mod retention;
mod reviews;
mod roles;
mod rollbacks;
mod saved_views;
mod secrets;
mod segregation;
mod service_accounts;
mod signing_keys;
mod stand_ins;
mod suites;
mod support;
mod suspensions;
mod tampering;
mod teams;
mod told;
mod waivers;
mod walk;
mod witnesses;
