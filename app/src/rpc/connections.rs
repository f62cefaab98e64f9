//! Connections to git hosts and their deliveries.

use domain::form::connection::ConnectionForm;
use domain::view::connection::{ConnectionRow, DeliveryRow, NewConnection};
use domain::view::page::Page;
use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::error::UiError;
use crate::wire::Json;

/// Every connection.
#[server(prefix = "/rpc", endpoint = "connections/list", input = GetUrl, output = Json)]
pub(crate) async fn list_connections() -> Result<Vec<ConnectionRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::connections::list(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// One page of deliveries, newest first.
#[server(prefix = "/rpc", endpoint = "connections/deliveries", input = GetUrl, output = Json)]
pub(crate) async fn list_deliveries(
    #[server(default)] cursor: String,
) -> Result<Page<DeliveryRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::connections::deliveries(&cp, &ctx, &cursor)
        .await
        .map_err(crate::error::reject)
}

/// Makes a connection. Its secret is in this answer and nowhere else.
#[server(prefix = "/rpc", endpoint = "connections/create", output = Json)]
pub(crate) async fn create_connection(form: ConnectionForm) -> Result<NewConnection, UiError> {
    let (cp, ctx) = super::enter()?;
    let made = control_plane::connections::create(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go_without_script("/connections?notice=connected");
    Ok(made)
}
