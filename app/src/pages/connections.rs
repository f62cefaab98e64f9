//! Connections to git hosts.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn ConnectionsPage() -> impl IntoView {
    view! { <h1>"ConnectionsPage"</h1> }
}
