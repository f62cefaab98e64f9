//! The first run.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn FirstRunPage() -> impl IntoView {
    view! { <h1>"FirstRunPage"</h1> }
}
