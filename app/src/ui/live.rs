//! The mark by which the browser knows what a page shows, and when to bring it up to date.

use leptos::prelude::*;

/// Names what the page shows: words of the stream of events, whole topics such as `approval` or single things such as
/// `deployment:12`.
#[component]
pub(crate) fn Live(
    #[prop(into)] on: String,
    /// What is decided here. When it changes the page is not brought up to date: the reader must read it anew.
    #[prop(optional, into)]
    pin: Option<String>,
) -> impl IntoView {
    view! { <div id="live" hidden data-on=on data-pin=pin></div> }
}
