//! No such page.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! { <h1>"NotFoundPage"</h1> }
}
