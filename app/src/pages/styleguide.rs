//! Every component in every state that it has, from the same functions that pages use. Development builds alone have it; there
//! its test looks for barriers, for what is cut off, and for components that are missing here.

mod errors;
mod forms;
mod lists;
mod states;
mod words;

use domain::tone::Tone;
use leptos::prelude::*;

use crate::session::Viewer;
use crate::ui::prelude::*;

/// What its page is called in the path.
const GROUPS: [(&str, &str); 10] = [
    ("sg-states", "States"),
    ("sg-buttons", "Buttons"),
    ("sg-forms", "Forms"),
    ("sg-notices", "Notices"),
    ("sg-tables", "Tables"),
    ("sg-facets", "Facets"),
    ("sg-panels", "Panels and lists"),
    ("sg-words", "Identifiers and times"),
    ("sg-text", "Differences"),
    ("sg-errors", "Errors and empty"),
];

/// A time that is in no page's present.
const AT: &str = "2026-03-14T14:32:07.120Z";
const DIGEST: &str = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
const COMMIT: &str = "b83d0f2790a43d741121578c7cfac6d23a9580a8";

/// All of it.
#[component]
pub(crate) fn StyleguidePage() -> impl IntoView {
    load(async { Ok(()) }, |(), viewer| body(&viewer))
}

fn body(viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let badges = view! {
        <Status tone=Tone::Run label="Gates running, 2 of 6" boxed=true/>
        <Status tone=Tone::Ok label="Rollback ready" boxed=true icon="undo-2"/>
        <span class="tag">"High risk"</span>
    };
    let actions = view! {
        <LinkButton href="#sg-states" label="Compare"/>
        <LinkButton href="#sg-states" label="Roll back…" kind=Kind::Danger icon="undo-2"/>
        <LinkButton href="#sg-states" label="Approve deployment" kind=Kind::Primary/>
    };
    let sub = "Every part in every state. This is the head of a page: its title, at most two boxed states, one sentence, what can be done. Nothing here does anything.";
    let places: Vec<_> = GROUPS
        .iter()
        .map(|(id, title)| view! { <a href=format!("#{id}")>{*title}</a> })
        .collect();
    view! {
        <div data-shows="PageHead Status LinkButton">
            <PageHead title="Components and states" badges=badges.into_any() sub=sub.into_any() actions=actions.into_any()/>
        </div>
        <nav class="bar specs" aria-label="Groups of components">{places}</nav>
        {states::states()}
        {states::buttons()}
        {forms::forms()}
        {states::notices()}
        {lists::tables(now)}
        {lists::facets()}
        {lists::panels(now)}
        {words::words(now)}
        {words::differences()}
        {errors::errors()}
    }
    .into_any()
}

/// A group of parts: its heading has an anchor.
fn group(id: &'static str, parts: Vec<AnyView>) -> AnyView {
    let title = GROUPS.iter().find(|(of, _)| *of == id);
    let title = title.map_or(id, |(_, title)| *title);
    view! {
        <Section title=title id=id>
            <div class="stack stack--4">{parts}</div>
        </Section>
    }
    .into_any()
}

/// Components in some state. `shows` are their names, which the test reads.
fn spec(shows: &'static str, says: &'static str, what: AnyView) -> AnyView {
    view! {
        <div class="spec" data-shows=shows>
            <h3 class="spec__h">{says}</h3>
            <div class="spec__b">{what}</div>
        </div>
    }
    .into_any()
}
