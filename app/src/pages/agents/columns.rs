//! How the registry's table looks: which columns it has, and how close its rows are.

use domain::form::query::{AgentQuery, Column};
use domain::view::session::Density;
use leptos::prelude::*;

use crate::session::density_of_request;
use crate::ui::facet::{Choice, Facet as Choices};
use crate::ui::switch::Switch;

/// Both, closed until somebody wants them. The columns are in the address, and so in a saved view; the density is of the browser.
pub(super) fn choose(query: &AgentQuery) -> AnyView {
    let shown = query.columns();
    let all: Vec<Choice> = Column::ALL
        .iter()
        .map(|column| Choice {
            value: column.as_str().to_owned(),
            label: column.label().to_owned(),
            ticked: shown.contains(column),
            rows: None,
        })
        .collect();
    let kept: Vec<_> = query
        .parts()
        .into_iter()
        .filter(|(name, _)| *name != "column")
        .map(|(name, text)| {
            let text = text.to_owned();
            view! { <input type="hidden" name=name value=text/> }
        })
        .collect();
    view! {
        <details class="more" id="columns">
            <summary>"Columns and density"</summary>
            <form class="stack" method="get" action="/agents" aria-label="Columns">
                {kept}
                <Choices name="column" legend="Columns" choices=all/>
                <div class="bar">
                    <button class="btn" type="submit">"Show these"</button>
                </div>
            </form>
            {density()}
        </details>
    }
    .into_any()
}

fn density() -> AnyView {
    let choices = Density::ALL.iter().map(|one| (one.as_str(), one.label()));
    let (choices, now) = (choices.collect(), density_of_request().as_str());
    view! { <Switch action="/density" name="density" label="Density of every table" choices=choices now=now/> }
        .into_any()
}
