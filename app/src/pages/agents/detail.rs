//! "What is this agent, what runs where, and can I get back?"

mod actions;
mod ask;
mod environments;
mod head;
mod lineage;
mod pushes;
mod side;

use domain::view::agent::AgentDetail;
use leptos::prelude::*;

use crate::rpc::agents::{AskAgent, DecommissionAgent, LiftHold, get_agent};
use crate::rpc::deployments::{PromoteDeployment, StartRollback};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// What a person may send from this page.
#[derive(Clone, Copy)]
struct Acts {
    ask: ServerAction<AskAgent>,
    promote: ServerAction<PromoteDeployment>,
    roll_back: ServerAction<StartRollback>,
    lift: ServerAction<LiftHold>,
    decommission: ServerAction<DecommissionAgent>,
}

impl Acts {
    fn new() -> Self {
        Self {
            ask: ServerAction::new(),
            promote: ServerAction::new(),
            roll_back: ServerAction::new(),
            lift: ServerAction::new(),
            decommission: ServerAction::new(),
        }
    }
}

/// One agent.
#[component]
pub(crate) fn AgentPage() -> impl IntoView {
    let acts = Acts::new();
    load(get_agent(part("slug")), move |agent, viewer| {
        body(agent, &viewer, acts)
    })
}

fn body(agent: AgentDetail, viewer: &Viewer, acts: Acts) -> AnyView {
    let now = viewer.now();
    view! {
        <Live on=format!("agent:{} deployment approval", agent.slug)/>
        {head::head(&agent, viewer, acts)}
        <FormError error=error_of(acts.promote)/>
        {head::attribution(&agent, now)}
        <div class="cols">
            <div class="stack">
                {environments::table(&agent, now)}
                {lineage::table(&agent, now)}
                {pushes::table(&agent, now)}
                {ask::panel(&agent, acts.ask)}
                {actions::all(&agent, viewer, acts)}
            </div>
            <div class="stack stack--4">{side::all(&agent, now)}</div>
        </div>
    }
    .into_any()
}
