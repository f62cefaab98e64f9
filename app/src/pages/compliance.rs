//! "What do our records support evidence for, and where are the gaps?"

mod detail;
mod list;

pub(crate) use detail::FrameworkPage;
pub(crate) use list::CompliancePage;

use domain::form::query::ControlsQuery;
use domain::view::controls::Scope;
use leptos::prelude::*;

use crate::format::address;
use crate::ui::prelude::*;

/// The sentence that goes with every count of events.
const LIMITS: &str = "Recorded events support evidence for these controls. They do not show that a control is met: that is for an auditor to say.";

/// Period and scope as they stand in the address.
fn query() -> ControlsQuery {
    ControlsQuery {
        from: asked("from"),
        to: asked("to"),
        agent: asked("agent"),
    }
}

/// The same place with the same period and scope.
fn same(path: &str, query: &ControlsQuery) -> String {
    address(
        path,
        &[
            ("from", &query.from),
            ("to", &query.to),
            ("agent", &query.agent),
        ],
    )
}

/// Days and agent; the form works without script.
#[component]
fn Filters(path: String, query: ControlsQuery) -> impl IntoView {
    view! {
        <form class="filters" method="get" action=path aria-label="Period and scope">
            <Field name="from" label="From day" kind="date" value=query.from max=40 plain=true/>
            <Field name="to" label="To day, included" kind="date" value=query.to max=40 plain=true/>
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
        </form>
    }
}

/// From when to when, and about what.
fn over(scope: &Scope) -> String {
    let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
    let about = match &scope.agent {
        Some(agent) => format!("agent {agent}"),
        None => "every agent".to_owned(),
    };
    format!(
        "Events from {} to before {}, {about}.",
        day(&scope.from),
        time_of(&scope.to)
    )
}

/// A time to the minute.
fn time_of(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ") + " UTC"
}
