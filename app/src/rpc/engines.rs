//! The engines behind the gates.

use domain::view::engine::{CatalogueView, EngineList};

use crate::error::UiError;

/// Every engine as it was found.
pub(crate) async fn list_engines() -> Result<EngineList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::engines::list(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// Every catalogue of risks with its checks.
pub(crate) async fn list_catalogues() -> Result<Vec<CatalogueView>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::engines::catalogues(&cp, &ctx).map_err(crate::error::reject)
}
