//! Where it runs: environments by version, runtime, digest and approval.

use domain::tone::Tone;
use domain::view::agent::{AgentDetail, EnvironmentCard, LiveCard};
use leptos::prelude::*;

use crate::format::Now;
use crate::ui::prelude::*;

/// One row for each environment, whether something is live there or not.
pub(super) fn table(agent: &AgentDetail, now: Now) -> AnyView {
    let rows: Vec<_> = agent
        .environments
        .iter()
        .map(|card| row(card, now))
        .collect();
    view! {
        <Section title="Where it runs" id="where">
            <Table
                caption="Where it runs"
                heads=&["Environment", "Version", "Status", "Endpoint", "Image sha256", "Approval", "Since, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn row(card: &EnvironmentCard, now: Now) -> AnyView {
    let environment = card.environment.label();
    match &card.live {
        Some(live) => live_row(environment, live, now),
        None => view! {
            <tr>
                <th scope="row">{environment}</th>
                <td class="muted">"None"</td>
                <td data-label="Status">
                    <Status tone=Tone::Idle label="Not live"/>
                </td>
                <td></td>
                <td></td>
                <td></td>
                <td></td>
            </tr>
        }
        .into_any(),
    }
}

fn live_row(environment: &'static str, live: &LiveCard, now: Now) -> AnyView {
    let approval = match live.approval {
        Some(number) => {
            view! { <a href=format!("/approvals/{number}")>{format!("#{number}")}</a> }.into_any()
        }
        None => view! { <span class="muted">"Not needed"</span> }.into_any(),
    };
    let health = live.health;
    view! {
        <tr>
            <th scope="row">{environment}</th>
            <td data-label="Version">
                <a class="ver" href=format!("/deployments/{}", live.number)>
                    {format!("v{}", live.version)}
                </a>
                <span class="sub">{format!("deployment #{}", live.number)}</span>
            </td>
            <td data-label="Status">
                <Status tone=Tone::Ok label="Live"/>
                <span class="sub">
                    <Status tone=health.tone() label=health.label()/>
                </span>
                <Lacking lacks=live.lacks.clone()/>
            </td>
            <td data-label="Endpoint">
                <code>{live.endpoint.clone()}</code>
            </td>
            <td data-label="Image sha256">
                <Hash value=live.image_digest.clone() kind=HashKind::Bare/>
            </td>
            <td data-label="Approval">{approval}</td>
            <td data-label="Since, UTC">
                <TimeCell at=live.since.clone() now=now/>
            </td>
        </tr>
    }
    .into_any()
}
