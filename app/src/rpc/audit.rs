//! The audit trail and one event with its proof.

use domain::error::ApiError;
use domain::form::query::AuditQuery;
use domain::view::audit::{AuditDetail, Trail};
use domain::view::saved_view::SavedViews;

use crate::error::{UiError, reject};

/// What the page of the trail shows.
pub(crate) struct Explored {
    /// A page of it; or what is wrong with the filters, to be said in their form.
    pub(crate) trail: Result<Trail, UiError>,
    pub(crate) views: SavedViews,
}

/// One page of the trail, newest first, with the state of the log and the saved views.
pub(crate) async fn explore(query: AuditQuery) -> Result<Explored, UiError> {
    let (cp, ctx) = super::enter()?;
    let trail = control_plane::audit::trail(&cp, &ctx, &query).await;
    let trail = match trail.map_err(reject) {
        Err(wrong @ UiError::Api(ApiError::Invalid { .. })) => Err(wrong),
        other => Ok(other?),
    };
    let views = control_plane::saved_views::list(&cp, &ctx).await;
    let views = views.map_err(reject)?.of_registry(false);
    Ok(Explored { trail, views })
}

/// One event with its exact bytes and its proof.
pub(crate) async fn get_event(index: String) -> Result<AuditDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let index = super::number(&index)?;
    control_plane::audit::get(&cp, &ctx, index)
        .await
        .map_err(reject)
}
