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

use leptos::prelude::*;

pub(crate) use card::CardPage;
pub(crate) use compare::ComparePage;
pub(crate) use detail::AgentPage;
pub(crate) use list::AgentsPage;
pub(crate) use onboard::{OnboardPage, SLUG_PATTERN};
pub(crate) use setup::SetupPage;
pub(crate) use similar::SimilarPage;
pub(crate) use table::live_version;
pub(crate) use versions::VersionsPage;

/// What a team names, or that it names nothing.
fn named(all: &[String]) -> AnyView {
    match all {
        [] => view! { <span class="muted">"None named"</span> }.into_any(),
        all => view! { <span class="wrap">{all.join(", ")}</span> }.into_any(),
    }
}
