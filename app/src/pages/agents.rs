//! The registry, onboarding and one agent.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn AgentsPage() -> impl IntoView {
    view! { <h1>"AgentsPage"</h1> }
}

/// Not written yet.
#[component]
pub(crate) fn OnboardPage() -> impl IntoView {
    view! { <h1>"OnboardPage"</h1> }
}

/// Not written yet.
#[component]
pub(crate) fn AgentPage() -> impl IntoView {
    view! { <h1>"AgentPage"</h1> }
}
