//! "What misbehaves here, is it stopped, and what happened since?"

use domain::incident::quoted;
use domain::view::agent::RollbackBadge;
use domain::view::audit::AuditRow;
use domain::view::incident::{IncidentDetail, QuarantineRow};
use leptos::prelude::*;

use super::actions;
use crate::format::{Now, counted, length};
use crate::rpc::incidents::get_incident;
use crate::ui::prelude::*;

/// One incident.
#[component]
pub(crate) fn IncidentPage() -> impl IntoView {
    load(get_incident(part("number")), |found, viewer| {
        body(&found, viewer.now())
    })
}

fn body(found: &IncidentDetail, now: Now) -> AnyView {
    let row = &found.row;
    let title = format!("{} {}", quoted(row.number), row.title);
    let quarantine = found.quarantine().map(|q| {
        view! { <Status tone=q.state.tone() label=q.state.label() icon="circle-pause" boxed=true/> }
    });
    let badges = view! {
        <Status tone=row.state.tone() label=row.state.label() icon="siren" boxed=true/>
        {quarantine}
    };
    let (agent, opened) = (row.agent.clone(), row.opened_at.clone());
    let owner = match &row.owner {
        Some(name) => format!(" {name} looks after it."),
        None => " Nobody looks after it yet.".to_owned(),
    };
    let sub = view! {
        <a href=format!("/agents/{agent}")>{agent.clone()}</a>
        {format!(" in {}. {}, ", row.environment.label().to_lowercase(), row.cause.label())}
        <Time at=opened now=now ago=true/> "." {owner}
    };
    let actions = found.can_act.then(|| actions::all(found));
    let live = live(found);
    view! {
        <PageHead title=title badges=badges.into_any() sub=sub.into_any()/>
        <Live on=format!("agent:{}", row.agent)/>
        <div class="cols">
            <div class="stack">
                {ended(found, now)}
                {quarantines(&found.quarantines, now)}
                {timeline(&found.timeline, now)}
            </div>
            <div class="stack stack--4">
                <Panel title="What is live there now" id="live">
                    <div class="panel__b">{live}</div>
                </Panel>
                {actions}
            </div>
        </div>
    }
    .into_any()
}

fn live(found: &IncidentDetail) -> AnyView {
    let Some(live) = &found.live else {
        return view! { <p class="soft">"Nothing that this incident could act upon."</p> }
            .into_any();
    };
    let readiness = match &live.rollback {
        RollbackBadge::Ready { version, .. } => CheckItem::new(
            domain::tone::Tone::Ok,
            format!("Rollback ready: v{version} could be restored"),
        ),
        RollbackBadge::NotReady {
            version, reason, ..
        } => CheckItem::new(
            domain::tone::Tone::Bad,
            format!("Rollback not ready: v{version}: {}", reason.label()),
        ),
        RollbackBadge::NoTarget => {
            CheckItem::new(domain::tone::Tone::Idle, "No rollback target yet")
        }
    };
    let number = live.number;
    view! {
        <p>
            <a href=format!("/deployments/{number}")>{format!("#{number}")}</a>
            {format!(" v{}", live.version)}
        </p>
        <Checklist items=vec![readiness]/>
    }
    .into_any()
}

fn ended(found: &IncidentDetail, now: Now) -> Option<AnyView> {
    let said = |what: &'static str, text: &Option<String>, at: &Option<String>, by: String| {
        let (text, at) = (text.clone()?, at.clone()?);
        Some(
            view! {
                <Section title=what id="outcome">
                    <p>{text}</p>
                    <p class="soft"><Time at=at now=now ago=true/> {by}</p>
                </Section>
            }
            .into_any(),
        )
    };
    let closed_by = found.closed_by.clone().unwrap_or_default();
    let closed = said(
        "What was learnt",
        &found.lesson,
        &found.closed_at,
        format!(", {closed_by}"),
    );
    closed.or_else(|| {
        said(
            "Why it does no harm any more",
            &found.mitigation,
            &found.mitigated_at,
            String::new(),
        )
    })
}

fn quarantines(rows: &[QuarantineRow], now: Now) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let none = || view! { <span class="muted">"–"</span> }.into_any();
    let lines: Vec<_> = rows
        .iter()
        .map(|row| {
            let time = |at: &Option<String>| {
                at.clone()
                    .map_or_else(none, |at| view! { <TimeCell at=at now=now/> }.into_any())
            };
            let trouble = row.last_error.clone().map(|why| {
                view! { <span class="sub">{format!("Tried again: {why}")}</span> }
            });
            let asked = row.asked_at.clone();
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("/deployments/{}", row.deployment)>{format!("#{}", row.deployment)}</a>
                    </th>
                    <td class="first">
                        <Status tone=row.state.tone() label=row.state.label() icon="circle-pause"/>
                        {trouble}
                    </td>
                    <td data-label="Asked by">{row.asked_by.clone()} <span class="sub">{row.reason.clone()}</span></td>
                    <td data-label="Asked, UTC"><TimeCell at=asked now=now/></td>
                    <td data-label="In force, UTC">{time(&row.in_force_at)}</td>
                    <td data-label="Over, UTC">{time(&row.over_at)}</td>
                </tr>
            }
        })
        .collect();
    Some(
        view! {
            <Section title="Quarantine" id="quarantine">
                <Table
                    caption="Quarantines of this incident"
                    heads=&["Deployment", "State", "Asked by", "Asked, UTC", "In force, UTC", "Over, UTC"]
                    class="tbl--stack"
                >
                    {lines}
                </Table>
            </Section>
        }
        .into_any(),
    )
}

fn timeline(rows: &[AuditRow], now: Now) -> AnyView {
    let lines: Vec<_> = rows.iter().map(|row| moment(row, now)).collect();
    let note = format!(
        "{} of the agent since it was opened, newest first",
        counted(length(rows), "event", "events")
    );
    view! {
        <Section title="Timeline" id="timeline" note=note>
            <Table caption="What happened" heads=&["Event", "Time, UTC", "Who", "What", "On"] class="tbl--stack">
                {lines}
            </Table>
        </Section>
    }
    .into_any()
}

fn moment(row: &AuditRow, now: Now) -> AnyView {
    let what = row
        .action
        .parse::<domain::event::AuditAction>()
        .map_or_else(|_| row.action.clone(), |action| action.label().to_owned());
    let refused = (row.outcome != "done").then(|| {
        view! { <span class="sub"><Status tone=domain::tone::Tone::Bad label="Refused" icon="ban"/></span> }
    });
    view! {
        <tr>
            <th scope="row">
                <a class="plain mono" href=format!("/audit/{}", row.index)>{row.index.to_string()}</a>
            </th>
            <td data-label="Time, UTC" class="nowrap"><TimeExact at=row.time.clone() now=now/></td>
            <td data-label="Who">{row.actor.clone()}</td>
            <td class="first" data-label="What">{what} {refused}</td>
            <td data-label="On">{row.object_type.clone()} " " {row.object_id.clone()}</td>
        </tr>
    }
    .into_any()
}
