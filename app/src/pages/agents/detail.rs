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

use crate::pages::post_reviews;
use crate::pages::then::{agent_then, at_another_time};
use crate::rpc::agents::get_agent;
use crate::rpc::deployments::PromoteDeployment;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// One agent.
#[component]
pub(crate) fn AgentPage() -> impl IntoView {
    let as_of = asked("as_of");
    if !as_of.is_empty() {
        return agent_then(part("slug"), as_of);
    }
    load(get_agent(part("slug")), move |agent, viewer| {
        body(agent, &viewer)
    })
    .into_any()
}

fn body(agent: AgentDetail, viewer: &Viewer) -> AnyView {
    let (now, here) = (viewer.now(), format!("/agents/{}", agent.slug));
    view! {
        <Live on=format!("agent:{} deployment approval", agent.slug)/>
        {head::head(&agent, viewer)}
        <FormError error={refused::<PromoteDeployment>()}/>
        {agent.break_glasses.iter().map(|mark| post_reviews::mark(mark, now)).collect::<Vec<_>>()}
        {head::attribution(&agent, now)}
        <div class="cols">
            <div class="stack">
                {environments::table(&agent, now)}
                {lineage::table(&agent, now)}
                {pushes::table(&agent, now)}
                {ask::panel(&agent, viewer)}
                {actions::all(&agent, viewer)}
            </div>
            <div class="stack stack--4">{side::all(&agent, now)} {at_another_time(&here)}</div>
        </div>
    }
    .into_any()
}
