//! Signing in.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    view! { <h1>"SignInPage"</h1> }
}
