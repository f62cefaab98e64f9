//! The overview.

use domain::view::overview::Overview;

use crate::error::UiError;

/// The five questions, what waits and what is on its way.
pub(crate) async fn get_overview() -> Result<Overview, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::overview::get(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}
