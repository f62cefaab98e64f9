//! The audit trail and one event with its proof.

use domain::form::query::AuditQuery;
use domain::view::audit::{AuditDetail, Trail};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::error::UiError;
use crate::wire::Json;

/// One page of the trail, newest first, with the state of the log.
#[server(prefix = "/rpc", endpoint = "audit/trail", input = GetUrl, output = Json)]
pub(crate) async fn list_events(#[server(default)] query: AuditQuery) -> Result<Trail, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::audit::trail(&cp, &ctx, &query)
        .await
        .map_err(crate::error::reject)
}

/// One event with its exact bytes and its proof.
#[server(prefix = "/rpc", endpoint = "audit/get", input = GetUrl, output = Json)]
pub(crate) async fn get_event(index: String) -> Result<AuditDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let index = super::number(&index)?;
    control_plane::audit::get(&cp, &ctx, index)
        .await
        .map_err(crate::error::reject)
}
