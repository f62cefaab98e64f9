//! Deployments: the list, one of them, and what a person may do to it.

use domain::form::deployment::{DeploymentForm, RollbackForm};
use domain::form::query::DeploymentQuery;
use domain::view::deployment::{DeploymentDetail, DeploymentRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::UiError;

/// One page of deployments, newest first.
pub(crate) async fn list_deployments(
    query: DeploymentQuery,
) -> Result<Page<DeploymentRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::deployments::list(&cp, &ctx, &query)
        .await
        .map_err(crate::error::reject)
}

/// One deployment; `step` narrows its log, `before` pages back in it. Both may be empty.
pub(crate) async fn get_deployment(
    number: String,
    step: String,
    before: String,
) -> Result<DeploymentDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::deployments::get(&cp, &ctx, number, step.parse().ok(), before.parse().ok())
        .await
        .map_err(crate::error::reject)
}

/// Starts the production deployment of a version that is proven in non-prod.
#[server(prefix = "/rpc", endpoint = "deployments/promote")]
pub(crate) async fn promote_deployment(form: DeploymentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let number = control_plane::deployments::promote(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!("/deployments/{number}?notice=promotion_started"));
    Ok(())
}

/// Stops a deployment that is not live yet.
#[server(prefix = "/rpc", endpoint = "deployments/cancel")]
pub(crate) async fn cancel_deployment(form: DeploymentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::deployments::cancel(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go(&format!(
        "/deployments/{}?notice=cancelled",
        crate::format::encode(form.number.trim())
    ));
    Ok(())
}

/// Restores the version before the live deployment `form.number`.
#[server(prefix = "/rpc", endpoint = "rollbacks/start")]
pub(crate) async fn start_rollback(form: RollbackForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::rollbacks::start(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    let from = crate::format::encode(form.number.trim());
    super::go(&format!(
        "/deployments/{from}/rollback?notice=rollback_started"
    ));
    Ok(())
}
