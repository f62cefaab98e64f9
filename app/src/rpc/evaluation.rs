//! The evaluation report of a deployment.

use domain::form::query::OnlineQuery;
use domain::view::evaluation::{EvaluationReport, Trend};
use domain::view::online::OnlineEvaluation;

use crate::error::UiError;

/// Every gate's stored report of one deployment.
pub(crate) async fn get_evaluation(number: String) -> Result<EvaluationReport, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::gates::evaluation(&cp, &ctx, number)
        .await
        .map_err(crate::error::reject)
}

/// How a deployment does in production, with a page of exchanges.
pub(crate) async fn get_online(
    number: String,
    query: OnlineQuery,
) -> Result<OnlineEvaluation, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::online::get(&cp, &ctx, number, &query)
        .await
        .map_err(crate::error::reject)
}

/// How an agent's scores moved.
pub(crate) async fn get_trend(slug: String) -> Result<Trend, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::gates::trend(&cp, &ctx, &slug)
        .await
        .map_err(crate::error::reject)
}
