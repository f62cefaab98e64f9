//! The head of a page: its one h1, the sentence under it, and what can be done.

use leptos::prelude::*;
use leptos_meta::Title;

/// Title of page and document. At most two boxed statuses; danger left of primary.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    #[prop(optional)] badges: Option<AnyView>,
    /// One sentence with who, when, what is at stake.
    #[prop(optional)]
    sub: Option<AnyView>,
    #[prop(optional)] actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <div class="head">
            <div class="head__t">
                <div class="head__line">
                    <h1>{title}</h1>
                    {badges}
                </div>
                {sub.map(|sub| view! { <p class="head__sub">{sub}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="head__act">{actions}</div> })}
        </div>
    }
}
