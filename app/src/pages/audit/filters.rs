//! What the trail is narrowed to: the form, what stands in it, and what to do where nothing fits.

use domain::event::AuditAction;
use domain::form::query::AuditQuery;
use domain::form::query::trail::FILTER_MAX;
use domain::text::cut;
use domain::view::audit::Trail;
use leptos::prelude::*;

use super::{action, place};
use crate::format::word;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

/// Names and labels, in the order of the form.
const FIELDS: &[(&str, &str)] = &[
    ("q", "Words"),
    ("actor", "Who"),
    ("action", "What"),
    ("agent", "Agent"),
    ("deployment", "Deployment or approval"),
    ("object", "On"),
    ("team", "Team"),
    ("outcome", "Outcome"),
    ("evidence", "Evidence"),
    ("from", "From"),
    ("to", "To"),
];

/// Those that are not needed every day.
const FURTHER: [&str; 6] = ["object", "team", "outcome", "evidence", "from", "to"];

/// Longest text of a filter beside its name, characters: it must fit on a phone.
const SHOWN_MAX: usize = 30;

fn label(name: &str) -> &'static str {
    let found = FIELDS.iter().find(|(field, _)| *field == name);
    found.map_or("", |(_, label)| label)
}

/// The form. It is sent as an address, so a list can be kept and passed on.
pub(super) fn form(query: &AuditQuery, error: FormProblem) -> AnyView {
    let mut actions = vec![(String::new(), "All events".to_owned())];
    let known = AuditAction::ALL.iter();
    actions.extend(known.map(|one| (one.as_str().to_owned(), one.label().to_owned())));
    let AuditQuery {
        q,
        actor,
        action,
        agent,
        deployment,
        ..
    } = query.clone();
    let clear =
        (!query.filters().is_empty()).then(|| view! { <a href="/audit">"Clear filters"</a> });
    view! {
        <FormError error=error fields=FIELDS/>
        <form class="stack stack--3" method="get" action="/audit" aria-label="Filters">
            <div class="filters">
                <Field name="q" label="Words" error=error kind="search" value=q max=FILTER_MAX plain=true/>
                <Field name="actor" label="Who" error=error kind="search" value=actor max=FILTER_MAX plain=true/>
                <Select name="action" label="What" error=error options=actions value=action plain=true/>
                <Field name="agent" label="Agent" error=error kind="search" value=agent max=FILTER_MAX plain=true/>
                <Field name="deployment" label="Deployment or approval" error=error kind="search" value=deployment max=20 plain=true/>
                <button class="btn" type="submit">
                    <Icon name="list-filter"/>
                    "Apply"
                </button>
                {clear}
            </div>
            {further(query, error)}
        </form>
    }
    .into_any()
}

/// The filters behind a fold, which is open where one of them is set or wrong.
fn further(query: &AuditQuery, error: FormProblem) -> AnyView {
    let set = query.filters();
    let open = FURTHER
        .iter()
        .any(|name| error.field(name).is_some() || set.iter().any(|(filter, _)| filter == name));
    let outcomes = [("", "Any"), ("done", "Done"), ("refused", "Refused")];
    let outcomes = outcomes.map(|(word, label)| (word.to_owned(), label.to_owned()));
    let AuditQuery {
        object,
        team,
        outcome,
        evidence,
        from,
        to,
        ..
    } = query.clone();
    let (from_kind, to_kind) = (kind_of_time(&from), kind_of_time(&to));
    view! {
        <details class="more" id="further" open=open>
            <summary>
                <Icon name="chevron-right" small=true/>
                "More filters"
            </summary>
            <div class="filters">
                <Field
                    name="object"
                    label="On"
                    hint="Its id, or kind and id, such as identity:refund-assistant-2."
                    error=error
                    kind="search"
                    value=object
                    max=FILTER_MAX
                    plain=true
                />
                <Field name="team" label="Team" error=error kind="search" value=team max=FILTER_MAX plain=true/>
                <Select name="outcome" label="Outcome" error=error options=outcomes.to_vec() value=outcome plain=true/>
                <Field
                    name="evidence"
                    label="Evidence"
                    hint="A kind, such as gates, or a control, such as soc2:CC6.1."
                    error=error
                    kind="search"
                    value=evidence
                    max=FILTER_MAX
                    plain=true
                />
                <Field name="from" label="From, UTC" error=error kind=from_kind value=from plain=true/>
                <Field name="to" label="To, UTC" error=error kind=to_kind value=to plain=true/>
            </div>
        </details>
    }
    .into_any()
}

/// A field for days shows nothing else, so a time of an address is shown as text.
fn kind_of_time(text: &str) -> &'static str {
    let is_day = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if text.is_empty() || is_day {
        "date"
    } else {
        "text"
    }
}

/// What the list is narrowed to, each with the way to take it away.
pub(super) fn narrowed(query: &AuditQuery) -> AnyView {
    let chips: Vec<_> = query
        .filters()
        .into_iter()
        .map(|(name, text)| {
            let (label, shown) = (label(name), shown(name, text));
            let href = place("/audit", &query.without(name));
            view! { <Chip label=label shown=shown href=href/> }
        })
        .collect();
    if chips.is_empty() {
        return ().into_any();
    }
    view! { <ul class="bar" aria-label="Narrowed to">{chips}</ul> }.into_any()
}

fn shown(name: &str, text: &str) -> String {
    match name {
        "action" => action(text),
        "outcome" => word(text),
        _ => cut(text, SHOWN_MAX),
    }
}

/// Nothing fits: which filter keeps it out, as far as it is one alone.
pub(super) fn nothing(trail: &Trail, query: &AuditQuery) -> AnyView {
    if query.filters().is_empty() {
        return view! {
            <Empty icon="scroll-text" title="No event yet">
                <p class="soft">"Everything that Clearance or a person does is written here, also what was refused."</p>
            </Empty>
        }
        .into_any();
    }
    let alone: Vec<_> = trail
        .excluded
        .iter()
        .map(|name| {
            let text = query
                .filters()
                .into_iter()
                .find(|(filter, _)| filter == name);
            let text = text.map_or_else(String::new, |(name, text)| shown(name, text));
            let without = place("/audit", &query.without(name));
            view! {
                <li>
                    {format!("No event that you may see has {}: {text}. ", label(name))}
                    <a href=without>"Take it away"</a>
                </li>
            }
        })
        .collect();
    let why = if alone.is_empty() {
        view! { <p class="soft">"There are events for each of these filters, but none for all of them together."</p> }
            .into_any()
    } else {
        view! { <ul class="soft">{alone}</ul> }.into_any()
    };
    view! {
        <Empty icon="search" title="No event matches these filters">
            {why}
            <p class="soft">"Names and ids are written in full. Words find whole words."</p>
            <LinkButton href="/audit" label="Clear filters"/>
        </Empty>
    }
    .into_any()
}

/// A page looks at no more than so many events, so that none takes long.
pub(super) fn looked(trail: &Trail) -> AnyView {
    let Some(to) = trail.looked_to else {
        return ().into_any();
    };
    let title = if trail.rows.is_empty() {
        format!("Nothing down to event {to}")
    } else {
        format!("Looked at down to event {to}")
    };
    view! {
        <Empty icon="search" title=title>
            <p class="soft">"The next page looks at older ones. Another filter, or a time, makes it quicker."</p>
        </Empty>
    }
    .into_any()
}
