//! Real tables, which scroll inside their own group and never the page.

use std::borrow::Cow;

use leptos::prelude::*;

/// A table with its caption and column heads; children are the rows.
#[component]
pub(crate) fn Table(
    #[prop(into)] caption: String,
    /// A head that begins with `#` is of a column of numbers. An empty one is of a column of actions.
    #[prop(into)]
    heads: Cow<'static, [&'static str]>,
    /// Show the caption; else it is for assistive technology, because a heading above says the same.
    #[prop(optional)]
    shown: bool,
    /// More classes: `tbl--dense`, `tbl--top`, `tbl--stack`, `lin`.
    #[prop(optional)]
    class: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let heads: Vec<_> = heads
        .iter()
        .map(|head| match head.strip_prefix('#') {
            Some(text) => view! { <th scope="col" class="num">{text}</th> }.into_any(),
            None if head.is_empty() => {
                view! { <th scope="col"><span class="vh">"Action"</span></th> }.into_any()
            }
            None => view! { <th scope="col">{*head}</th> }.into_any(),
        })
        .collect();
    let label = caption.clone();
    view! {
        <div class="scroll" role="group" aria-label=label tabindex="0">
            <table class=format!("tbl {}", class.unwrap_or_default())>
                <caption class=if shown { "" } else { "vh" }>{caption}</caption>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
