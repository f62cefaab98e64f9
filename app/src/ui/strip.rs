//! The identity of a deployment in one line, and key-value lists.

use leptos::prelude::*;

/// Always the same cells in the same order: commit, config, image, manifest, target, replaces.
#[component]
pub(crate) fn Strip(cells: Vec<(&'static str, AnyView)>) -> impl IntoView {
    let cells: Vec<_> = cells
        .into_iter()
        .map(|(term, value)| {
            view! {
                <div>
                    <dt>{term}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect();
    view! { <dl class="strip">{cells}</dl> }
}

/// A key-value list.
#[component]
pub(crate) fn Facts(rows: Vec<(&'static str, AnyView)>) -> impl IntoView {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(term, value)| {
            view! {
                <dt>{term}</dt>
                <dd>{value}</dd>
            }
        })
        .collect();
    view! { <dl class="kv">{rows}</dl> }
}
