//! Waivers: the list, one of them, giving and revoking.

use domain::form::waiver::{RevokeWaiverForm, WaiverForm};
use domain::view::page::Page;
use domain::view::waiver::{WaiverDetail, WaiverQuestion, WaiverRow};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

/// A page of waivers, newest first.
pub(crate) async fn list_waivers(cursor: String) -> Result<Page<WaiverRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::waivers::list(&cp, &ctx, &cursor)
        .await
        .map_err(reject)
}

/// One waiver with what leans on it.
pub(crate) async fn get_waiver(number: String) -> Result<WaiverDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::waivers::get(&cp, &ctx, number)
        .await
        .map_err(reject)
}

/// What a form for a waiver is about.
pub(crate) async fn ask_waiver(form: WaiverForm) -> Result<WaiverQuestion, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::waivers::question(&cp, &ctx, &form)
        .await
        .map_err(reject)
}

/// Gives a waiver.
#[server(prefix = "/rpc", endpoint = "waivers/give")]
pub(crate) async fn give_waiver(form: WaiverForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let number = control_plane::waivers::give(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("/waivers/{number}?notice={}", Notice::WaiverGiven));
    Ok(())
}

/// Takes a waiver back.
#[server(prefix = "/rpc", endpoint = "waivers/revoke")]
pub(crate) async fn revoke_waiver(form: RevokeWaiverForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::waivers::revoke(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("waivers", &form.number, Notice::WaiverRevoked);
    Ok(())
}
