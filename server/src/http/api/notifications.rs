//! Channels, messages, and what a person hears.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use control_plane::{OpCtx, notifications};
use domain::form::notification::{ChannelForm, ChoiceForm, MeantForm};
use domain::form::query::MessageQuery;
use domain::view::notification::{Channels, Choice, MessageRow, NewChannel};
use domain::view::page::Page;

use super::extract::{Body, Cursor, Path, Query};
use super::openapi::Problem;
use crate::http::error::HttpError;
use crate::http::web::Web;

/// Lists channels, without their addresses.
#[utoipa::path(get, path = "/channels", operation_id = "list_channels", tag = "notifications",
    responses((status = 200, description = "Every channel of the teams that you read", body = Channels), Problem))]
pub(crate) async fn channels(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<Channels>, HttpError> {
    Ok(Json(notifications::channels(web.cp(), &ctx).await?))
}

/// Adds a channel. Takes no idempotency key: the answer may hold a signing key, which is told once.
#[utoipa::path(post, path = "/channels", operation_id = "add_channel", tag = "notifications", request_body = ChannelForm,
    responses((status = 201, description = "Added; the only time the signing key is told", body = NewChannel), Problem))]
pub(crate) async fn add(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Body(form): Body<ChannelForm>,
) -> Result<(StatusCode, Json<NewChannel>), HttpError> {
    Ok((
        StatusCode::CREATED,
        Json(notifications::add(web.cp(), &ctx, &form).await?),
    ))
}

/// Takes a channel out of use and forgets its address.
#[utoipa::path(delete, path = "/channels/{id}", operation_id = "remove_channel", tag = "notifications", params(("id" = String, Path)),
    responses((status = 204, description = "Removed"), Problem))]
pub(crate) async fn remove(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    notifications::remove(web.cp(), &ctx, &MeantForm { id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test message over a channel.
#[utoipa::path(post, path = "/channels/{id}/test", operation_id = "test_channel", tag = "notifications", params(("id" = String, Path)),
    responses((status = 202, description = "On its way; it is the newest message"), Problem))]
pub(crate) async fn test(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    notifications::test(web.cp(), &ctx, &MeantForm { id }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Lists messages, newest first: what was told to whom, and what became of it.
#[utoipa::path(get, path = "/messages", operation_id = "list_messages", tag = "notifications", params(
        ("state" = Option<String>, Query, description = "waiting, sent or dead"), ("channel" = Option<String>, Query, description = "Id of a channel, or email"), Cursor),
    responses((status = 200, description = "A page of messages", body = Page<MessageRow>), Problem))]
pub(crate) async fn messages(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<MessageQuery>,
) -> Result<Json<Page<MessageRow>>, HttpError> {
    let found = notifications::messages(web.cp(), &ctx, &asked).await?;
    Ok(Json(found))
}

/// Sends a message again, under the same key.
#[utoipa::path(post, path = "/messages/{id}/send-again", operation_id = "send_message_again", tag = "notifications", params(("id" = String, Path)),
    responses((status = 202, description = "On its way"), Problem))]
pub(crate) async fn send_again(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    notifications::send_again(web.cp(), &ctx, &MeantForm { id }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Shows what you hear by e-mail.
#[utoipa::path(get, path = "/notifications", operation_id = "get_notifications", tag = "notifications",
    responses((status = 200, description = "Your choice, or the defaults", body = Choice), Problem))]
pub(crate) async fn choice(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
) -> Result<Json<Choice>, HttpError> {
    Ok(Json(notifications::choice(web.cp(), &ctx).await?))
}

/// Chooses what you hear by e-mail. Subjects that are left out are off.
#[utoipa::path(put, path = "/notifications", operation_id = "choose_notifications", tag = "notifications", request_body = ChoiceForm,
    responses((status = 204, description = "Kept"), Problem))]
pub(crate) async fn choose(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Body(form): Body<ChoiceForm>,
) -> Result<StatusCode, HttpError> {
    notifications::choose(web.cp(), &ctx, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}
