//! Legal holds.

use domain::form::legal_hold::{LegalHoldForm, ReleaseHoldForm};
use domain::view::legal_hold::LegalHoldList;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

const PAGE: &str = "/settings/legal-holds";

/// Every hold.
pub(crate) async fn list_legal_holds() -> Result<LegalHoldList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::legal_holds::list(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Places a hold.
#[server(prefix = "/rpc", endpoint = "legal-holds/place")]
pub(crate) async fn place_legal_hold(form: LegalHoldForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::legal_holds::place(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::LegalHoldPlaced));
    Ok(())
}

/// Releases a hold.
#[server(prefix = "/rpc", endpoint = "legal-holds/release")]
pub(crate) async fn release_legal_hold(form: ReleaseHoldForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::legal_holds::release(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::LegalHoldReleased));
    Ok(())
}
