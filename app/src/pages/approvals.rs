//! The approvals inbox and one approval.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn ApprovalsPage() -> impl IntoView {
    view! { <h1>"ApprovalsPage"</h1> }
}

/// Not written yet.
#[component]
pub(crate) fn ApprovalPage() -> impl IntoView {
    view! { <h1>"ApprovalPage"</h1> }
}
