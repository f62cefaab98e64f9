//! The overview.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    view! { <h1>"OverviewPage"</h1> }
}
