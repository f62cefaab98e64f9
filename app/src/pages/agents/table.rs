//! The rows of the registry: the columns that its reader chose, and a box in each row of an agent that they may label.

use domain::authz::Action;
use domain::form::query::{AgentQuery, Column};
use domain::tone::Tone;
use domain::view::agent::{AgentList, AgentRow, LiveCell};
use leptos::prelude::*;

use super::labels;
use super::list::Found;
use crate::format::{Now, address, counted};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The rows, with what is found by words said before them, and after them what can be done with those that are chosen.
pub(super) fn table(found: &Found, query: &AgentQuery, viewer: &Viewer) -> AnyView {
    let (list, now) = (&found.list, viewer.now());
    let columns = query.columns();
    let may = |row: &AgentRow| {
        let team = found.teams.iter().find(|team| team.slug == row.team);
        team.is_some_and(|team| viewer.may(Action::Modify, Some(&team.id)))
    };
    let some = list.rows.iter().any(may);
    let mut heads = vec!["Agent"];
    heads.extend(columns.iter().map(|column| column.label()));
    let rows: Vec<_> = list
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| line(row, &columns, may(row).then_some(at), now))
        .collect();
    let form = some.then(|| labels::form(query));
    view! {
        {said(list, query)}
        <Table caption="Registered agents" heads=heads class="tbl--stack">
            {rows}
        </Table>
        {form}
    }
    .into_any()
}

/// How many the words found.
fn said(list: &AgentList, query: &AgentQuery) -> Option<AnyView> {
    if query.q.trim().is_empty() {
        return None;
    }
    let (more, order) = if list.more {
        ("The best of the first ", ". Another word narrows it")
    } else {
        ("", "")
    };
    let fit = counted(list.fitting, "agent", "agents");
    let text = format!("{more}{fit}, the best first{order}.");
    Some(view! { <p class="hint" role="status">{text}</p> }.into_any())
}

fn line(row: &AgentRow, columns: &[Column], at: Option<usize>, now: Now) -> AnyView {
    let ended = row
        .decommissioned
        .then(|| view! { " " <span class="tag">"Decommissioned"</span> });
    let why = row.why.clone().map(|why| {
        view! {
            <span class="sub sub--text">
                {why.field.label()} ": " <mark>{why.text}</mark>
            </span>
        }
    });
    let source = format!("{}, {}", row.repository, row.branch);
    let tick = at.map(|at| labels::tick(at, &row.slug));
    let cells: Vec<_> = columns
        .iter()
        .map(|column| cell(*column, row, now))
        .collect();
    view! {
        <tr>
            <th scope="row" class="wide">
                {tick}
                <a class="plain" href=format!("/agents/{}", row.slug) title=source>
                    {row.slug.clone()}
                </a>
                {ended}
                <span class="sub sub--text">{row.description.clone()}</span>
                {why}
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(column: Column, row: &AgentRow, now: Now) -> AnyView {
    let content = match column {
        Column::Production => live(row.production.as_ref(), now),
        Column::NonProd => live(row.non_prod.as_ref(), now),
        Column::Last => last(row, now),
        Column::Team => row.team.clone().into_any(),
        Column::Owner if row.owner.is_empty() => {
            view! { <span class="muted">"Nobody"</span> }.into_any()
        }
        Column::Owner => row.owner.clone().into_any(),
        Column::Framework => row
            .framework
            .map_or("Unknown", domain::agent::Framework::label)
            .into_any(),
        Column::Risk => row
            .risk
            .map_or("Unknown", domain::agent::Risk::label)
            .into_any(),
        Column::Labels => labelled(&row.labels),
    };
    let class = matches!(column, Column::Team | Column::Risk).then_some("nowrap");
    view! { <td data-label=column.label() class=class>{content}</td> }.into_any()
}

/// Labels, each with the way to all that have it.
pub(super) fn labelled(labels: &[String]) -> AnyView {
    if labels.is_empty() {
        return view! { <span class="muted">"None"</span> }.into_any();
    }
    labels
        .iter()
        .map(|label| {
            let href = address("/agents", &[("label", label)]);
            view! {
                <a class="tag" href=href>{label.clone()}</a>
                " "
            }
        })
        .collect::<Vec<_>>()
        .into_any()
}

fn last(row: &AgentRow, now: Now) -> AnyView {
    match row.last.clone() {
        Some(cell) => view! {
            <a class="plain" href=format!("/deployments/{}", cell.number)>
                <Status tone=cell.state.tone() label=cell.state.label()/>
            </a>
            <span class="sub">
                {format!("#{} v{}, ", cell.number, cell.version)} <Ago at=cell.at now=now/>
            </span>
        }
        .into_any(),
        None => view! { <span class="muted">"None yet"</span> }.into_any(),
    }
}

fn live(cell: Option<&LiveCell>, now: Now) -> AnyView {
    let version = live_version(cell);
    let more = cell.map(|cell| {
        let lacks = (!cell.lacks.is_empty()).then(|| {
            view! {
                <span class="sub">
                    <Status tone=Tone::Bad label="No longer complies" icon="shield-alert"/>
                </span>
            }
        });
        view! {
            <span class="sub">
                <Time at=cell.since.clone() now=now/>
            </span>
            {lacks}
        }
    });
    view! {
        {version}
        {more}
    }
    .into_any()
}

/// The version that is live, with its deployment.
pub(crate) fn live_version(cell: Option<&LiveCell>) -> AnyView {
    match cell {
        Some(cell) => {
            let (href, version) = (
                format!("/deployments/{}", cell.number),
                format!("v{}", cell.version),
            );
            view! { <a class="ver" href=href>{version}</a> }.into_any()
        }
        None => view! { <span class="muted">"Not live"</span> }.into_any(),
    }
}
