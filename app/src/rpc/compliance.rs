//! Frameworks, their controls, and what supports evidence for them; the report on separation of duties.

use domain::form::query::{ControlsQuery, SegregationQuery};
use domain::view::controls::{FrameworkView, Frameworks};
use domain::view::segregation::SegregationReport;

use crate::error::UiError;

/// Every framework over a period and scope.
pub(crate) async fn list_frameworks(
    query: ControlsQuery,
) -> Result<Result<Frameworks, UiError>, UiError> {
    let (cp, ctx) = super::enter()?;
    super::in_form(control_plane::controls::frameworks(&cp, &ctx, &query).await)
}

/// One framework, by its word in the address.
pub(crate) async fn get_framework(
    framework: String,
    query: ControlsQuery,
) -> Result<Result<FrameworkView, UiError>, UiError> {
    let (cp, ctx) = super::enter()?;
    let framework = framework
        .parse()
        .map_err(|_| crate::error::reject(control_plane::Error::NotFound { kind: "framework" }))?;
    super::in_form(control_plane::controls::framework(&cp, &ctx, framework, &query).await)
}

/// Who could approve what in a period, who did, and where that touches the rules.
pub(crate) async fn get_segregation(
    query: SegregationQuery,
) -> Result<Result<SegregationReport, UiError>, UiError> {
    let (cp, ctx) = super::enter()?;
    super::in_form(control_plane::segregation::report(&cp, &ctx, &query).await)
}
