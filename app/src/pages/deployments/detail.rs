//! "Where is this deployment, and why is it not further?"

mod actions;
mod failure;
mod glass;
mod head;
mod ledger;
mod log;
mod path;
mod side;

use domain::deployment::DeploymentState;
use domain::tone::Tone;
use domain::view::agent::RollbackBadge;
use domain::view::deployment::DeploymentDetail;
use leptos::prelude::*;

use crate::error::UiError;
use crate::pages::post_reviews;
use crate::rpc::agents::get_agent;
use crate::rpc::deployments::{PromoteDeployment, get_deployment};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// What the page knows of the agent while this deployment is live.
#[derive(Debug, Clone, Default, PartialEq)]
struct Around {
    /// What a rollback would restore.
    rollback: Option<RollbackBadge>,
    /// It is proven here and not asked for in production yet.
    promotable: bool,
}

/// One slice of the log, as the address asks for it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Slice {
    step: String,
    before: String,
}

/// One deployment.
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {
    let number = part("number");
    let slice = Slice {
        step: asked("step"),
        before: asked("before"),
    };
    load(
        read(number, slice.clone()),
        move |(found, around), viewer| body(&found, &around, &slice, &viewer),
    )
}

async fn read(number: String, slice: Slice) -> Result<(DeploymentDetail, Around), UiError> {
    let found = get_deployment(number, slice.step, slice.before).await?;
    let around = if found.row.state == DeploymentState::Live {
        around(&found).await
    } else {
        Around::default()
    };
    Ok((found, around))
}

/// Only a help for the buttons: what cannot be read leaves them away, and the page stands.
async fn around(found: &DeploymentDetail) -> Around {
    let Ok(agent) = get_agent(found.row.agent.clone()).await else {
        return Around::default();
    };
    let card = agent
        .environments
        .into_iter()
        .find(|card| card.environment == found.row.environment);
    Around {
        rollback: card.map(|card| card.rollback),
        promotable: agent
            .promotable
            .is_some_and(|cell| cell.number == found.row.number),
    }
}

fn body(found: &DeploymentDetail, around: &Around, slice: &Slice, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let number = found.row.number;
    view! {
        <Live on=format!("deployment:{number} approval:{number}")/>
        {head::head(found, around, viewer)}
        <FormError error={refused::<PromoteDeployment>()}/>
        {found.break_glass.as_ref().map(|mark| post_reviews::mark(mark, now))}
        {failure::notice(found)}
        {lacking(&found.lacks)}
        {head::strip(found)}
        {path::panel(found)}
        <div class="cols cols--wide">
            {log::panel(found, slice)}
            <div class="stack stack--4">{side::all(found, now)}</div>
        </div>
        {ledger::section(found, now)}
        {actions::all(found, around)}
    }
    .into_any()
}

/// Live, and what the policy in force asks for that it does not have.
fn lacking(lacks: &[String]) -> Option<AnyView> {
    if lacks.is_empty() {
        return None;
    }
    let items: Vec<_> = lacks
        .iter()
        .map(|reason| view! { <li>{reason.clone()}</li> })
        .collect();
    Some(
        view! {
            <NoticeBar tone=Tone::Bad>
                <p>
                    <b>"It no longer complies with the policy in force. "</b>
                    "It stays live until somebody acts: push anew, waive, or roll back."
                </p>
                <ul>{items}</ul>
            </NoticeBar>
        }
        .into_any(),
    )
}
