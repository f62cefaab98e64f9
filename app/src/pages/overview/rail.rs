//! The right rail: what waits for this person, what is on its way, what ended.

use domain::view::agent::DeploymentCell;
use domain::view::approval::ApprovalRow;
use domain::view::overview::{Ending, Overview};
use leptos::prelude::*;

use crate::format::{Now, count, length};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// All of it.
pub(super) fn all(overview: Overview, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    view! {
        <Waiting rows=overview.waiting_for_you others=overview.waiting_for_others now=now/>
        <Deployments title="Deployments in progress" id="progress" href="/deployments?state=in_progress" rows=overview.in_progress now=now/>
        <Endings rows=overview.ending now=now/>
        <Deployments title="Ended lately" id="ended" href="/deployments" rows=overview.recently_ended now=now/>
    }
    .into_any()
}

#[component]
fn Waiting(rows: Vec<ApprovalRow>, others: u64, now: Now) -> impl IntoView {
    let note = count(length(&rows));
    let more = view! { <a href="/approvals">"Open inbox"</a> }.into_any();
    let content = if rows.is_empty() {
        view! {
            <p class="panel__b soft">
                "Nothing waits for you. " <a href="/approvals">{count(others)}</a> " wait for others."
            </p>
        }
        .into_any()
    } else {
        let items: Vec<_> = rows.into_iter().map(|row| approval(row, now)).collect();
        view! { <ul class="rows rows--tight hover">{items}</ul> }.into_any()
    };
    view! {
        <Panel title="Waiting for you" id="waiting" note=note more=more>
            {content}
        </Panel>
    }
}

fn approval(row: ApprovalRow, now: Now) -> AnyView {
    view! {
        <li>
            <a class="plain strong" href=format!("/approvals/{}", row.number)>
                {format!("#{} {} v{}", row.number, row.agent, row.version)}
            </a>
            <span class="r">
                <Ago at=row.expires_at now=now/>
            </span>
            <span class="sub">
                {format!("{}, {} of {} approvals given", row.changes, row.approvals, row.quorum)}
            </span>
        </li>
    }
    .into_any()
}

/// What ends by itself, and where it is given anew.
#[component]
fn Endings(rows: Vec<Ending>, now: Now) -> impl IntoView {
    let note = count(length(&rows));
    let content = if rows.is_empty() {
        view! { <p class="panel__b soft">"No waiver and none of your tokens ends in 14 days."</p> }
            .into_any()
    } else {
        let items: Vec<_> = rows.into_iter().map(|row| ending(row, now)).collect();
        view! { <ul class="rows rows--tight hover">{items}</ul> }.into_any()
    };
    view! {
        <Panel title="Ends in 14 days" id="ending" note=note>
            {content}
        </Panel>
    }
}

fn ending(row: Ending, now: Now) -> AnyView {
    view! {
        <li>
            <a class="plain strong" href=row.page>{row.name}</a>
            <span class="r">
                <Ago at=row.at now=now/>
            </span>
            <span class="sub">{row.what}</span>
        </li>
    }
    .into_any()
}

#[component]
fn Deployments(
    title: &'static str,
    id: &'static str,
    href: &'static str,
    rows: Vec<(String, DeploymentCell)>,
    now: Now,
) -> impl IntoView {
    let note = count(length(&rows));
    let more = view! { <a href=href>"All"</a> }.into_any();
    let content = if rows.is_empty() {
        view! { <p class="panel__b soft">"None."</p> }.into_any()
    } else {
        let items: Vec<_> = rows
            .into_iter()
            .map(|(agent, cell)| deployment(&agent, cell, now))
            .collect();
        view! { <ul class="rows rows--tight hover">{items}</ul> }.into_any()
    };
    view! {
        <Panel title=title id=id note=note more=more>
            {content}
        </Panel>
    }
}

fn deployment(agent: &str, cell: DeploymentCell, now: Now) -> AnyView {
    view! {
        <li>
            <a class="plain strong" href=format!("/deployments/{}", cell.number)>
                {format!("#{} {agent} v{}", cell.number, cell.version)}
            </a>
            <span class="r">
                <Status tone=cell.state.tone() label=cell.state.label()/>
            </span>
            <span class="sub">
                {format!("{} to {}, ", cell.kind.label(), cell.environment.label().to_lowercase())} <Ago at=cell.at now=now/>
            </span>
        </li>
    }
    .into_any()
}
