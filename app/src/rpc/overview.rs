//! The overview.

use domain::view::overview::Overview;
use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::error::UiError;
use crate::wire::Json;

/// The five questions, what waits and what is on its way.
#[server(prefix = "/rpc", endpoint = "overview/get", input = GetUrl, output = Json)]
pub(crate) async fn get_overview() -> Result<Overview, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::overview::get(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}
