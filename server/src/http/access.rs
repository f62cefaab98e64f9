//! `/access/v1/…`: may this agent do this, now? The Authorization API 1.0 of OpenID AuthZEN, for the programs that agents
//! call. They prove themselves with an API token of the scope `access`; cookies count for nothing here. Agents report what
//! they did beside it.

mod question;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::access::{self, Decision, Desk};
use control_plane::{Error, OpCtx, access_events};
use domain::access::Semantic;
use domain::access_event::EventSource;
use serde_json::{Map, Value, json};

use super::error::HttpError;
use super::oauth;
use super::report;
use super::session::bearer;
use super::web::Web;
use question::{Question, Unreadable};

/// Most bytes of one call.
const BODY_MAX: usize = 256 * 1_024;

/// `POST /access/v1/evaluation`: one question.
pub(crate) async fn evaluation(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    request: Request,
) -> Result<Response, HttpError> {
    let (ctx, body) = asked(&web, &ctx, request).await?;
    let desk = access::open(web.cp(), &ctx).await?;
    let question = Question::read(&body)?.one()?;
    Ok(answer(&decision(&desk.decide(&question))))
}

/// `POST /access/v1/evaluations`: many questions, with what they have in common said once. Without questions of its own it
/// is the single one.
pub(crate) async fn evaluations(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    request: Request,
) -> Result<Response, HttpError> {
    let (ctx, body) = asked(&web, &ctx, request).await?;
    let desk = access::open(web.cp(), &ctx).await?;
    let question = Question::read(&body)?;
    let Some((all, semantic)) = question.many()? else {
        return Ok(answer(&decision(&desk.decide(&question.one()?))));
    };
    Ok(answer(
        &json!({ "evaluations": each(&desk, all, semantic) }),
    ))
}

/// A question that cannot be read is a no of its own, and keeps the others from nothing.
fn each(
    desk: &Desk<'_>,
    all: Vec<Result<domain::access::Asked, Unreadable>>,
    semantic: Semantic,
) -> Vec<Value> {
    let mut answers = Vec::with_capacity(all.len());
    for one in all {
        let (allowed, value) = match one {
            Ok(asked) => {
                let found = desk.decide(&asked);
                (found.reason.allows(), decision(&found))
            }
            Err(why) => {
                let error =
                    json!({ "status": 400, "code": why.code(), "message": why.to_string() });
                (
                    false,
                    json!({ "decision": false, "context": { "error": error } }),
                )
            }
        };
        answers.push(value);
        if semantic.stops(allowed) {
            break;
        }
    }
    answers
}

/// `POST /access/v1/events`: what an agent did itself, reported under its own access token.
pub(crate) async fn events(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    request: Request,
) -> Result<Response, HttpError> {
    let client = oauth::agent(&web, &ctx, &request).await?.client_id;
    let body = json_body(request).await?;
    let body = serde_json::from_slice(&body)
        .map_err(|_| HttpError::bad_request("The body is no JSON object with a list `events`."))?;
    let (sent, source) = (report::read(body)?, EventSource::Agent);
    let receipt = access_events::report_own(web.cp(), &ctx, &client, source, sent).await?;
    Ok(Json(receipt).into_response())
}

/// Who asks, and the body. Nothing of the body is read for a stranger.
async fn asked(web: &Web, ctx: &OpCtx, request: Request) -> Result<(OpCtx, Bytes), HttpError> {
    let token = bearer(request.headers()).map(str::to_owned);
    let token = token.ok_or(Error::Unauthenticated)?;
    let actor = access::caller(web.cp(), &token).await?;
    let ctx = ctx.acting_as(actor.ok_or(Error::Unauthenticated)?);
    Ok((ctx, json_body(request).await?))
}

async fn json_body(request: Request) -> Result<Bytes, HttpError> {
    if !is_json(request.headers()) {
        return Err(HttpError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the body as application/json.",
        ));
    }
    let body = to_bytes(request.into_body(), BODY_MAX).await;
    body.map_err(|_| HttpError::too_large())
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// An answer holds for its moment alone.
fn answer(value: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

fn decision(found: &Decision) -> Value {
    let mut context = Map::new();
    context.insert("reason".to_owned(), json!(found.reason));
    let (admin, user) = (found.reason.for_admins(), found.reason.for_users());
    let admin = match &found.detail {
        Some(detail) => format!("{admin} {detail}"),
        None => admin.to_owned(),
    };
    context.insert("reason_admin".to_owned(), json!({ "en": admin }));
    context.insert("reason_user".to_owned(), json!({ "en": user }));
    if let Some(grant) = &found.grant {
        context.insert("agent".to_owned(), json!(grant.agent));
        context.insert("version".to_owned(), json!(grant.version));
        context.insert("environment".to_owned(), json!(grant.environment));
        context.insert("deployment".to_owned(), json!(grant.deployment));
        context.insert("approval".to_owned(), json!(grant.approval));
    }
    json!({ "decision": found.reason.allows(), "context": context })
}

/// `GET /.well-known/authzen-configuration`
pub(crate) async fn metadata(State(web): State<Web>) -> Response {
    let base = web.base_url();
    Json(json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}/access/v1/evaluation"),
        "access_evaluations_endpoint": format!("{base}/access/v1/evaluations"),
    }))
    .into_response()
}
