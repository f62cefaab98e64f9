//! The four measures of software delivery.

use domain::form::query::performance::PerformanceQuery;
use domain::view::performance::Performance;

use crate::error::UiError;

/// The measures of a period; or what is wrong with it, to be said in the form.
pub(crate) async fn get_performance(
    query: PerformanceQuery,
) -> Result<Result<Performance, UiError>, UiError> {
    let (cp, ctx) = super::enter()?;
    super::in_form(control_plane::performance::report(&cp, &ctx, &query).await)
}
