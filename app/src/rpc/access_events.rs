//! What agents did at resources.

use domain::form::query::AccessQuery;
use domain::view::access_event::AccessLine;
use domain::view::page::Page;

use crate::error::{UiError, reject};

/// One page of lines, the newest act first.
pub(crate) async fn list_access(query: AccessQuery) -> Result<Page<AccessLine>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::access_events::list(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// The same of one agent.
pub(crate) async fn agent_access(
    slug: String,
    query: AccessQuery,
) -> Result<Page<AccessLine>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::access_events::of_agent(&cp, &ctx, &slug, &query)
        .await
        .map_err(reject)
}
