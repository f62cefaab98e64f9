//! The registry and one agent.

use domain::form::agent::{
    AskForm, DecommissionForm, LabelForm, LiftHoldForm, LookForm, OnboardForm, OwnerForm,
};
use domain::form::query::{AgentQuery, ReachQuery, UseQuery};
use domain::view::agent::{
    AgentComparison, AgentDetail, AgentList, ClosestPair, SimilarPairs, UsedBy, UsedThing,
};
use domain::view::agent_card::VersionCard;
use domain::view::diff::VersionDiff;
use domain::view::page::Page;
use domain::view::reach::Reach;
use domain::view::setup::{Setup, SetupQuery};
use leptos::prelude::*;

use crate::error::UiError;
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

/// One page of the registry, with the counts beside its filters.
pub(crate) async fn list_agents(query: AgentQuery) -> Result<AgentList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::list(&cp, &ctx, &query)
        .await
        .map_err(crate::error::reject)
}

/// Pairs of agents that do nearly the same.
pub(crate) async fn similar_pairs() -> Result<SimilarPairs, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::pairs(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// The A2A card of a version; of the one that tells what the agent does where none is asked for.
pub(crate) async fn get_card(slug: String, version: String) -> Result<VersionCard, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = Some(version.as_str()).filter(|number| !number.is_empty());
    control_plane::agents::card(&cp, &ctx, &slug, number)
        .await
        .map_err(crate::error::reject)
}

/// The two that are likest, and how many are as much alike.
pub(crate) async fn closest_pair() -> Result<Option<ClosestPair>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::closest(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// Two agents side by side.
pub(crate) async fn compare_agents(one: String, other: String) -> Result<AgentComparison, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::compare(&cp, &ctx, &one, &other)
        .await
        .map_err(crate::error::reject)
}

/// One page of tools or MCP servers, by name.
pub(crate) async fn list_tools(query: UseQuery) -> Result<Page<UsedThing>, UiError> {
    let (cp, ctx) = super::enter()?;
    let found = control_plane::agents::uses(&cp, &ctx, &query).await;
    found.map_err(crate::error::reject)
}

/// The agents that use a tool or MCP server.
pub(crate) async fn tool_users(
    kind: String,
    name: String,
    cursor: String,
) -> Result<UsedBy, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::used_by(&cp, &ctx, (&kind, &name), &cursor)
        .await
        .map_err(crate::error::reject)
}

/// One agent with all that its page shows.
pub(crate) async fn get_agent(slug: String) -> Result<AgentDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::get(&cp, &ctx, &slug)
        .await
        .map_err(crate::error::reject)
}

/// What differs between two versions of an agent.
pub(crate) async fn compare_versions(
    slug: String,
    from: String,
    to: String,
) -> Result<VersionDiff, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::versions::compare(&cp, &ctx, &slug, (&from, &to))
        .await
        .map_err(crate::error::reject)
}

/// What an agent can reach with what is live of it.
pub(crate) async fn agent_reach(slug: String, query: ReachQuery) -> Result<Reach, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::reach(&cp, &ctx, &slug, &query)
        .await
        .map_err(crate::error::reject)
}

/// What an agent lacks for its first deployment, and what its repository holds.
pub(crate) async fn agent_setup(slug: String, query: SetupQuery) -> Result<Setup, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::detections::setup(&cp, &ctx, &slug, &query)
        .await
        .map_err(crate::error::reject)
}

/// Orders another look at an agent's repository.
#[server(prefix = "/rpc", endpoint = "agents/look")]
pub(crate) async fn look_again(form: LookForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::detections::look_again(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!(
        "/agents/{}/setup?notice=look_ordered",
        crate::format::encode(form.agent.trim())
    ));
    Ok(())
}

/// Names who answers for an agent.
#[server(prefix = "/rpc", endpoint = "agents/owner")]
pub(crate) async fn name_owner(form: OwnerForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::set_owner(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::back_to("agents", &form.agent, Notice::OwnerNamed);
    Ok(())
}

/// Gives agents labels or takes them away, and goes back to the list that they were chosen from.
#[server(prefix = "/rpc", endpoint = "registry/labels")]
pub(crate) async fn label_agents(form: LabelForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::agents::label(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    let notice = Notice::Labelled.to_string();
    let mut parts = form.back.parts();
    parts.push(("notice", &notice));
    super::go(&crate::format::address("/agents", &parts));
    Ok(())
}

/// Adds an agent to the registry and goes on to what is missing for its first deployment.
#[server(prefix = "/rpc", endpoint = "agents/onboard")]
pub(crate) async fn onboard_agent(form: OnboardForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let slug = control_plane::agents::onboard(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!("/agents/{slug}/setup?notice=onboarded"));
    Ok(())
}

/// Asks the running agent something, and shows its answer on its page.
#[server(prefix = "/rpc", endpoint = "agents/ask")]
pub(crate) async fn ask_agent(form: AskForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let answer = control_plane::agents::ask(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    let page = format!("/agents/{}", crate::format::encode(&form.agent));
    outcome::show(page, Shown::Asked(answer));
    Ok(())
}

/// Ends an agent: revokes its identities, then removes what it runs on.
#[server(prefix = "/rpc", endpoint = "agents/decommission")]
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
#[server(prefix = "/rpc", endpoint = "agents/lift-hold")]
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
