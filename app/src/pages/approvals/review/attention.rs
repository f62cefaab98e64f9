//! What needs attention, worst first, and how to get back if it goes wrong.

use domain::tone::Tone;
use domain::view::agent::RollbackBadge;
use domain::view::approval::{ApprovalDetail, Attention, AttentionTone};
use leptos::prelude::*;

use crate::format::about;
use crate::ui::prelude::*;

/// At most five lines, each a link to its section.
pub(super) fn list(found: &ApprovalDetail) -> AnyView {
    let items: Vec<_> = found.attention.iter().map(line).collect();
    view! {
        <section aria-labelledby="attention-h">
            <h2 class="vh" id="attention-h">"What needs your attention"</h2>
            <ul class="attn">{items}</ul>
        </section>
    }
    .into_any()
}

fn line(one: &Attention) -> AnyView {
    let tone = one.tone.tone();
    let icon = match (one.tone, one.anchor.as_str()) {
        (AttentionTone::Bad, "changes") => "shield-alert",
        (AttentionTone::Ok, "rollback") => "undo-2",
        (AttentionTone::Wait, _) => "triangle-alert",
        (_, _) => tone.icon(),
    };
    let (see, of) = match one.anchor.as_str() {
        "changes" => ("See changes", "#changes"),
        "gates" => ("See gates", "#gates"),
        "evaluation" => ("See evaluation", "#evaluation"),
        "vulnerabilities" => ("See findings", "#vulnerabilities"),
        "rollback" => ("See rollback", "#rollback"),
        _ => ("See more", "#changes"),
    };
    let detail = one.detail.clone();
    view! {
        <li class=tone.class()>
            <Icon name=icon/>
            <span>
                <b>{one.headline.clone()}</b>
                {(!detail.is_empty()).then(|| format!(". {detail}"))}
            </span>
            <a class="r" rel="external" href=of>
                {see}
                <span class="vh">{format!(" for: {}", one.headline)}</span>
            </a>
        </li>
    }
    .into_any()
}

/// "If it goes wrong": the version that would come back, and whether it can.
pub(super) fn rollback(found: &ApprovalDetail) -> AnyView {
    let (tone, icon, words, text) = match &found.rollback {
        RollbackBadge::Ready {
            number,
            version,
            about_seconds,
        } => (
            Tone::Ok,
            "undo-2",
            format!("Rollback ready{}", about(*about_seconds)),
            format!(
                "v{version}, live as deployment #{number}, comes back as one unit: runtime, config, identity scopes and registry. Its image is there and its digest matches."
            ),
        ),
        RollbackBadge::NotReady {
            version, reason, ..
        } => (
            Tone::Bad,
            "circle-x",
            "Rollback not ready".to_owned(),
            format!(
                "v{version} cannot come back: {}. If this version goes wrong, it can only be stopped.",
                reason.label()
            ),
        ),
        RollbackBadge::NoTarget => (
            Tone::Idle,
            "circle",
            "No rollback target yet".to_owned(),
            "This is the first version there. If it goes wrong, it can only be stopped.".to_owned(),
        ),
    };
    let not_undone = "Not undone by a rollback: what the agent did to other systems, and tokens already issued, which end within 5 minutes.";
    view! {
        <Panel title="If it goes wrong" id="rollback" more=view! { <Status tone=tone label=words icon=icon/> }.into_any()>
            <div class="panel__b stack stack--3">
                <p>{text}</p>
                <p class="soft">{not_undone}</p>
            </div>
        </Panel>
    }
    .into_any()
}
