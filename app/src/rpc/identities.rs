//! Agent identities: the list, one of them, and the kill switch.

use domain::form::identity::{BindingForm, IdentityForm};
use domain::form::query::{IdentityQuery, ScopeQuery};
use domain::view::identity::{IdentityDetail, IdentityRow, ScopeRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

/// One page of identities, newest first.
pub(crate) async fn list_identities(query: IdentityQuery) -> Result<Page<IdentityRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::list(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// One page of the scopes that identities can use now, by name.
pub(crate) async fn list_scopes(query: ScopeQuery) -> Result<Page<ScopeRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::scopes(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// One identity, by its client id.
pub(crate) async fn get_identity(client_id: String) -> Result<IdentityDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::get(&cp, &ctx, &client_id)
        .await
        .map_err(reject)
}

/// Suspends an identity until somebody lets it act again.
#[server(prefix = "/rpc", endpoint = "identities/suspend")]
pub(crate) async fn suspend_identity(form: IdentityForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::suspend(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("identities", &form.client_id, Notice::IdentitySuspended);
    Ok(())
}

/// Lets a suspended identity act again.
#[server(prefix = "/rpc", endpoint = "identities/resume")]
pub(crate) async fn resume_identity(form: IdentityForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::resume(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("identities", &form.client_id, Notice::IdentityResumed);
    Ok(())
}

/// Asks for another key for an identity.
#[server(prefix = "/rpc", endpoint = "identities/rotate")]
pub(crate) async fn rotate_identity(form: IdentityForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::rotate(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("identities", &form.client_id, Notice::IdentityKeyAsked);
    Ok(())
}

/// Says what a runtime's provider calls an identity.
#[server(prefix = "/rpc", endpoint = "identities/bind")]
pub(crate) async fn bind_identity(form: BindingForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::bind(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("identities", &form.client_id, Notice::IdentityBound);
    Ok(())
}

/// Says that a runtime's provider calls an identity so no more.
#[server(prefix = "/rpc", endpoint = "identities/unbind")]
pub(crate) async fn unbind_identity(form: BindingForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::unbind(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("identities", &form.client_id, Notice::IdentityUnbound);
    Ok(())
}

/// Revokes an identity for good.
#[server(prefix = "/rpc", endpoint = "identities/revoke")]
pub(crate) async fn revoke_identity(form: IdentityForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::identities::revoke(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("identities", &form.client_id, Notice::IdentityRevoked);
    Ok(())
}
