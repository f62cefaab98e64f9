//! Nothing here: why, and the one next step.

use leptos::prelude::*;

use super::icon::Icon;

/// An empty list.
#[component]
pub(crate) fn Empty(
    icon: &'static str,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon/>
            <p class="strong">{title}</p>
            {children()}
        </div>
    }
}
