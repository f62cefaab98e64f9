//! The keys of agents' access tokens.

use domain::form::signing_key::RotateSigningKeyForm;
use domain::view::signing_key::SigningKeyList;
use leptos::prelude::*;

use crate::error::{UiError, reject};

/// The keys, the newest first.
pub(crate) async fn list_signing_keys() -> Result<SigningKeyList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::signing_keys::list(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Publishes another key, which signs a while later.
#[server(prefix = "/rpc", endpoint = "signing-keys/rotate")]
pub(crate) async fn rotate_signing_key(form: RotateSigningKeyForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::signing_keys::rotate(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=signing_key_rotated");
    Ok(())
}
