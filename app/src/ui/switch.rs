//! How somebody likes their pages: one of a few, as a plain form. The server keeps it in a cookie and comes back.

use leptos::prelude::*;

/// Buttons beside each other, of which one is pressed.
#[component]
pub(crate) fn Switch(
    action: &'static str,
    /// Of the field that holds the word.
    name: &'static str,
    label: &'static str,
    /// Word and label of each.
    choices: Vec<(&'static str, &'static str)>,
    /// The word that holds.
    now: &'static str,
) -> impl IntoView {
    let buttons: Vec<_> = choices
        .into_iter()
        .map(|(word, label)| {
            let pressed = if word == now { "true" } else { "false" };
            view! { <button type="submit" name=name value=word aria-pressed=pressed>{label}</button> }
        })
        .collect();
    view! {
        <form class="seg" method="post" action=action aria-label=label>
            {buttons}
        </form>
    }
}
