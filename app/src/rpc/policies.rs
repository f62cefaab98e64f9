//! Policies: the list, one version, proposing and deciding.

use control_plane::Error;
use domain::form::policy::{PolicyDecisionForm, PolicyForm};
use domain::policy::PolicyState;
use domain::view::policy::{DryRun, PolicyDetail, PolicyList};
use domain::view::waiver::FreezeCalendar;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

/// Every version, and the active one in words.
pub(crate) async fn list_policies() -> Result<PolicyList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::policies::list(&cp, &ctx)
        .await
        .map_err(reject)
}

/// One version, and what it would have stopped.
pub(crate) async fn get_policy(version: String) -> Result<(PolicyDetail, DryRun), UiError> {
    let (cp, ctx) = super::enter()?;
    let version = super::number(&version)?;
    let found = control_plane::policies::get(&cp, &ctx, version).await;
    let run = control_plane::policies::dry_run(&cp, &ctx, version).await;
    Ok((found.map_err(reject)?, run.map_err(reject)?))
}

/// What is frozen now and next.
pub(crate) async fn get_calendar() -> Result<FreezeCalendar, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::policies::calendar(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Proposes a version. What is wrong in it is on the page that answers, beside what was typed.
#[server(prefix = "/rpc", endpoint = "policies/propose")]
pub(crate) async fn propose_policy(form: PolicyForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    match control_plane::policies::propose(&cp, &ctx, &form).await {
        Ok(version) => super::go(&format!("/policies/{version}")),
        Err(Error::Policy(refusal)) => {
            outcome::show(
                "/policies/new".to_owned(),
                Shown::PolicyRefused(form, *refusal),
            );
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}

/// Records another administrator's answer. Where the sign-in is too old, the page that answers asks for the password, beside
/// what was typed.
#[server(prefix = "/rpc", endpoint = "policies/decide")]
pub(crate) async fn decide_policy(form: PolicyDecisionForm) -> Result<(), UiError> {
    let decide = control_plane::policies::decide;
    match super::act(&form, &form.password, decide).await? {
        Ok(PolicyState::Active) => super::go(&format!("/policies?notice={}", Notice::PolicyActive)),
        Ok(_) => super::go(&format!("/policies?notice={}", Notice::PolicyRejected)),
        Err(error) if super::can_be_sent_again(&error) => {
            let page = format!("/policies/{}", crate::format::encode(form.number.trim()));
            let why = UiError::Api(error.to_api());
            outcome::show(page, Shown::PolicyUndecided(form, why));
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}

/// Takes a proposal back.
#[server(prefix = "/rpc", endpoint = "policies/withdraw")]
pub(crate) async fn withdraw_policy(form: PolicyDecisionForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::policies::withdraw(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("/policies?notice={}", Notice::PolicyWithdrawn));
    Ok(())
}
