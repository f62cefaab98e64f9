//! The head of a deployment's page: its state, who started it, what is at stake, and its identity.

use domain::authz::Action;
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::view::agent::RollbackBadge;
use domain::view::deployment::DeploymentDetail;
use leptos::prelude::*;

use super::Around;
use crate::format::Now;
use crate::rpc::deployments::PromoteDeployment;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The state with how far it is: "Gates running, 1 of 2 done".
fn state(found: &DeploymentDetail) -> String {
    let label = found.row.state.label();
    match (found.row.state, &found.approval) {
        (DeploymentState::Checking | DeploymentState::Verifying, _) => {
            let late = found.row.state == DeploymentState::Verifying;
            let gates = || {
                let all = found.gates.iter();
                all.filter(|gate| gate.carried_from.is_none() && gate.gate.needs_agent() == late)
            };
            let done = gates().filter(|gate| gate.verdict.is_some()).count();
            match gates().count() {
                0 => label.to_owned(),
                all => format!("{label}, {done} of {all} done"),
            }
        }
        (DeploymentState::AwaitingApproval, Some(cell)) => {
            format!("{label}, {} of {}", cell.approvals, cell.quorum)
        }
        _ => label.to_owned(),
    }
}

/// Title, state, the sentence under it, and what can be done.
pub(super) fn head(found: &DeploymentDetail, around: &Around, viewer: &Viewer) -> AnyView {
    let row = &found.row;
    let words = state(found);
    let spoken = format!("Deployment #{}: {words}", row.number);
    let held = found
        .held
        .then(|| view! { <Status tone=domain::tone::Tone::Bad label="Held after rollback" icon="lock" boxed=true/> });
    let badges = view! {
        <Status tone=row.state.tone() label=words boxed=true/>
        {held}
        <span class="tag">{format!("#{}", row.number)}</span>
        <span class="tag">{row.environment.label()}</span>
        <span class="tag">{row.kind.label()}</span>
    };
    view! {
        <PageHead
            title=format!("{} v{}", row.agent, row.version)
            badges=badges.into_any()
            sub=sentence(found, viewer.now())
            actions=actions(found, around, viewer)
        />
        <p class="vh" role="status">{spoken}</p>
    }
    .into_any()
}

fn sentence(found: &DeploymentDetail, now: Now) -> AnyView {
    let row = &found.row;
    let started = match row.kind {
        DeploymentKind::Push => format!("Started by a push from {}, ", found.author),
        DeploymentKind::Promotion => format!("Promotion asked for by {}, ", row.requested_by),
        DeploymentKind::Rollback => format!("Rollback started by {}, ", row.requested_by),
    };
    let place = row.environment.label();
    let stake = match (&found.replaces, row.state.in_progress()) {
        (Some((_, version)), true) => {
            format!(" {place} keeps running v{version} until this deployment is live.")
        }
        (None, true) => format!(" Nothing is live in {} yet.", place.to_lowercase()),
        (_, false) => String::new(),
    };
    let reason = found
        .reason
        .as_ref()
        .map(|reason| format!(" Reason: “{reason}”"));
    let subject = found.subject.clone();
    view! {
        {started}
        <Time at=row.requested_at.clone() now=now ago=true/>
        "."
        {stake}
        {reason}
        " "
        <span class="muted">{format!("“{subject}”")}</span>
    }
    .into_any()
}

/// Danger left of the one primary: the review that waits, or the way on to production.
fn actions(found: &DeploymentDetail, around: &Around, viewer: &Viewer) -> AnyView {
    let row = &found.row;
    let agent = format!("/agents/{}", row.agent);
    let cancel = found.can_cancel.then(|| {
        view! {
            <LinkButton href="#cancel" label="Cancel deployment…" kind=Kind::Danger icon="octagon-x"/>
        }
    });
    let ready = matches!(around.rollback, Some(RollbackBadge::Ready { .. }));
    let roll_back = (found.can_roll_back && ready).then(|| {
        view! {
            <LinkButton
                href=format!("/deployments/{}/rollback", row.number)
                label="Roll back…"
                kind=Kind::Danger
                icon="undo-2"
            />
        }
    });
    let promotes = row.state == DeploymentState::Live
        && row.environment == Environment::NonProd
        && around.promotable
        && viewer.may(Action::Deploy, Some(&found.team_id));
    let primary = if row.state == DeploymentState::AwaitingApproval {
        let number = row.number;
        view! {
            <LinkButton href=format!("/approvals/{number}") label=format!("Review #{number}") kind=Kind::Primary/>
        }
        .into_any()
    } else if promotes {
        promote(row.number)
    } else {
        ().into_any()
    };
    view! {
        <LinkButton href=format!("/audit?deployment={}", row.number) label="History"/>
        <LinkButton href=agent label="Open agent"/>
        {cancel}
        {roll_back}
        {primary}
    }
    .into_any()
}

fn promote(number: i64) -> AnyView {
    view! {
        <Post to={url::<PromoteDeployment>()}>
            <Hidden name="number" value=number.to_string()/>
            <Submit
                label="Promote to production"
                busy_label="Promoting…"
                kind=Kind::Primary
            />
        </Post>
    }
    .into_any()
}

/// Commit, config, image, manifest, target, replaces: always in this order.
pub(super) fn strip(found: &DeploymentDetail) -> AnyView {
    let under_way = found.row.state.in_progress();
    let digest = |value: &Option<String>, pending: &'static str| match value {
        Some(value) => view! { <Hash value=value.clone()/> }.into_any(),
        None if !under_way => view! { <span class="muted">"None"</span> }.into_any(),
        None => view! { <span class="muted">{pending}</span> }.into_any(),
    };
    let commit = view! {
        <Hash value=found.row.commit.clone() kind=HashKind::Commit/>
        " "
        <span class="muted">{found.branch.clone()}</span>
    };
    let replaces = match &found.replaces {
        Some((number, version)) => {
            view! { <a href=format!("/deployments/{number}")>{format!("v{version}")}</a> }
                .into_any()
        }
        None => view! { <span class="muted">"Nothing"</span> }.into_any(),
    };
    view! {
        <Strip cells=vec![
            ("Commit", commit.into_any()),
            ("Config bundle", view! { <Hash value=found.config_digest.clone()/> }.into_any()),
            ("Image", digest(&found.image_digest, "Not built yet")),
            ("Manifest", digest(&found.manifest_digest, "Not sealed yet")),
            ("Target", found.target.clone().into_any()),
            (if under_way || found.replaces.is_none() { "Replaces" } else { "Live there now" }, replaces),
        ]/>
    }
    .into_any()
}
