//! Passkeys: one's own, those of people who lost theirs, and what this browser is asked.

use control_plane::passkeys;
use domain::form::passkey::{AddPasskeyForm, RemovePasskeyForm, ResetPasskeysForm};
use domain::view::passkey::{PasskeyQuestion, Passkeys};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::format::encode;
use crate::session::{cookie_of_request, passkey_cookie};

/// What the passkeys page shows.
pub(crate) async fn list_passkeys() -> Result<Passkeys, UiError> {
    let (cp, ctx) = super::enter()?;
    passkeys::list(&cp, &ctx).await.map_err(reject)
}

/// What this browser is asked, by the cookie that it was given when that was begun.
pub(crate) async fn get_question() -> Result<Option<PasskeyQuestion>, UiError> {
    let (cp, ctx) = super::enter()?;
    let secure = cp.settings().base_url.starts_with("https://");
    let Some(browser) = cookie_of_request(passkey_cookie(secure)) else {
        return Ok(None);
    };
    passkeys::question(&cp, &ctx, &browser)
        .await
        .map_err(reject)
}

/// Goes on to adding a passkey, once it is known that it is this person.
#[server(prefix = "/rpc", endpoint = "passkeys/add")]
pub(crate) async fn add_passkey(form: AddPasskeyForm) -> Result<(), UiError> {
    let add = async |cp: &_, ctx: &_, form: &_| passkeys::may_add(cp, ctx, form).await;
    let name = super::act(&form, &form.password, add)
        .await?
        .map_err(reject)?;
    super::go(&format!("/passkey/begin?for=enrol&name={}", encode(&name)));
    Ok(())
}

/// Removes one of one's own.
#[server(prefix = "/rpc", endpoint = "passkeys/remove")]
pub(crate) async fn remove_passkey(form: RemovePasskeyForm) -> Result<(), UiError> {
    let remove = async |cp: &_, ctx: &_, form: &_| passkeys::remove(cp, ctx, form).await;
    super::act(&form, &form.password, remove)
        .await?
        .map_err(reject)?;
    super::go("/settings/passkeys?notice=passkey_removed");
    Ok(())
}

/// Takes all of somebody's away.
#[server(prefix = "/rpc", endpoint = "passkeys/reset")]
pub(crate) async fn reset_passkeys(form: ResetPasskeysForm) -> Result<(), UiError> {
    let reset = async |cp: &_, ctx: &_, form: &_| passkeys::reset(cp, ctx, form).await;
    super::act(&form, &form.password, reset)
        .await?
        .map_err(reject)?;
    super::go("/settings/passkeys?notice=passkeys_reset");
    Ok(())
}
