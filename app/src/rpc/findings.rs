//! Findings: the list, one of them, and looking away from it.

use domain::form::finding::{FindingForm, FindingOwnerForm};
use domain::form::query::FindingQuery;
use domain::view::finding::{FindingDetail, FindingRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

/// One page of findings, newest first.
pub(crate) async fn list_findings(query: FindingQuery) -> Result<Page<FindingRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::findings::list(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// One finding.
pub(crate) async fn get_finding(number: String) -> Result<FindingDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::findings::get(&cp, &ctx, number)
        .await
        .map_err(reject)
}

/// Looks away from a finding until a date.
#[server(prefix = "/rpc", endpoint = "findings/ignore")]
pub(crate) async fn ignore_finding(form: FindingForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::findings::ignore(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("findings", &form.number, Notice::FindingIgnored);
    Ok(())
}

/// Gives a finding to somebody.
#[server(prefix = "/rpc", endpoint = "findings/assign")]
pub(crate) async fn assign_finding(form: FindingOwnerForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::findings::assign(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("findings", &form.number, Notice::FindingOwned);
    Ok(())
}

/// Has what was approved put back.
#[server(prefix = "/rpc", endpoint = "findings/revert")]
pub(crate) async fn revert_finding(form: FindingForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::findings::revert(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("findings", &form.number, Notice::FindingReverting);
    Ok(())
}

/// Promotes the version that was found to run.
#[server(prefix = "/rpc", endpoint = "findings/accept")]
pub(crate) async fn accept_finding(form: FindingForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let number = control_plane::findings::accept(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!(
        "/deployments/{number}?notice={}",
        Notice::PromotionStarted
    ));
    Ok(())
}
