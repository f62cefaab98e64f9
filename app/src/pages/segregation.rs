//! "Who could approve what, who did, and did any rule of separation give way?"

use domain::form::query::SegregationQuery;
use domain::tone::Tone;
use domain::view::segregation::{Conflict, ConflictRow, Figure, Holding, SegregationReport};
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::{Now, counted, length};
use crate::rpc::compliance::get_segregation;
use crate::session::Viewer;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

/// Events that are linked of one figure; the API has them all.
const LINKED: usize = 100;
/// Rows that are shown of one table; the API has them all.
const SHOWN: usize = 200;

/// The report of the address.
#[component]
pub(crate) fn SegregationPage() -> impl IntoView {
    let query = SegregationQuery {
        from: asked("from"),
        to: asked("to"),
        team: asked("team"),
    };
    load(
        get_segregation(query.clone()),
        move |found, viewer| match found {
            Ok(found) => body(&found, query, &viewer),
            Err(wrong) => again(query, wrong),
        },
    )
}

fn body(found: &SegregationReport, query: SegregationQuery, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
    let about = found.team.as_ref().map_or_else(
        || "every team".to_owned(),
        |team| format!("team {team}, with roles that hold in every team"),
    );
    let minute = found.to.get(..16).unwrap_or(&found.to).replace('T', " ");
    let sub = format!(
        "From {} to before {minute} UTC, {about}. Every figure is that of the audit trail and links to its events; what the trail does not say is not known.",
        day(&found.from),
    );
    let actions =
        view! { <LinkButton href="/reviews" label="Access reviews" icon="folder-check"/> }
            .into_any();
    let figures: Vec<_> = found.did.iter().map(figure).collect();
    let conflicts: Vec<_> = found.conflicts.iter().map(conflict).collect();
    let unplaced = (found.unplaced > 0).then(|| {
        let text = format!(
            "{} about agents of which the trail names no team: a report of every team has them.",
            counted(found.unplaced, "event is", "events are")
        );
        view! { <p class="soft">{text}</p> }
    });
    view! {
        <PageHead title="Separation of duties" sub=sub.into_any() actions=actions/>
        {filters(query, &found.teams, FormProblem::default())}
        <div class="stack">
            <Section title="What the rules look at" id="conflicts">
                <Table
                    caption="What the rules of separation look at"
                    heads=&["What", "#Found", "Cases"]
                    class="tbl--stack tbl--top"
                >
                    {conflicts}
                </Table>
                {unplaced}
            </Section>
            <Section title="Who did" id="did">
                <Table caption="What was decided" heads=&["What", "#Events", "Which"] class="tbl--stack tbl--top">
                    {figures}
                </Table>
            </Section>
            {could(&found.could, now)}
        </div>
    }
    .into_any()
}

/// The form again, with what is wrong in it.
fn again(query: SegregationQuery, wrong: UiError) -> AnyView {
    let error = FormProblem::new(Some(wrong));
    view! {
        <PageHead title="Separation of duties"/>
        <FormError error=error fields=PERIOD form="period"/>
        {filters(query, &[], error)}
    }
    .into_any()
}

/// Days and team; the form works without script.
fn filters(query: SegregationQuery, teams: &[String], error: FormProblem) -> AnyView {
    let options = std::iter::once((String::new(), "Every team".to_owned()))
        .chain(teams.iter().map(|slug| (slug.clone(), slug.clone())))
        .collect();
    view! {
        <form class="filters" method="get" action="/segregation" aria-label="Period and team">
            <Period from=query.from to=query.to error=error/>
            <Select name="team" label="Team" options=options value=query.team plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
        </form>
    }
    .into_any()
}

/// Links to events, the first of them.
fn events(indexes: &[u64]) -> AnyView {
    let links: Vec<_> = indexes
        .iter()
        .take(LINKED)
        .map(|index| {
            view! {
                <a href=format!("/audit/{index}")>{index.to_string()}</a>
                " "
            }
        })
        .collect();
    let more = (indexes.len() > LINKED)
        .then(|| format!("and {} more, in the API", indexes.len() - LINKED));
    view! {
        {links}
        {more}
    }
    .into_any()
}

fn figure(figure: &Figure) -> AnyView {
    view! {
        <tr>
            <th scope="row">{figure.kind.label()}</th>
            <td data-label="Events" class="num">{figure.events.len().to_string()}</td>
            <td data-label="Which" class="wide wrap">{events(&figure.events)}</td>
        </tr>
    }
    .into_any()
}

fn conflict(found: &Conflict) -> AnyView {
    let (tone, label) = match (found.not_known, found.kind.must_be_none(), found.rows.len()) {
        (true, _, _) => (Tone::Unknown, "Not known whether there are more".to_owned()),
        (false, true, 0) => (Tone::Ok, "None, as it must be".to_owned()),
        (false, true, _) => (Tone::Bad, "A rule failed".to_owned()),
        (false, false, 0) => (Tone::Ok, "None".to_owned()),
        (false, false, _) => (Tone::Wait, "Look at it".to_owned()),
    };
    let cases: Vec<_> = found.rows.iter().take(SHOWN).map(case).collect();
    let more = (found.rows.len() > SHOWN)
        .then(|| format!("and {} more, in the API", found.rows.len() - SHOWN));
    let cases = (!cases.is_empty()).then(|| view! { <ul class="plain">{cases}</ul> });
    view! {
        <tr>
            <th scope="row" class="wrap">
                {found.kind.label()}
                <span class="sub">
                    <Status tone=tone label=label/>
                </span>
            </th>
            <td data-label="Found" class="num">{found.rows.len().to_string()}</td>
            <td data-label="Cases" class="wide wrap">
                {cases}
                {more}
            </td>
        </tr>
    }
    .into_any()
}

fn case(row: &ConflictRow) -> AnyView {
    view! {
        <li>
            {row.person.clone()}
            <span class="sub wrap">
                {format!("{}, events ", row.what)}
                {events(&row.events)}
            </span>
        </li>
    }
    .into_any()
}

fn could(rows: &[Holding], now: Now) -> AnyView {
    let note = counted(length(rows), "role", "roles");
    let more = (rows.len() > SHOWN).then(|| {
        view! { <p class="soft">{format!("and {} more, in the API", rows.len() - SHOWN)}</p> }
    });
    let rows: Vec<_> = rows
        .iter()
        .take(SHOWN)
        .map(|row| holding(row, now))
        .collect();
    let content = if rows.is_empty() {
        view! { <p class="soft">"The audit trail knows of nobody."</p> }.into_any()
    } else {
        view! {
            <Table
                caption="Approvers, administrators, and roles for a time"
                heads=&["Person", "Role", "In", "How", "From, UTC", "Until, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
            {more}
        }
        .into_any()
    };
    view! {
        <Section title="Who could" id="could" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn holding(row: &Holding, now: Now) -> AnyView {
    let how = match &row.by {
        Some(by) => format!("{}, {by}", row.via.label()),
        None => row.via.label().to_owned(),
    };
    let left = row
        .left
        .clone()
        .map(|at| view! { <span class="sub">"left " <Time at=at now=now/></span> });
    view! {
        <tr>
            <th scope="row">
                {row.person.clone()}
                {left}
            </th>
            <td data-label="Role">{row.role.label()}</td>
            <td data-label="In">{row.place.label()}</td>
            <td data-label="How">{how}</td>
            <td data-label="From, UTC">{end(row.from.clone(), row.begun, "not known", now)}</td>
            <td data-label="Until, UTC">{end(row.until.clone(), row.ended, "it lasts", now)}</td>
        </tr>
    }
    .into_any()
}

/// One end of a stretch, with its event.
fn end(at: Option<String>, event: Option<u64>, none: &'static str, now: Now) -> AnyView {
    let at = match at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => none.into_any(),
    };
    let event = event.map(|index| {
        view! {
            <span class="sub">
                <a href=format!("/audit/{index}")>{format!("event {index}")}</a>
            </span>
        }
    });
    view! {
        {at}
        {event}
    }
    .into_any()
}
