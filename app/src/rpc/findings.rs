//! Findings: the list, one of them, and looking away from it.

use domain::form::finding::FindingForm;
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
    let number = crate::format::encode(form.number.trim());
    super::go(&format!(
        "/findings/{number}?notice={}",
        Notice::FindingIgnored
    ));
    Ok(())
}
