//! Settings.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    view! { <h1>"SettingsPage"</h1> }
}
