//! Service accounts, and which tokens of a CI they trust.

use domain::form::person::EndForm;
use domain::form::service_account::{NamedAccountForm, ServiceAccountForm, TrustForm};
use domain::view::service_account::ServiceAccountList;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

const PAGE: &str = "/settings/service-accounts";

/// The accounts that the person sees.
pub(crate) async fn list_service_accounts() -> Result<ServiceAccountList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::service_accounts::list(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Makes a service account. What is wrong is on the page that answers, beside what was typed.
#[server(prefix = "/rpc", endpoint = "service-accounts/make")]
pub(crate) async fn make_service_account(form: ServiceAccountForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let made = control_plane::service_accounts::make(&cp, &ctx, &form).await;
    answer(made, Notice::ServiceAccountMade, |why| {
        Shown::AccountNotMade(form, why)
    })
}

/// Has an account trust tokens of a CI.
#[server(prefix = "/rpc", endpoint = "service-accounts/trust")]
pub(crate) async fn trust_ci(form: TrustForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let trusted = control_plane::service_accounts::trust(&cp, &ctx, &form).await;
    answer(trusted, Notice::TrustAdded, |why| {
        Shown::NotTrusted(form, why)
    })
}

/// Takes a trust rule away.
#[server(prefix = "/rpc", endpoint = "service-accounts/distrust")]
pub(crate) async fn distrust_ci(form: EndForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let done = control_plane::service_accounts::distrust(&cp, &ctx, &form).await;
    done.map_err(reject)?;
    went(Notice::TrustRemoved)
}

/// Stops an account.
#[server(prefix = "/rpc", endpoint = "service-accounts/disable")]
pub(crate) async fn disable_service_account(form: NamedAccountForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let done = control_plane::service_accounts::disable(&cp, &ctx, &form).await;
    done.map_err(reject)?;
    went(Notice::ServiceAccountDisabled)
}

/// Lets a stopped account go on.
#[server(prefix = "/rpc", endpoint = "service-accounts/enable")]
pub(crate) async fn enable_service_account(form: NamedAccountForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let done = control_plane::service_accounts::enable(&cp, &ctx, &form).await;
    done.map_err(reject)?;
    went(Notice::ServiceAccountEnabled)
}

/// Takes an account away.
#[server(prefix = "/rpc", endpoint = "service-accounts/remove")]
pub(crate) async fn remove_service_account(form: NamedAccountForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let done = control_plane::service_accounts::remove(&cp, &ctx, &form).await;
    done.map_err(reject)?;
    went(Notice::ServiceAccountRemoved)
}

fn went(notice: Notice) -> Result<(), UiError> {
    super::go(&format!("{PAGE}?notice={notice}"));
    Ok(())
}

/// On to the list or, where the same form can be sent again, to it as it was typed.
fn answer(
    outcome: Result<(), control_plane::Error>,
    notice: Notice,
    shown: impl FnOnce(UiError) -> Shown,
) -> Result<(), UiError> {
    match outcome {
        Ok(()) => return went(notice),
        Err(error) if super::can_be_sent_again(&error) => {
            let why = UiError::Api(error.to_api());
            outcome::show(PAGE.to_owned(), shown(why));
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}
