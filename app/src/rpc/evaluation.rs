//! The evaluation report of a deployment.

use domain::view::evaluation::EvaluationReport;
use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::error::UiError;
use crate::wire::Json;

/// Every gate's stored report of one deployment.
#[server(prefix = "/rpc", endpoint = "evaluation/get", input = GetUrl, output = Json)]
pub(crate) async fn get_evaluation(number: String) -> Result<EvaluationReport, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::gates::evaluation(&cp, &ctx, number)
        .await
        .map_err(crate::error::reject)
}
