//! Pages by key: there is a next one or there is none, and its cost does not grow.

use leptos::prelude::*;

/// Links to the first and the next page.
#[component]
pub(crate) fn Pager(
    /// Cursor of the next page.
    next: Option<String>,
    /// Address of this list with its filters and without a cursor.
    #[prop(into)]
    here: String,
    /// True if this page was reached with a cursor.
    #[prop(optional)]
    paged: bool,
) -> impl IntoView {
    let mark = if here.contains('?') { '&' } else { '?' };
    let first = paged.then(|| view! { <a class="btn btn--sm" href=here.clone()>"First page"</a> });
    let next = next.map(|cursor| {
        let href = format!("{here}{mark}cursor={}", crate::format::encode(&cursor));
        view! { <a class="btn btn--sm" rel="next" href=href>"Next page"</a> }
    });
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="tfoot" aria-label="Pages">
                {first}
                {next}
            </nav>
        }
    })
}
