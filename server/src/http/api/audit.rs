//! The audit trail, and one event with its proof.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LINK};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{OpCtx, audit};
use domain::error::{FieldProblem, ValidationErrors};
use domain::form::query::AuditQuery;
use domain::view::audit::{AuditDetail, Trail, TrailLines};
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use utoipa::IntoParams;

use super::extract::{Path, Query};
use super::openapi::{List, Problem};
use crate::http::error::HttpError;
use crate::http::web::Web;

/// What the trail can be narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that the query type reads")]
pub(crate) struct Filters {
    /// Whole words, all of which stand in what an event says: what was done, to what, by whom, about which agent, and why.
    q: Option<String>,
    /// Name of who did it, in full.
    actor: Option<String>,
    /// Word of an action.
    action: Option<String>,
    /// Slug of an agent.
    agent: Option<String>,
    /// Number of a deployment, which is its approval's too.
    deployment: Option<String>,
    /// Id of what it was done to, or kind and id: `identity:refund-assistant-2`.
    object: Option<String>,
    /// Slug of the team that owns the agent.
    team: Option<String>,
    /// `done` or `refused`.
    outcome: Option<String>,
    /// What an event supports evidence for: a kind of evidence (`gates`), or a control of a framework (`soc2:CC6.1`).
    evidence: Option<String>,
    /// A day such as 2026-01-31, or a time (RFC 3339): events from then on.
    from: Option<String>,
    /// A day, which is included, or a time: events before it.
    to: Option<String>,
}

/// Lists audit events, newest first.
#[utoipa::path(get, path = "/audit", operation_id = "list_audit_events", tag = "audit", params(Filters, List),
    responses((status = 200, description = "A page of the trail", body = Trail), Problem))]
pub(crate) async fn list(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Trail>, HttpError> {
    Ok(Json(audit::trail(web.cp(), &ctx, &query).await?))
}

/// In which form lines are taken away.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinesForm {
    /// `csv` or `json`; CSV if nothing is said.
    pub(super) format: String,
}

/// Gives the lines that the filters leave, newest first, up to 10,000 at once, as CSV in which no cell is a formula, or as JSON.
/// Where there are more, the `Link` header names the next part.
#[utoipa::path(get, path = "/audit/lines", operation_id = "get_audit_lines", tag = "audit",
    params(Filters, LinesForm, ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "The lines", content((TrailLines = "application/json"), (String = "text/csv"))), Problem))]
pub(crate) async fn lines(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(query): Query<AuditQuery>,
    Query(form): Query<LinesForm>,
) -> Result<Response, HttpError> {
    let found = audit::lines(web.cp(), &ctx, &query).await?;
    let next = found.next.clone();
    let mut answer = match form.format.as_str() {
        "" | "csv" => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (
                    CONTENT_DISPOSITION,
                    "attachment; filename=\"audit-trail.csv\"",
                ),
            ];
            (headers, evidence::trail_csv(&found.rows)).into_response()
        }
        "json" => {
            let saved = (
                CONTENT_DISPOSITION,
                "attachment; filename=\"audit-trail.json\"",
            );
            ([saved], Json(found)).into_response()
        }
        _ => {
            let wrong = ValidationErrors::one("format", FieldProblem::UnknownChoice);
            return Err(control_plane::Error::from(wrong).into());
        }
    };
    if let Some(link) = next.and_then(|next| link(&query, &form.format, &next)) {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

/// Where the next part is (RFC 8288).
fn link(query: &AuditQuery, format: &str, next: &str) -> Option<HeaderValue> {
    let mut address = Serializer::new(String::new());
    address.extend_pairs(query.filters());
    if !format.is_empty() {
        address.append_pair("format", format);
    }
    address.append_pair("cursor", next);
    let link = format!("</api/v1/audit/lines?{}>; rel=\"next\"", address.finish());
    HeaderValue::from_str(&link).ok()
}

/// Shows one event: its exact bytes and its inclusion proof.
#[utoipa::path(get, path = "/audit/{index}", operation_id = "get_audit_event", tag = "audit", params(("index" = u64, Path)),
    responses((status = 200, description = "The event", body = AuditDetail), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(index): Path<u64>,
) -> Result<Json<AuditDetail>, HttpError> {
    Ok(Json(audit::get(web.cp(), &ctx, index).await?))
}
