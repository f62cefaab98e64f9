//! Times. Always UTC, always a `<time datetime>`; relative words come from the server's clock in the frame.

use leptos::prelude::*;

use crate::format::{Moment, Now};

/// In a sentence: `14:32 UTC`, with `14 min ago` beside it where asked.
#[component]
pub(crate) fn Time(
    #[prop(into)] at: String,
    now: Now,
    /// Say beside it how long ago.
    #[prop(optional)]
    ago: bool,
) -> impl IntoView {
    let moment = Moment::parse(&at);
    let text = moment.map_or_else(|| at.clone(), |m| m.sentence(now));
    let relative = moment
        .filter(|_| ago)
        .map(|m| view! { " " <span class="time__rel">{m.relative(now)}</span> });
    let title = moment.map(Moment::exact);
    view! { <time class="time" datetime=at title=title>{text} {relative}</time> }
}

/// In a column whose head says UTC: the time, and under it how long ago.
#[component]
pub(crate) fn TimeCell(#[prop(into)] at: String, now: Now) -> impl IntoView {
    let moment = Moment::parse(&at);
    let text = moment.map_or_else(|| at.clone(), |m| m.cell(now));
    let relative = moment.map(|m| m.relative(now));
    let title = moment.map(Moment::exact);
    view! {
        <time class="time time--2" datetime=at title=title>
            <span>{text}</span>
            <span class="time__rel">{relative}</span>
        </time>
    }
}

/// In a column of the audit trail or a log of accesses: with seconds.
#[component]
pub(crate) fn TimeExact(#[prop(into)] at: String, now: Now) -> impl IntoView {
    let moment = Moment::parse(&at);
    let text = moment.map_or_else(|| at.clone(), |m| m.seconds_cell(now));
    let title = moment.map(Moment::exact);
    view! { <time class="time" datetime=at title=title>{text}</time> }
}

/// Relative alone, in a rail or a cell that links to the exact time; the title has it too.
#[component]
pub(crate) fn Ago(#[prop(into)] at: String, now: Now) -> impl IntoView {
    let moment = Moment::parse(&at);
    let text = moment.map_or_else(|| at.clone(), |m| m.relative(now));
    let title = moment.map(Moment::exact);
    view! {
        <time class="time" datetime=at title=title>
            {text}
        </time>
    }
}
