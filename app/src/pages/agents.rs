//! The registry, onboarding and one agent.

mod detail;
mod filters;
mod list;
mod onboard;

pub(crate) use detail::AgentPage;
pub(crate) use list::AgentsPage;
pub(crate) use onboard::{OnboardPage, SLUG_PATTERN};
