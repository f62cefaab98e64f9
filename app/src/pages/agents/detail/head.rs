//! The head of an agent's page, and the line that says under whose authority it acts.

use domain::authz::Action;
use domain::environment::Environment;
use domain::rollback::Readiness;
use domain::tone::Tone;
use domain::view::agent::{AgentDetail, EnvironmentCard, LiveCard, RollbackBadge};
use leptos::prelude::*;

use crate::format::{Now, about};
use crate::rpc::deployments::PromoteDeployment;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The card of an environment.
pub(super) fn card(agent: &AgentDetail, environment: Environment) -> Option<&EnvironmentCard> {
    agent
        .environments
        .iter()
        .find(|card| card.environment == environment)
}

/// What is live, production before non-prod.
pub(super) fn newest(agent: &AgentDetail) -> Option<(Environment, &LiveCard)> {
    [Environment::Production, Environment::NonProd]
        .into_iter()
        .find_map(|environment| {
            card(agent, environment)?
                .live
                .as_ref()
                .map(|live| (environment, live))
        })
}

/// Title, badges, owner, and what can be done next.
pub(super) fn head(agent: &AgentDetail, viewer: &Viewer) -> AnyView {
    let production = card(agent, Environment::Production);
    let live = match (
        agent.decommissioned_at.is_some(),
        production.and_then(|card| card.live.as_ref()),
    ) {
        (true, _) => (Tone::Idle, "Decommissioned".to_owned()),
        (false, Some(live)) => (Tone::Ok, format!("v{} live in production", live.version)),
        (false, None) => (Tone::Idle, "Not live in production".to_owned()),
    };
    let rollback = production.map(|card| badge(&card.rollback));
    let tags: Vec<_> = [
        agent.risk.map(domain::agent::Risk::label),
        agent.framework.map(domain::agent::Framework::label),
    ]
    .into_iter()
    .flatten()
    .map(|text| view! { <span class="tag">{text}</span> })
    .collect();
    let badges = view! {
        <Status tone=live.0 label=live.1 boxed=true/>
        {rollback}
        {tags}
    };
    let sub = view! {
        {agent.description.clone()} " Owned by "
        <a href=format!("/agents?team={}", agent.team)>{agent.team.clone()}</a> "."
    };
    view! {
        <PageHead
            title=agent.slug.clone()
            badges=badges.into_any()
            sub=sub.into_any()
            actions=actions(agent, viewer)
        />
    }
    .into_any()
}

/// "Rollback ready", boxed.
fn badge(rollback: &RollbackBadge) -> AnyView {
    match rollback {
        RollbackBadge::Ready { about_seconds, .. } => {
            let label = format!("Rollback ready{}", about(*about_seconds));
            view! { <Status tone=Tone::Ok label=label icon="undo-2" boxed=true/> }.into_any()
        }
        RollbackBadge::NotReady {
            reason: Readiness::Unchecked,
            ..
        } => {
            let label = format!("Rollback: {}", Readiness::Unchecked.label());
            view! { <Status tone=Tone::Unknown label=label boxed=true/> }.into_any()
        }
        RollbackBadge::NotReady { reason, .. } => {
            let label = format!("Rollback not ready: {}", reason.label());
            view! { <Status tone=Tone::Bad label=label boxed=true/> }.into_any()
        }
        RollbackBadge::NoTarget => {
            view! { <Status tone=Tone::Idle label="No rollback target yet" boxed=true/> }.into_any()
        }
    }
}

/// Danger left of the one primary: what waits, else what can be promoted.
fn actions(agent: &AgentDetail, viewer: &Viewer) -> AnyView {
    let team = Some(agent.team_id.as_str());
    let can_roll_back =
        viewer.may(Action::Rollback, team) && super::actions::rollback_target(agent).is_some();
    // "external" leaves the click to the browser, which opens the step that holds the target.
    let roll_back = can_roll_back.then(|| {
        view! {
            <a class="btn btn--danger" rel="external" href="#roll-back">
                <Icon name="undo-2"/>
                "Roll back…"
            </a>
        }
    });
    let primary = match (&agent.waiting, &agent.promotable) {
        (Some(waiting), _) => {
            let number = waiting.number;
            view! {
                <LinkButton href=format!("/approvals/{number}") label=format!("Review #{number}") kind=Kind::Primary/>
            }
            .into_any()
        }
        (None, Some(proven)) if viewer.may(Action::Deploy, team) => {
            promote(proven.number, &proven.version)
        }
        (None, _) => ().into_any(),
    };
    let history = format!("/audit?agent={}", agent.slug);
    view! {
        <LinkButton href=history label="History"/>
        {roll_back}
        {primary}
    }
    .into_any()
}

/// Starts the way to production of a version that is proven in non-prod.
fn promote(number: i64, version: &str) -> AnyView {
    let label = format!("Promote v{version}");
    view! {
        <Post to={url::<PromoteDeployment>()}>
            <Hidden name="number" value=number.to_string()/>
            <Submit label=label busy_label="Promoting…" kind=Kind::Primary/>
        </Post>
    }
    .into_any()
}

/// One form everywhere: who acts, since when, under which approval.
pub(super) fn attribution(agent: &AgentDetail, now: Now) -> AnyView {
    let Some((environment, live)) = newest(agent) else {
        return ().into_any();
    };
    let authority = match live.approval {
        Some(number) => view! {
            ", authorised under approval "
            <a class="strong" href=format!("/approvals/{number}")>
                {format!("#{number}")}
            </a>
        }
        .into_any(),
        None => view! { ", which needs no approval there" }.into_any(),
    };
    let name = format!("{} v{}", agent.slug, live.version);
    view! {
        <div class="attr" role="group" aria-label="Authority">
            <Icon name="fingerprint"/>
            <p>
                <b>{name}</b>
                {format!(" acts in {} as ", environment.label().to_lowercase())}
                <code>{live.client_id.clone()}</code>
                " since "
                <Time at=live.since.clone() now=now ago=true/>
                {authority}
            </p>
            <a class="push" href=format!("/agents/{}/access", agent.slug)>
                "Its access"
            </a>
            <a href=format!("/agents/{}/reach?environment={environment}", agent.slug)>"Its reach"</a>
            <a href=format!("/audit?agent={}", agent.slug)>"Its events"</a>
        </div>
    }
    .into_any()
}
