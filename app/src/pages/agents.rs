//! The registry, onboarding and one agent.

mod card;
mod columns;
mod compare;
mod detail;
mod filters;
mod labels;
mod list;
mod onboard;
mod setup;
mod similar;
mod table;
mod versions;

pub(crate) use card::CardPage;
pub(crate) use compare::ComparePage;
pub(crate) use detail::AgentPage;
pub(crate) use list::AgentsPage;
pub(crate) use onboard::{OnboardPage, SLUG_PATTERN};
pub(crate) use setup::SetupPage;
pub(crate) use similar::SimilarPage;
pub(crate) use table::live_version;
pub(crate) use versions::VersionsPage;
