//! Dangerous steps of a deployment, apart from everything else: cancelling it on its way, rolling it back when it is live.

use domain::view::agent::RollbackBadge;
use domain::view::deployment::DeploymentDetail;
use leptos::prelude::*;

use super::{Around, glass};
use crate::rpc::deployments::{CancelDeployment, StartRollback};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// What this person may do now.
pub(super) fn all(found: &DeploymentDetail, around: &Around) -> AnyView {
    let cancel = found.can_cancel.then(|| cancel(found));
    let roll_back = found.can_roll_back.then(|| match &around.rollback {
        Some(RollbackBadge::Ready { version, .. }) => roll_back(found, version),
        Some(RollbackBadge::NotReady {
            version, reason, ..
        }) => unavailable(&format!(
            "v{version} cannot be restored: {}.",
            reason.label()
        )),
        Some(RollbackBadge::NoTarget) => {
            unavailable("There is no earlier version that was verified live here.")
        }
        None => unavailable("Whether an earlier version can be restored could not be read."),
    });
    let glass = glass::step(found);
    if cancel.is_none() && roll_back.is_none() && glass.is_none() {
        return ().into_any();
    }
    view! {
        <section class="stack stack--3" aria-label="Dangerous steps">
            {cancel}
            {roll_back}
            {glass}
        </section>
    }
    .into_any()
}

fn unavailable(why: &str) -> AnyView {
    view! { <Unavailable label="Roll back…" why=why/> }.into_any()
}

fn cancel(found: &DeploymentDetail) -> AnyView {
    let error = refused::<CancelDeployment>();
    let number = found.row.number;
    let stays = match &found.replaces {
        Some((_, version)) => format!(
            "{} keeps running v{version}.",
            found.row.environment.label()
        ),
        None => format!(
            "Nothing is live in {}.",
            found.row.environment.label().to_lowercase()
        ),
    };
    view! {
        <Danger label="Cancel deployment…" open=error.is_some()>
            <p id="cancel">
                {format!(
                    "The deployment ends where it is. What it created is removed, identity first, and the ledger keeps the receipt. {stays}",
                )}
            </p>
            <p class="soft">"Not undone: what was recorded. The version stays, and may be deployed again by a new push."</p>
            <FormError error=error fields=FIELDS form="cancel"/>
            <Post to={url::<CancelDeployment>()}>
                <Hidden name="number" value=number.to_string()/>
                <Reason form="cancel" error=error hint="Why it ends. Kept in the audit trail."/>
                <Submit
                    label=format!("Cancel deployment #{number}")
                    busy_label="Cancelling…"
                    kind=Kind::DangerSolid
                    icon="octagon-x"
                />
            </Post>
        </Danger>
    }
    .into_any()
}

fn roll_back(found: &DeploymentDetail, to: &str) -> AnyView {
    let error = refused::<StartRollback>();
    let from = found.row.version.clone();
    let place = found.row.environment.label().to_lowercase();
    let number = found.row.number;
    let to = to.to_owned();
    let label = format!("Roll back to v{to}");
    view! {
        <Danger label=format!("Roll back {place} from v{from} to v{to}…") open=error.is_some()>
            <p id="roll-back">
                {format!(
                    "Runtime, config, identity scopes and registry of v{to} come back together, or none of them. v{from} stops, its identity is revoked, and it is held until an operator lifts the hold.",
                )}
            </p>
            <p class="soft">
                "Not undone: what the agent did to other systems, and tokens already issued, which end within 5 minutes. "
                <a href=format!("/deployments/{number}/rollback")>"Part by part, and other versions"</a>
            </p>
            <FormError error=error fields=FIELDS form="back"/>
            <Post to={url::<StartRollback>()}>
                <Hidden name="number" value=number.to_string()/>
                <Reason form="back" error=error hint="What is wrong. Kept in the audit trail."/>
                <Submit
                    label=label
                    busy_label="Rolling back…"
                    kind=Kind::DangerSolid
                    icon="undo-2"
                />
            </Post>
        </Danger>
    }
    .into_any()
}
