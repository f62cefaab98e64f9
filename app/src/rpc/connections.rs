//! Connections to git hosts and their deliveries.

use domain::form::connection::{ConnectionChangeForm, ConnectionForm};
use domain::view::connection::{ConnectionRow, DeliveryRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::UiError;
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

/// Every connection.
pub(crate) async fn list_connections() -> Result<Vec<ConnectionRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::connections::list(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// One page of deliveries, newest first.
pub(crate) async fn list_deliveries(cursor: String) -> Result<Page<DeliveryRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::connections::deliveries(&cp, &ctx, &cursor)
        .await
        .map_err(crate::error::reject)
}

/// Makes a connection. Its secret is on the page that answers and nowhere else.
#[server(prefix = "/rpc", endpoint = "connections/create")]
pub(crate) async fn create_connection(form: ConnectionForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let made = control_plane::connections::create(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    outcome::show("/connections".to_owned(), Shown::Connected(made));
    Ok(())
}

/// Switches whether failed deployments become issues.
#[server(prefix = "/rpc", endpoint = "connections/change")]
pub(crate) async fn change_connection(form: ConnectionChangeForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::connections::change(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!(
        "/connections?notice={}",
        Notice::ConnectionChanged
    ));
    Ok(())
}
