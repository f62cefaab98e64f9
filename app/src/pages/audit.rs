//! The audit trail and one event.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    view! { <h1>"AuditPage"</h1> }
}

/// Not written yet.
#[component]
pub(crate) fn EventPage() -> impl IntoView {
    view! { <h1>"EventPage"</h1> }
}
