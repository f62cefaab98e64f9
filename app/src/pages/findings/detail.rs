//! "What is wrong here, since when, and what can I do?"

use domain::finding::{FindingKind, FindingState, quoted};
use domain::view::finding::FindingDetail;
use leptos::prelude::*;

use super::actions;
use crate::format::{Now, counted};
use crate::rpc::findings::get_finding;
use crate::ui::prelude::*;

/// One finding.
#[component]
pub(crate) fn FindingPage() -> impl IntoView {
    load(get_finding(part("number")), |found, viewer| {
        body(found, viewer.now())
    })
}

/// Where a finding is. While it is open, its kind says how bad it is.
pub(super) fn state(kind: FindingKind, state: FindingState, boxed: bool) -> AnyView {
    match state {
        FindingState::Open => {
            let icon = if kind.is_drift() {
                "triangle-alert"
            } else {
                kind.tone().icon()
            };
            view! { <Status tone=kind.tone() label=state.label() icon=icon boxed=boxed/> }
                .into_any()
        }
        FindingState::Suspected | FindingState::Ignored | FindingState::Resolved => {
            view! { <Status tone=state.tone() label=state.label() boxed=boxed/> }.into_any()
        }
    }
}

fn body(found: FindingDetail, now: Now) -> AnyView {
    let row = &found.row;
    let title = format!("{} {}", quoted(row.number), row.kind.label());
    let badge = state(row.kind, row.state, true);
    let what = row.what.clone();
    let difference = difference(&found);
    let ended = ended(&found, now);
    let actions = actions::all(&found);
    let reverting = actions::reverting(&found, now);
    view! {
        <PageHead title=title badges=badge sub=what.into_any()/>
        <Live on="audit"/>
        <div class="cols">
            <div class="stack">
                {difference}
                {ended}
                {reverting}
                <Section title="What is known" id="facts">{facts(&found, now)}</Section>
            </div>
            <div class="stack stack--4">{actions}</div>
        </div>
    }
    .into_any()
}

fn difference(found: &FindingDetail) -> Option<AnyView> {
    let (expected, live) = (found.expected.clone()?, found.found.clone()?);
    Some(
        view! {
            <Section title="The difference" id="difference">
                <Facts rows=vec![
                    ("Approved", view! { <code class="wrap">{expected}</code> }.into_any()),
                    ("Found", view! { <code class="wrap">{live}</code> }.into_any()),
                ]/>
            </Section>
        }
        .into_any(),
    )
}

fn ended(found: &FindingDetail, now: Now) -> Option<AnyView> {
    if let Some(at) = found.resolved_at.clone() {
        return Some(
            view! { <p class="soft">"It is over since " <Time at=at now=now/> "."</p> }.into_any(),
        );
    }
    let until = found.row.ignored_until.clone()?;
    let by = found.ignored_by.clone().unwrap_or_default();
    let reason = found.reason.clone().unwrap_or_default();
    Some(
        view! {
            <p class="soft">
                {format!("{by} looks away from it until ")} <Time at=until now=now/> {format!(": {reason}")}
            </p>
        }
        .into_any(),
    )
}

fn facts(found: &FindingDetail, now: Now) -> AnyView {
    let row = &found.row;
    let none = || "–".into_any();
    let agent = row.agent.clone().map_or_else(none, |slug| {
        view! { <a href=format!("/agents/{slug}")>{slug.clone()}</a> }.into_any()
    });
    let deployment = row.deployment.map_or_else(none, |number| {
        view! { <a href=format!("/deployments/{number}")>{format!("#{number}")}</a> }.into_any()
    });
    let owner = match (&row.team, &row.owner) {
        (Some(team), Some(person)) => format!("{person}, {team}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => "The whole organisation".to_owned(),
    };
    let sightings = counted(u64::try_from(row.sightings).unwrap_or(0), "time", "times");
    let about = format!("{} {}", row.subject_kind.label(), row.subject);
    let (first, last) = (row.first_seen.clone(), row.last_seen.clone());
    view! {
        <Facts rows=vec![
            ("About", about.into_any()),
            ("Agent", agent),
            ("Deployment", deployment),
            ("Owner", owner.into_any()),
            ("First seen", view! { <Time at=first now=now ago=true/> }.into_any()),
            ("Last seen", view! { <Time at=last now=now ago=true/> }.into_any()),
            ("Seen", sightings.into_any()),
        ]/>
    }
    .into_any()
}
