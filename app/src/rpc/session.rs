//! The frame around every page.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use crate::error::UiError;
use crate::session::Session;
use crate::wire::Json;

/// Who is looking, what waits, and the state of the audit log. The one function that answers without a session.
#[server(prefix = "/rpc", endpoint = "session/get", input = GetUrl, output = Json)]
pub(crate) async fn get_session() -> Result<Session, UiError> {
    let (cp, ctx) = super::enter()?;
    let theme = crate::session::theme_of_request();
    let frame = control_plane::people::frame(&cp, &ctx)
        .await
        .map_err(crate::error::reject)?;
    Ok(Session { frame, theme })
}
