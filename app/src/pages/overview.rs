//! "Is the fleet in order, and what needs me?" Five questions answered in a sentence each, with the numbers linked.

mod questions;
mod rail;

use domain::incident::quoted;
use domain::rollback::Readiness;
use domain::tone::Tone;
use domain::view::incident::IncidentRow;
use domain::view::overview::{AgentNote, Overview};
use leptos::prelude::*;

use crate::format::Now;
use crate::pages::{post_reviews, reviews};
use crate::rpc::overview::get_overview;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The first page.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    load(get_overview(), body)
}

fn body(overview: Overview, viewer: Viewer) -> AnyView {
    let empty = (overview.agents == 0).then(SetUp);
    let notice = urgent(&overview);
    let incidents = incidents(&overview, viewer.now());
    let now = viewer.now();
    let marks = overview.break_glasses.iter();
    let marks: Vec<_> = marks.map(|mark| post_reviews::mark(mark, now)).collect();
    let reviews: Vec<_> = overview.reviews.iter().map(reviews::mark).collect();
    let sub = "All teams you can see, all environments. Every number opens the list it counts.";
    view! {
        <PageHead title="Overview" sub=sub.into_any()/>
        <Live on="agent deployment approval"/>
        {incidents}
        {notice}
        {marks}
        {reviews}
        <div class="cols">
            <div class="stack">
                {empty}
                <section class="panel" aria-label="Five questions">
                    {questions::all(&overview, &viewer)}
                </section>
            </div>
            <div class="stack stack--4">{rail::all(overview, &viewer)}</div>
        </div>
    }
    .into_any()
}

/// What does harm now: what, since when, and whether it could be rolled back is one click away.
fn incidents(overview: &Overview, now: Now) -> Option<AnyView> {
    if overview.incidents.is_empty() {
        return None;
    }
    let lines: Vec<_> = overview
        .incidents
        .iter()
        .map(|(row, ready)| incident(row, *ready, now))
        .collect();
    Some(view! { <NoticeBar tone=Tone::Bad icon="siren">{lines}</NoticeBar> }.into_any())
}

fn incident(row: &IncidentRow, ready: Option<Readiness>, now: Now) -> AnyView {
    let (number, since) = (quoted(row.number), row.opened_at.clone());
    let place = row.environment.label().to_lowercase();
    let what = format!(" {} in {place}: {} ", row.agent, row.title);
    let back = row
        .deployment
        .zip(ready)
        .map(|(deployment, ready)| match ready {
            Readiness::Ready => {
                let href = format!("/deployments/{deployment}/rollback");
                view! { " Rollback ready: " <a href=href>"Roll back…"</a> }.into_any()
            }
            Readiness::NoTarget
            | Readiness::ImageMissing
            | Readiness::ImageDamaged
            | Readiness::SecretMissing
            | Readiness::IdentityLost
            | Readiness::Unchecked => format!(" Rollback: {}.", ready.label()).into_any(),
        });
    view! {
        <p>
            <a class="strong" href=format!("/incidents/{number}")>{number.clone()}</a>
            {what}
            <Time at=since now=now ago=true/>
            "."
            {back}
        </p>
    }
    .into_any()
}

/// The worst thing, if there is one.
fn urgent(overview: &Overview) -> Option<AnyView> {
    let (href, text) = if !overview.chain.intact {
        (
            "/audit",
            "The audit chain is broken. Stop deploying, keep the data folder as it is, and verify an export.",
        )
    } else if overview.without_approval > 0 {
        (
            "/deployments?environment=production&mark=without_approval",
            "Something is live in production without an approval.",
        )
    } else if let Some(first) = overview.unhealthy.first() {
        return Some(sick(first));
    } else {
        return None;
    };
    Some(
        view! {
            <NoticeBar tone=Tone::Bad icon="siren">
                <p>
                    {text} " " <a href=href>"Look"</a>
                </p>
            </NoticeBar>
        }
        .into_any(),
    )
}

fn sick(note: &AgentNote) -> AnyView {
    let href = format!("/agents/{}", note.agent);
    let (agent, text) = (note.agent.clone(), note.note.clone());
    view! {
        <NoticeBar tone=Tone::Bad icon="siren">
            <p>
                <a class="strong" href=href>{agent}</a> ": " {text}
            </p>
        </NoticeBar>
    }
    .into_any()
}

/// Before the first agent.
#[component]
fn SetUp() -> impl IntoView {
    view! {
        <section class="panel" aria-label="First steps">
            <Empty icon="git-branch" title="No agent is registered yet">
                <p class="soft">
                    "Connect a git host, then onboard an agent: a repository, a branch and a folder with clearance.yaml. Nothing runs until the first push."
                </p>
                <div class="bar">
                    <LinkButton href="/agents/new" label="Onboard agent" kind=Kind::Primary icon="plus"/>
                    <LinkButton href="/connections" label="Connect a git host" icon="webhook"/>
                    <LinkButton href="/settings" label="Add people and teams" icon="users"/>
                </div>
            </Empty>
        </section>
    }
}
