//! Approvals: the inbox, one approval, and the decision.

use control_plane::Error;
use domain::form::approval::{ApprovalForm, DecisionForm};
use domain::form::query::ApprovalQuery;
use domain::view::approval::{ApprovalDetail, Inbox};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

/// What waits for me first.
pub(crate) async fn list_approvals(query: ApprovalQuery) -> Result<Inbox, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::approvals::inbox(&cp, &ctx, &query)
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

/// Records a decision about the manifest digest that the person saw. Where the sign-in is too old, the page that answers
/// asks for the password, beside what was typed.
#[server(prefix = "/rpc", endpoint = "approvals/decide")]
pub(crate) async fn decide_approval(form: DecisionForm) -> Result<(), UiError> {
    let decide = control_plane::approvals::decide;
    match super::act(&form, &form.password, decide).await? {
        Ok(state) => super::back_to("approvals", &form.number, Notice::of_decision(state)),
        Err(
            error @ (Error::SignInTooOld { .. }
            | Error::WrongCredentials
            | Error::TooMany
            | Error::Invalid(_)),
        ) => {
            let page = format!("/approvals/{}", crate::format::encode(form.number.trim()));
            outcome::show(page, Shown::Undecided(form, UiError::Api(error.to_api())));
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}

/// Writes a comment on an open approval.
#[server(prefix = "/rpc", endpoint = "approvals/comment")]
pub(crate) async fn comment_approval(form: ApprovalForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::approvals::comment(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("approvals", &form.number, Notice::Commented);
    Ok(())
}

/// Takes an open approval back.
#[server(prefix = "/rpc", endpoint = "approvals/withdraw")]
pub(crate) async fn withdraw_approval(form: ApprovalForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::approvals::withdraw(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("approvals", &form.number, Notice::Withdrawn);
    Ok(())
}

/// Takes an approval back that was given and not used.
#[server(prefix = "/rpc", endpoint = "approvals/revoke")]
pub(crate) async fn revoke_approval(form: ApprovalForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::approvals::revoke(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("approvals", &form.number, Notice::Revoked);
    Ok(())
}
