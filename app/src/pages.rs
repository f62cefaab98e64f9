//! The pages. A page component owns its data; what is below it takes values.

pub(crate) mod access;
pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod connections;
pub(crate) mod deployments;
pub(crate) mod elevations;
pub(crate) mod engines;
pub(crate) mod evaluation;
pub(crate) mod findings;
pub(crate) mod first_run;
pub(crate) mod identities;
pub(crate) mod incidents;
pub(crate) mod not_found;
pub(crate) mod notifications;
pub(crate) mod online;
pub(crate) mod overview;
pub(crate) mod passkey;
pub(crate) mod policies;
pub(crate) mod post_reviews;
pub(crate) mod reach;
pub(crate) mod resources;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod suites;
pub(crate) mod waivers;
