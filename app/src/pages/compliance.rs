//! "What do our records support evidence for, and where are the gaps?"

mod detail;
mod list;

pub(crate) use detail::FrameworkPage;
pub(crate) use list::CompliancePage;

use domain::form::query::ControlsQuery;
use domain::view::controls::Scope;
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::address;
use crate::ui::field::FormProblem;
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
fn Filters(
    path: String,
    query: ControlsQuery,
    #[prop(optional)] error: FormProblem,
) -> impl IntoView {
    view! {
        <form class="filters" method="get" action=path aria-label="Period and scope">
            <Period from=query.from to=query.to error=error/>
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
        </form>
    }
}

/// The form again, with what is wrong in it.
fn again(title: String, path: String, query: ControlsQuery, wrong: UiError) -> AnyView {
    let error = FormProblem::new(Some(wrong));
    view! {
        <PageHead title=title sub=LIMITS.into_any()/>
        <FormError error=error fields=PERIOD form="period"/>
        <Filters path=path query=query error=error/>
    }
    .into_any()
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
