//! Beside the log: what is still needed, the approval, the evidence, and what was sent to the git host.

use domain::tone::Tone;
use domain::view::deployment::{ApprovalCell, Attestation, DeploymentDetail, OutgoingRow};
use leptos::prelude::*;

use crate::format::Now;
use crate::ui::prelude::*;

/// All of it.
pub(super) fn all(found: &DeploymentDetail, now: Now) -> AnyView {
    view! {
        {conditions(found)}
        {found.approval.as_ref().map(|cell| approval(cell, now))}
        {attestations(found)}
        {outgoing(found)}
    }
    .into_any()
}

fn conditions(found: &DeploymentDetail) -> AnyView {
    if found.conditions.is_empty() {
        return ().into_any();
    }
    let open = found.conditions.iter().filter(|c| !c.met).count();
    let more = match open {
        0 => "All met".to_owned(),
        1 => "1 condition open".to_owned(),
        open => format!("{open} conditions open"),
    };
    let items: Vec<_> = found
        .conditions
        .iter()
        .map(|c| {
            let item = CheckItem::new(if c.met { Tone::Ok } else { Tone::Idle }, c.text.clone());
            if c.remedy.is_empty() {
                item
            } else {
                item.detail(c.remedy.clone())
            }
        })
        .collect();
    view! {
        <Panel title=found.conditions_title.clone() id="conditions" more=more.into_any()>
            <div class="panel__b">
                <Checklist items=items/>
            </div>
        </Panel>
    }
    .into_any()
}

fn approval(cell: &ApprovalCell, now: Now) -> AnyView {
    let number = cell.number;
    let state = cell.state;
    let open = state == domain::approval::ApprovalState::Open;
    let expires = open.then(|| {
        view! {
            <span class="sub">
                "Expires " <Time at=cell.expires_at.clone() now=now ago=true/>
            </span>
        }
    });
    let given = format!("{} of {} given", cell.approvals, cell.quorum);
    view! {
        <Panel title="Approval" id="approval" more=view! { <a href=format!("/approvals/{number}")>{format!("#{number}")}</a> }.into_any()>
            <ul class="rows rows--tight">
                <li>
                    <Status tone=state.tone() label=state.label()/>
                    <span class="r">{given}</span>
                    {expires}
                </li>
            </ul>
        </Panel>
    }
    .into_any()
}

fn attestations(found: &DeploymentDetail) -> AnyView {
    let all = found.attestations.len();
    let there = found
        .attestations
        .iter()
        .filter(|one| one.digest.is_some())
        .count();
    let items: Vec<_> = found
        .attestations
        .iter()
        .map(|one| attestation(one, found))
        .collect();
    view! {
        <Panel title="Attestations" id="attestations" more=format!("{there} of {all}").into_any()>
            <ul class="rows rows--tight">{items}</ul>
        </Panel>
    }
    .into_any()
}

fn attestation(one: &Attestation, found: &DeploymentDetail) -> AnyView {
    let label = one.label.clone();
    match &one.digest {
        Some(digest) => {
            // The report of a gate is a page; other evidence is a digest alone.
            let gate = found
                .gates
                .iter()
                .find(|gate| gate.evidence_digest.as_ref() == Some(digest));
            let name = match gate {
                Some(gate) => {
                    let href =
                        format!("/deployments/{}/evaluation#{}", found.row.number, gate.gate);
                    view! { <a href=href>{label}</a> }.into_any()
                }
                None => label.into_any(),
            };
            view! {
                <li>
                    <span class="st st--ok">
                        <Icon name=Tone::Ok.icon()/>
                        {name}
                    </span>
                    <span class="r">
                        <Hash value=digest.clone() kind=HashKind::Bare/>
                    </span>
                </li>
            }
            .into_any()
        }
        None => {
            let pending = if found.row.state.in_progress() || one.pending.starts_with("Asks") {
                one.pending.clone()
            } else {
                "Not made".to_owned()
            };
            view! {
                <li>
                    <Status tone=Tone::Idle label=label/>
                    <span class="r muted">{pending}</span>
                </li>
            }
            .into_any()
        }
    }
}

fn outgoing(found: &DeploymentDetail) -> AnyView {
    if found.outgoing.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = found.outgoing.iter().map(sent).collect();
    view! {
        <Panel title="Told to the git host" id="outgoing">
            <ul class="rows rows--tight">{items}</ul>
        </Panel>
    }
    .into_any()
}

fn sent(row: &OutgoingRow) -> AnyView {
    let (tone, word) = match (row.done, row.attempts, &row.last_error) {
        (true, ..) => (Tone::Ok, "Sent".to_owned()),
        (false, tries, Some(_)) => (Tone::Unknown, format!("Not sent, tried {tries} times")),
        (false, _, None) => (Tone::Run, "Being sent".to_owned()),
    };
    let error = row
        .last_error
        .clone()
        .filter(|_| !row.done)
        .map(|text| view! { <span class="sub wrap">{text}</span> });
    view! {
        <li>
            <Status tone=tone label=word/>
            <span class="r muted">{row.what.clone()}</span>
            <span class="sub wrap">{row.name.clone()}</span>
            {error}
        </li>
    }
    .into_any()
}
