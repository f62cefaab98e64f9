//! The registry, onboarding and one agent.

mod compare;
mod detail;
mod filters;
mod list;
mod onboard;
mod setup;
mod similar;
mod versions;

pub(crate) use compare::ComparePage;
pub(crate) use detail::AgentPage;
pub(crate) use list::{AgentsPage, live_version};
pub(crate) use onboard::{OnboardPage, SLUG_PATTERN};
pub(crate) use setup::SetupPage;
pub(crate) use similar::SimilarPage;
pub(crate) use versions::VersionsPage;
