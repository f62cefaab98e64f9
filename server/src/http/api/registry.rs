//! What the registry knows beyond its list: lines to take away, agents that do nearly the same, tools and MCP servers.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, agents};
use domain::error::{FieldProblem, ValidationErrors};
use domain::form::agent::LabelForm;
use domain::form::query::{AgentQuery, UseQuery};
use domain::view::agent::{AgentComparison, SimilarPairs, UsedBy, UsedThing};
use domain::view::page::Page;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::IntoParams;

use super::agents::{Filters, asked};
use super::audit::LinesForm;
use super::extract::{Body, Path, Query};
use super::idempotency::Once;
use super::openapi::{List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Gives the agents that the filters leave, up to 10,000, as CSV in which no cell is a formula, or as JSON. That they were taken away
/// is recorded.
#[utoipa::path(get, path = "/registry/lines", operation_id = "get_registry_lines", tag = "agents", params(Filters, LinesForm),
    responses((status = 200, description = "The lines", content((Vec<domain::view::agent::AgentRow> = "application/json"), (String = "text/csv"))), Problem))]
pub(crate) async fn lines(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    RawQuery(address): RawQuery,
    Query(form): Query<LinesForm>,
) -> Result<Response, HttpError> {
    let query = AgentQuery {
        cursor: String::new(),
        ..asked(&address.unwrap_or_default())
    };
    match form.format.as_str() {
        "" | "csv" => {
            let rows = agents::lines(web.cp(), &ctx, &query).await?;
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"registry.csv\""),
            ];
            Ok((headers, evidence::registry_csv(&rows)).into_response())
        }
        "json" => {
            let rows = agents::lines(web.cp(), &ctx, &query).await?;
            let saved = (
                CONTENT_DISPOSITION,
                "attachment; filename=\"registry.json\"",
            );
            Ok(([saved], Json(rows)).into_response())
        }
        _ => {
            let wrong = ValidationErrors::one("format", FieldProblem::UnknownChoice);
            Err(control_plane::Error::from(wrong).into())
        }
    }
}

/// Lists pairs of agents that do nearly the same, the likest first, of those that the reader sees.
#[utoipa::path(get, path = "/registry/similar", operation_id = "list_similar_agents", tag = "agents",
    responses((status = 200, description = "The pairs, with what they share", body = SimilarPairs), Problem))]
pub(crate) async fn similar(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<SimilarPairs>, HttpError> {
    Ok(Json(agents::pairs(web.cp(), &ctx).await?))
}

/// Gives several agents labels or takes labels away from them, all or none.
#[utoipa::path(post, path = "/registry/labels", operation_id = "label_agents", tag = "agents", request_body = LabelForm,
    responses((status = 200, description = "How many agents were changed", body = Labelled), Problem))]
pub(crate) async fn label(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    once: Once,
    Body(form): Body<LabelForm>,
) -> Result<Response, HttpError> {
    let work = async {
        let changed = agents::label(web.cp(), &ctx, &form).await?;
        Ok(json!(Labelled { changed }))
    };
    once.answer(web.cp(), &ctx, &form, StatusCode::OK, work)
        .await
}

/// What came of labels.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Labelled {
    changed: u64,
}

/// Which two agents are compared.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Two {
    /// Name of an agent.
    one: String,
    /// Name of another.
    other: String,
}

/// Shows two agents side by side: what they are about, what they use, what runs of them, and how alike they are.
#[utoipa::path(get, path = "/registry/comparison", operation_id = "compare_agents", tag = "agents", params(Two),
    responses((status = 200, description = "Both agents", body = AgentComparison), Problem))]
pub(crate) async fn compare(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(two): Query<Two>,
) -> Result<Json<AgentComparison>, HttpError> {
    Ok(Json(
        agents::compare(web.cp(), &ctx, &two.one, &two.other).await?,
    ))
}

/// What a list of tools or MCP servers can be narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that the query type reads")]
pub(crate) struct UseFilters {
    /// `tool` or `server`; tools if nothing is said.
    kind: Option<String>,
    /// The beginning of a name, as it is written.
    q: Option<String>,
}

/// Lists the tools or MCP servers of agents, by name, with how many use each.
#[utoipa::path(get, path = "/tools", operation_id = "list_tools", tag = "agents", params(UseFilters, List),
    responses((status = 200, description = "A page of tools", body = Page<UsedThing>), Problem))]
pub(crate) async fn tools(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<UseQuery>,
) -> Result<Json<Page<UsedThing>>, HttpError> {
    Ok(Json(agents::uses(web.cp(), &ctx, &query).await?))
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Place {
    /// `next` of the page before.
    cursor: String,
}

/// Shows which agents use a tool or MCP server.
#[utoipa::path(get, path = "/tools/{kind}/{tool}", operation_id = "get_tool", tag = "agents",
    params(("kind" = String, Path, description = "`tool` or `server`"), ("tool" = String, Path, description = "Its name"), Place),
    responses((status = 200, description = "The agents that use it", body = UsedBy), Problem))]
pub(crate) async fn tool(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((kind, name)): Path<(String, String)>,
    Query(place): Query<Place>,
) -> Result<Json<UsedBy>, HttpError> {
    Ok(Json(
        agents::used_by(web.cp(), &ctx, (&kind, &name), &place.cursor).await?,
    ))
}
