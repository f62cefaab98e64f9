//! The audit trail and one event with its proof.

use domain::form::query::AuditQuery;
use domain::view::audit::{AuditDetail, Trail};

use crate::error::UiError;

/// One page of the trail, newest first, with the state of the log.
pub(crate) async fn list_events(query: AuditQuery) -> Result<Trail, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::audit::trail(&cp, &ctx, &query)
        .await
        .map_err(crate::error::reject)
}

/// One event with its exact bytes and its proof.
pub(crate) async fn get_event(index: String) -> Result<AuditDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let index = super::number(&index)?;
    control_plane::audit::get(&cp, &ctx, index)
        .await
        .map_err(crate::error::reject)
}
