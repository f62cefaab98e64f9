//! Boxes with a title row, and sections without a box. Never a panel inside a panel.

use leptos::prelude::*;

/// A hairline box. Children bring their own padding (`.panel__b`), a table or a list.
#[component]
pub(crate) fn Panel(
    #[prop(into)] title: String,
    /// Unique on the page.
    id: &'static str,
    /// Muted, beside the title.
    #[prop(optional, into)]
    note: Option<String>,
    /// At the end of the title row: usually a link.
    #[prop(optional)]
    more: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-h");
    view! {
        <section class="panel" id=id aria-labelledby=heading>
            <div class="panel__h">
                <h2 id=heading.clone()>{title}</h2>
                {note.map(|text| view! { <span class="muted">{text}</span> })}
                {more.map(|more| view! { <span class="more">{more}</span> })}
            </div>
            {children()}
        </section>
    }
}

/// A heading with a line of notes above unboxed content.
#[component]
pub(crate) fn Section(
    #[prop(into)] title: String,
    id: &'static str,
    #[prop(optional, into)] note: Option<String>,
    #[prop(optional)] more: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-h");
    view! {
        <section id=id aria-labelledby=heading>
            <div class="sec">
                <h2 id=heading.clone()>{title}</h2>
                {note.map(|text| view! { <span class="muted">{text}</span> })}
                {more.map(|more| view! { <span class="more">{more}</span> })}
            </div>
            {children()}
        </section>
    }
}
