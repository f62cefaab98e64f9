//! An icon beside its word.

use leptos::prelude::*;

pub(crate) use crate::icon::Icon;

/// An icon and its word.
#[component]
pub(crate) fn IconText(name: &'static str, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <span class="it">
            <Icon name=name small=true/>
            {text}
        </span>
    }
}
