//! The frame around every page.

use crate::error::UiError;
use crate::session::Session;

/// Who is looking, what waits, and the state of the audit log. The one read that answers without a session.
pub(crate) async fn get_session() -> Result<Session, UiError> {
    let (cp, ctx) = super::enter()?;
    let theme = crate::session::theme_of_request();
    let frame = control_plane::people::frame(&cp, &ctx)
        .await
        .map_err(crate::error::reject)?;
    Ok(Session { frame, theme })
}
