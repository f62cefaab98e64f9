//! One's own sessions and API tokens, and those of others for administrators.

use domain::form::person::EndForm;
use domain::view::sign_in::{Sessions, Tokens};
use leptos::prelude::*;

use crate::error::UiError;

/// The open sessions.
pub(crate) async fn list_sessions() -> Result<Sessions, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::sessions::list(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// The API tokens.
pub(crate) async fn list_tokens() -> Result<Tokens, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::tokens::list(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// Ends one session.
#[server(prefix = "/rpc", endpoint = "sessions/end")]
pub(crate) async fn end_session(form: EndForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::sessions::end(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go("/settings/sessions?notice=session_ended");
    Ok(())
}

/// Ends every other session of the person.
#[server(prefix = "/rpc", endpoint = "sessions/end-others")]
pub(crate) async fn end_other_sessions() -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::sessions::end_others(&cp, &ctx)
        .await
        .map_err(crate::error::reject)?;
    super::go("/settings/sessions?notice=sessions_ended");
    Ok(())
}

/// Revokes an API token.
#[server(prefix = "/rpc", endpoint = "tokens/revoke")]
pub(crate) async fn revoke_token(form: EndForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::tokens::revoke(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go("/settings/tokens?notice=token_revoked");
    Ok(())
}
