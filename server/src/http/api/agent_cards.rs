//! Agents' A2A cards: what we know of one, and the card itself, signed, where A2A clients look for it.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use control_plane::{Error, OpCtx, agents};
use domain::view::agent_card::VersionCard;
use serde::Deserialize;
use utoipa::IntoParams;

use super::extract::{Path, Query};
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Where the keys are published.
pub(crate) const KEYS_PATH: &str = "/.well-known/agent-card-keys.json";

/// Of which version.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Number of a version; else what is live, production before non-prod, else the newest.
    version: Option<String>,
}

/// Shows what the A2A card of an agent's version says, and the card as it is in the repository.
#[utoipa::path(get, path = "/agents/{slug}/card", operation_id = "get_agent_card", tag = "agents",
    params(("slug" = String, Path), Which),
    responses((status = 200, description = "The version and its card, if it has one", body = VersionCard), Problem))]
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<VersionCard>, HttpError> {
    let number = which.version.as_deref().filter(|number| !number.is_empty());
    Ok(Json(agents::card(web.cp(), &ctx, &slug, number).await?))
}

/// Gives the A2A card of what is live of an agent, production before non-prod, with a signature of this installation beside those
/// that it has. The address is the one that A2A clients look at below an agent's address.
#[utoipa::path(get, path = "/agents/{slug}/.well-known/agent-card.json", operation_id = "get_signed_agent_card", tag = "agents",
    params(("slug" = String, Path)),
    responses((status = 200, description = "An A2A `AgentCard`", body = Value), Problem))]
pub(crate) async fn serve(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(slug): Path<String>,
) -> Result<Response, HttpError> {
    let found = agents::card(web.cp(), &ctx, &slug, None).await?;
    let none = || Error::NotFound { kind: "agent card" };
    // What is live nowhere was cleared for nothing.
    let live = !found.live_in.is_empty();
    let card = found.card.filter(|_| live).ok_or_else(none)?;
    let ring = web.tokens().ring(web.cp()).await?;
    let keys = format!("{}{KEYS_PATH}", web.base_url());
    let signed = ring.sign_card(&card.text, &keys, web.cp().clock().now());
    let signed = signed.ok_or_else(none)?;
    Ok(([(CACHE_CONTROL, "private, max-age=60")], Json(signed)).into_response())
}

/// `GET /.well-known/agent-card-keys.json`: the public keys of the signatures on cards.
pub(crate) async fn keys(State(web): State<Web>) -> Result<Response, HttpError> {
    let ring = web.tokens().ring(web.cp()).await?;
    let keys = ring.card_jwks(web.cp().clock().now());
    let kept = [(CACHE_CONTROL, "public, max-age=300")];
    Ok((kept, Json(keys)).into_response())
}
