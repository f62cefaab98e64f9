//! Approvals: the inbox, one approval, and the decision.

use domain::form::approval::DecisionForm;
use domain::view::approval::{ApprovalDetail, Inbox};
use leptos::prelude::*;

use crate::error::UiError;

/// What waits for me first.
pub(crate) async fn list_approvals(cursor: String) -> Result<Inbox, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::approvals::inbox(&cp, &ctx, &cursor)
        .await
        .map_err(crate::error::reject)
}

/// One approval with everything a decision needs.
pub(crate) async fn get_approval(number: String) -> Result<ApprovalDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::approvals::get(&cp, &ctx, number)
        .await
        .map_err(crate::error::reject)
}

/// Records a decision about the manifest digest that the person saw.
#[server(prefix = "/rpc", endpoint = "approvals/decide")]
pub(crate) async fn decide_approval(form: DecisionForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let state = control_plane::approvals::decide(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    let notice = crate::layout::notices::Notice::of_decision(state);
    super::go(&format!(
        "/approvals/{}?notice={notice}",
        crate::format::encode(form.number.trim())
    ));
    Ok(())
}
