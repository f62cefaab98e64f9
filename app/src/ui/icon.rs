//! Icons from the sprite. Decoration beside a word: never the only name of a thing.

use leptos::prelude::*;

/// One drawing, hidden from assistive technology.
#[component]
pub(crate) fn Icon(
    name: &'static str,
    /// 14 px, inside small controls.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let class = match (name, small) {
        ("loader-circle", _) => "i i--spin",
        (_, true) => "i i--14",
        (_, false) => "i",
    };
    view! {
        <svg class=class aria-hidden="true">
            <use_ href=format!("/icons.svg#i-{name}")></use_>
        </svg>
    }
}

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
