//! What happened, in order.

use leptos::prelude::*;

/// One entry.
pub(crate) struct TimelineItem {
    pub(crate) title: AnyView,
    pub(crate) detail: Option<String>,
    /// Usually a `<Time/>`.
    pub(crate) at: AnyView,
}

/// Entries in the order given.
#[component]
pub(crate) fn Timeline(items: Vec<TimelineItem>) -> impl IntoView {
    let items: Vec<_> = items
        .into_iter()
        .map(|item| {
            view! {
                <li>
                    <span>{item.title}</span>
                    <span class="r">{item.at}</span>
                    {item.detail.map(|text| view! { <span class="sub">{text}</span> })}
                </li>
            }
        })
        .collect();
    view! { <ol class="rows rows--tight">{items}</ol> }
}
