//! Icons from the sprite, for pages and islands alike. Decoration beside a word: never the only name of a thing.

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
