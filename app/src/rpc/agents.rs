//! The registry and one agent.

use domain::form::agent::{AskForm, DecommissionForm, LiftHoldForm, OnboardForm};
use domain::form::query::AgentQuery;
use domain::view::agent::{AgentDetail, AgentRow, AskAnswer};
use domain::view::page::Page;
use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::error::UiError;
use crate::wire::Json;

/// One page of the registry.
#[server(prefix = "/rpc", endpoint = "agents/list", input = GetUrl, output = Json)]
pub(crate) async fn list_agents(
    #[server(default)] query: AgentQuery,
) -> Result<Page<AgentRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::list(&cp, &ctx, &query)
        .await
        .map_err(crate::error::reject)
}

/// One agent with all that its page shows.
#[server(prefix = "/rpc", endpoint = "agents/get", input = GetUrl, output = Json)]
pub(crate) async fn get_agent(slug: String) -> Result<AgentDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::get(&cp, &ctx, &slug)
        .await
        .map_err(crate::error::reject)
}

/// Adds an agent to the registry and goes to its page.
#[server(prefix = "/rpc", endpoint = "agents/onboard", output = Json)]
pub(crate) async fn onboard_agent(form: OnboardForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let slug = control_plane::agents::onboard(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!("/agents/{slug}?notice=onboarded"));
    Ok(())
}

/// Asks the running agent something.
#[server(prefix = "/rpc", endpoint = "agents/ask", output = Json)]
pub(crate) async fn ask_agent(form: AskForm) -> Result<AskAnswer, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::ask(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)
}

/// Ends an agent: revokes its identities, then removes what it runs on.
#[server(prefix = "/rpc", endpoint = "agents/decommission", output = Json)]
pub(crate) async fn decommission_agent(form: DecommissionForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::decommission(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!(
        "/agents/{}?notice=decommissioned",
        crate::format::encode(&form.agent)
    ));
    Ok(())
}

/// Lets a version that was rolled back be deployed again.
#[server(prefix = "/rpc", endpoint = "agents/lift-hold", output = Json)]
pub(crate) async fn lift_hold(form: LiftHoldForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::lift_hold(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!(
        "/agents/{}?notice=hold_lifted",
        crate::format::encode(&form.agent)
    ));
    Ok(())
}
