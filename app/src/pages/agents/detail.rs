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
use leptos_router::hooks::use_params_map;

use crate::rpc::agents::{AskAgent, DecommissionAgent, LiftHold, get_agent};
use crate::rpc::deployments::{PromoteDeployment, StartRollback};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// What a person may send from this page. Made once, so that a reload of the data loses nothing typed.
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

    /// Changes when something was sent that changes the page.
    fn version(self) -> usize {
        self.promote.version().get()
            + self.roll_back.version().get()
            + self.lift.version().get()
            + self.decommission.version().get()
    }
}

/// One agent.
#[component]
pub(crate) fn AgentPage() -> impl IntoView {
    let live = use_live();
    let params = use_params_map();
    let slug = Memo::new(move |_| params.read().get("slug").unwrap_or_default());
    let acts = Acts::new();
    let data = Resource::new(
        move || {
            (
                slug.get(),
                acts.version(),
                live.version(&["agent", "deployment", "approval"]),
            )
        },
        |(slug, ..)| get_agent(slug),
    );
    load(data, move |agent, viewer| body(agent, &viewer, acts))
}

fn body(agent: AgentDetail, viewer: &Viewer, acts: Acts) -> AnyView {
    let now = viewer.now();
    view! {
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
