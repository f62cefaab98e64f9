//! The evaluation report.

use leptos::prelude::*;

/// Not written yet.
#[component]
pub(crate) fn EvaluationPage() -> impl IntoView {
    view! { <h1>"EvaluationPage"</h1> }
}
