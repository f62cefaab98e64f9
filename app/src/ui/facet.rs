//! What a list is narrowed to: values to tick, and chips that take a filter away.

use leptos::prelude::*;

use super::icon::Icon;
use crate::format::count;

/// A value to tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What people read.
    pub(crate) label: String,
    pub(crate) ticked: bool,
    /// How many rows the list would have with it, where that is known.
    pub(crate) rows: Option<u64>,
}

/// The values of one filter, each to be ticked.
#[component]
pub(crate) fn Facet(
    /// Each ticked value is sent under it.
    name: &'static str,
    #[prop(into)] legend: String,
    choices: Vec<Choice>,
    /// The id of the form that sends it, where it stands in none.
    #[prop(optional)]
    form: Option<&'static str>,
    /// How many are shown at once; the rest is behind "more".
    #[prop(default = usize::MAX)]
    shown: usize,
) -> impl IntoView {
    let mut all = choices;
    let rest = (all.len() > shown).then(|| all.split_off(shown));
    let tick = move |choice: Choice| {
        let rows = choice
            .rows
            .map(|rows| view! { <span class="n">{count(rows)}</span> });
        view! {
            <label class="check">
                <input type="checkbox" form=form name=name value=choice.value checked=choice.ticked/>
                <span>{choice.label}</span>
                {rows}
            </label>
        }
    };
    let rest = rest.map(|rest| {
        let label = format!("{} more", rest.len());
        let boxes: Vec<_> = rest.into_iter().map(tick).collect();
        view! {
            <details class="more" id=format!("more-{name}")>
                <summary>{label}</summary>
                {boxes}
            </details>
        }
    });
    let boxes: Vec<_> = all.into_iter().map(tick).collect();
    view! {
        <fieldset class="facet">
            <legend>{legend}</legend>
            {boxes}
            {rest}
        </fieldset>
    }
}

/// A filter that is in force, as an item of a list, with the way to take it away.
#[component]
pub(crate) fn Chip(
    #[prop(into)] label: String,
    #[prop(into)] shown: String,
    /// The list without it.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    let takes = format!("Take away: {label} is {shown}");
    view! {
        <li class="filter">
            {label} " is " <b>{shown}</b>
            <a href=href aria-label=takes>
                <Icon name="x" small=true/>
            </a>
        </li>
    }
}
