//! The registry of agents.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, agents, rollbacks};
use domain::form::agent::{AskForm, DecommissionForm, LiftHoldForm, OnboardForm, OwnerForm};
use domain::form::deployment::BreachForm;
use domain::form::query::{AgentQuery, AsOf, ReachQuery};
use domain::view::agent::{AgentDetail, AgentList, AskAnswer};
use domain::view::diff::VersionDiff;
use domain::view::reach::Reach;
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::extract::{Body, Path, Query};
use super::history::{self, AS_OF};
use super::idempotency::Once;
use super::openapi::{Asked, List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// What the registry can be narrowed to. Each filter may stand several times, or once with commas between its values, of which one
/// must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that the query type reads")]
pub(crate) struct Filters {
    /// Beginnings of words of its name, purpose, skills, tags, tools, MCP servers or owner.
    q: Option<String>,
    /// `production`, `non_prod` (and not in production), `quarantined`, `never` (deployed) or `decommissioned`.
    status: Option<String>,
    /// Slug of a team.
    team: Option<String>,
    /// `langgraph`, `crewai`, `strands`, `lyzr`, `custom`, or `unknown` before the first version.
    framework: Option<String>,
    /// `low`, `medium`, `high`, or `unknown` before the first version.
    risk: Option<String>,
    /// A label that people gave it.
    label: Option<String>,
    /// `name` or `-name`.
    sort: Option<String>,
}

/// How many rows are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Length {
    limit: Option<u64>,
}

/// The filters of an address.
pub(super) fn asked(address: &str) -> AgentQuery {
    let parts: Vec<_> = form_urlencoded::parse(address.as_bytes()).collect();
    let parts = parts
        .iter()
        .map(|(name, text)| (name.as_ref(), text.as_ref()));
    AgentQuery::read(parts)
}

/// Lists agents by name or, where words are looked for, the best first; with how many would fit with each filter.
#[utoipa::path(get, path = "/agents", operation_id = "list_agents", tag = "agents",
    params(Filters, ("as_of" = Option<String>, Query, description = AS_OF), List),
    responses((status = 200, description = "A page of agents; with `as_of`, `AgentsThen`", body = AgentList), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    RawQuery(address): RawQuery,
    Query(length): Query<Length>,
    Query(then): Query<AsOf>,
) -> Result<Response, HttpError> {
    let query = AgentQuery {
        limit: length.limit,
        ..asked(&address.unwrap_or_default())
    };
    if !then.as_of.is_empty() {
        return history::agents(&web, &ctx, &then.as_of, &query).await;
    }
    Ok(Json(agents::list(web.cp(), &ctx, &query).await?).into_response())
}

/// Shows one agent: what runs where, under which identity, and its versions.
#[utoipa::path(get, path = "/agents/{slug}", operation_id = "get_agent", tag = "agents",
    params(("slug" = String, Path), ("as_of" = Option<String>, Query, description = AS_OF)),
    responses((status = 200, description = "The agent; with `as_of`, `AgentThen`", body = AgentDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Query(then): Query<AsOf>,
) -> Result<Response, HttpError> {
    if !then.as_of.is_empty() {
        return history::agent(&web, &ctx, &slug, &then.as_of).await;
    }
    Ok(Json(agents::get(web.cp(), &ctx, &slug).await?).into_response())
}

/// Shows what an agent can reach with what is live of it in one environment: its tools, servers, secrets, scopes, the resources
/// that these open, and the other agents that it may call, with what those can reach.
#[utoipa::path(get, path = "/agents/{slug}/reach", operation_id = "get_reach", tag = "agents",
    params(("slug" = String, Path), ("environment" = Option<String>, Query,
        description = "`production` or `non_prod`; else production where something is live there")),
    responses((status = 200, description = "Things, and what leads to what", body = Reach), Problem))]
pub(crate) async fn reach(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Query(query): Query<ReachQuery>,
) -> Result<Json<Reach>, HttpError> {
    Ok(Json(agents::reach(web.cp(), &ctx, &slug, &query).await?))
}

/// Which two versions are compared.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct FromTo {
    /// Number of a version.
    from: String,
    /// Number of another, older or newer.
    to: String,
}

/// Shows what differs between two versions of an agent: scopes, configuration, image and packages. Commits and files are not in it.
#[utoipa::path(get, path = "/agents/{slug}/versions", operation_id = "compare_versions", tag = "agents",
    params(("slug" = String, Path), FromTo),
    responses((status = 200, description = "The difference; `live_…` is of the first, `proposed_…` of the second", body = VersionDiff), Problem))]
pub(crate) async fn versions(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Query(two): Query<FromTo>,
) -> Result<Json<VersionDiff>, HttpError> {
    let diff = control_plane::versions::compare(web.cp(), &ctx, &slug, (&two.from, &two.to));
    Ok(Json(diff.await?))
}

/// Onboards an agent from a repository.
#[utoipa::path(post, path = "/agents", operation_id = "onboard_agent", tag = "agents", request_body = OnboardForm,
    responses((status = 201, description = "Onboarded; answers the slug", body = Asked), Problem))]
pub(crate) async fn onboard(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<OnboardForm>,
) -> Result<Response, HttpError> {
    let work = async {
        agents::onboard(web.cp(), &ctx, &form)
            .await
            .map(|slug| json!({ "slug": slug }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::CREATED, work)
        .await
}

/// Asks a running agent a question. Recorded in the audit log without its text.
#[utoipa::path(post, path = "/agents/{slug}/ask", operation_id = "ask_agent", tag = "agents", params(("slug" = String, Path)), request_body = AskForm,
    responses((status = 200, description = "What the agent answered", body = AskAnswer), Problem))]
pub(crate) async fn ask(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Body(form): Body<AskForm>,
) -> Result<Json<AskAnswer>, HttpError> {
    Ok(Json(
        agents::ask(
            web.cp(),
            &ctx,
            &AskForm {
                agent: slug,
                ..form
            },
        )
        .await?,
    ))
}

/// Decommissions an agent: its identities end first, then everything it runs.
#[utoipa::path(post, path = "/agents/{slug}/decommission", operation_id = "decommission_agent", tag = "agents", params(("slug" = String, Path)),
    request_body = DecommissionForm, responses((status = 202, description = "Started", body = Asked), Problem))]
pub(crate) async fn decommission(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    once: Once,
    Body(form): Body<DecommissionForm>,
) -> Result<Response, HttpError> {
    let form = DecommissionForm {
        agent: slug,
        ..form
    };
    let work = async {
        agents::decommission(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "slug": form.agent }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}

/// Names who answers for an agent: a person with a role in its team.
#[utoipa::path(post, path = "/agents/{slug}/owner", operation_id = "name_owner", tag = "agents", params(("slug" = String, Path)),
    request_body = OwnerForm, responses((status = 200, description = "Named", body = Asked), Problem))]
pub(crate) async fn owner(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    once: Once,
    Body(form): Body<OwnerForm>,
) -> Result<Response, HttpError> {
    let form = OwnerForm {
        agent: slug,
        ..form
    };
    let work = async {
        agents::set_owner(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "slug": form.agent }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Lifts the hold that a rollback put on a version.
#[utoipa::path(post, path = "/agents/{slug}/lift-hold", operation_id = "lift_hold", tag = "agents", params(("slug" = String, Path)),
    request_body = LiftHoldForm, responses((status = 200, description = "Lifted", body = Asked), Problem))]
pub(crate) async fn lift_hold(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    once: Once,
    Body(form): Body<LiftHoldForm>,
) -> Result<Response, HttpError> {
    let form = LiftHoldForm {
        agent: slug,
        ..form
    };
    let work = async {
        agents::lift_hold(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "slug": form.agent, "version": form.version }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// Takes the word of an evaluation of what happens in production that the live version is bad. It is rolled back by itself
/// within the limits of automatic rollbacks; else an incident says why not. The same word again changes nothing.
#[utoipa::path(post, path = "/agents/{slug}/breaches", operation_id = "report_breach", tag = "agents", params(("slug" = String, Path)),
    request_body = BreachForm, responses((status = 202, description = "Taken", body = Asked), Problem))]
pub(crate) async fn report_breach(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    once: Once,
    Body(form): Body<BreachForm>,
) -> Result<Response, HttpError> {
    let form = BreachForm {
        agent: slug,
        ..form
    };
    let work = async {
        rollbacks::report_breach(web.cp(), &ctx, &form)
            .await
            .map(|()| json!({ "number": form.number }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::ACCEPTED, work)
        .await
}
