//! The four measures of software delivery.

use domain::error::ApiError;
use domain::form::query::performance::PerformanceQuery;
use domain::view::performance::Performance;

use crate::error::{UiError, reject};

/// The measures of a period; or what is wrong with it, to be said in the form.
pub(crate) async fn get_performance(
    query: PerformanceQuery,
) -> Result<Result<Performance, UiError>, UiError> {
    let (cp, ctx) = super::enter()?;
    let found = control_plane::performance::report(&cp, &ctx, &query).await;
    match found.map_err(reject) {
        Err(wrong @ UiError::Api(ApiError::Invalid { .. })) => Ok(Err(wrong)),
        other => other.map(Ok),
    }
}
