//! Dangerous steps, apart from everything else: rolling back, lifting a hold, decommissioning.

use domain::authz::Action;
use domain::environment::Environment;
use domain::view::agent::{AgentDetail, RollbackBadge};
use leptos::prelude::*;

use crate::rpc::agents::{DecommissionAgent, LiftHold};
use crate::rpc::deployments::StartRollback;
use crate::session::Viewer;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("version", "Version"), ("reason", "Reason")];

/// The live deployment to go back from, its version, and the version that comes back: production before non-prod.
pub(super) fn rollback_target(agent: &AgentDetail) -> Option<(Environment, i64, String, String)> {
    [Environment::Production, Environment::NonProd]
        .into_iter()
        .find_map(|environment| {
            let card = super::head::card(agent, environment)?;
            let live = card.live.as_ref()?;
            match &card.rollback {
                RollbackBadge::Ready { version, .. } => Some((
                    environment,
                    live.number,
                    live.version.clone(),
                    version.clone(),
                )),
                RollbackBadge::NotReady { .. } | RollbackBadge::NoTarget => None,
            }
        })
}

/// What this person may do, or who may.
pub(super) fn all(agent: &AgentDetail, viewer: &Viewer) -> AnyView {
    if agent.decommissioned_at.is_some() {
        return ().into_any();
    }
    if !viewer.may(Action::Rollback, Some(&agent.team_id)) {
        let why = format!(
            "Rolling back, lifting a hold and decommissioning need the operator role in {}.",
            agent.team
        );
        return view! { <p class="hint">{why}</p> }.into_any();
    }
    let roll_back = rollback_target(agent).map(roll_back);
    let held: Vec<String> = agent
        .lineage
        .iter()
        .filter(|row| row.held)
        .map(|row| row.version.clone())
        .collect();
    let lift = (!held.is_empty()).then(|| lift_hold(agent, held));
    view! {
        <section class="stack stack--3" aria-label="Dangerous steps">
            {roll_back}
            {lift}
            {decommission(agent)}
        </section>
    }
    .into_any()
}

fn roll_back((environment, number, from, to): (Environment, i64, String, String)) -> AnyView {
    let error = refused::<StartRollback>();
    let label = format!("Roll back to v{to}");
    let place = environment.label().to_lowercase();
    view! {
        <Danger label=format!("Roll back {place} from v{from} to v{to}…") open=error.is_some()>
            <p id="roll-back">
                {format!("Runtime, config, identity scopes and registry of v{to} come back together. v{from} stops, its identity is revoked, and it is held until an operator lifts the hold.")}
            </p>
            <p class="soft">
                "Not undone: what the agent did to other systems, and tokens already issued, which end within 5 minutes."
            </p>
            <FormError error=error fields=FIELDS form="back"/>
            <Post to={url::<StartRollback>()}>
                <Hidden name="number" value=number.to_string()/>
                <Reason form="back" error=error hint="What is wrong. Kept in the audit trail."/>
                <Submit label=label busy_label="Rolling back…" kind=Kind::DangerSolid icon="undo-2"/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn lift_hold(agent: &AgentDetail, held: Vec<String>) -> AnyView {
    let error = refused::<LiftHold>();
    let slug = agent.slug.clone();
    let options = held
        .into_iter()
        .map(|version| (version.clone(), format!("v{version}")))
        .collect();
    view! {
        <Danger label="Lift the hold on a version…" open=error.is_some()>
            <p>"A version that was rolled back may not be deployed until the reason for going back is settled."</p>
            <FormError error=error fields=FIELDS form="lift"/>
            <Post to={url::<LiftHold>()}>
                <Hidden name="agent" value=slug/>
                <Select name="version" label="Version" form="lift" options=options error=error required=true/>
                <Reason form="lift" error=error hint="What was settled. Kept in the audit trail."/>
                <Submit label="Lift hold" busy_label="Lifting…" kind=Kind::DangerSolid icon="lock"/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn decommission(agent: &AgentDetail) -> AnyView {
    let error = refused::<DecommissionAgent>();
    let label = format!("Decommission {}", agent.slug);
    let slug = agent.slug.clone();
    view! {
        <Danger label="Decommission this agent…" open=error.is_some()>
            <p>
                "Its identities are revoked first, then what it runs on is removed in every environment. Its history, evidence and audit events stay."
            </p>
            <FormError error=error fields=FIELDS form="end"/>
            <Post to={url::<DecommissionAgent>()}>
                <Hidden name="agent" value=slug/>
                <Reason form="end" error=error hint="Why it ends. Kept in the audit trail."/>
                <Submit label=label busy_label="Decommissioning…" kind=Kind::DangerSolid icon="power"/>
            </Post>
        </Danger>
    }
    .into_any()
}
