//! Deployments.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    view! { <h1>"DeploymentsPage"</h1> }
}

/// Not written yet.
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {
    view! { <h1>"DeploymentPage"</h1> }
}
