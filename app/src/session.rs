//! Who is looking, in which theme, and what the server's clock says: what every page may need to know.

use std::sync::Arc;

use domain::authz::{Access, Action, Facts, can, can_somewhere};
use domain::id::TeamId;
use domain::view::session::{Density, Frame, Theme};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::Now;

/// Name of the cookie that holds the theme's word, one of [`Theme`].
pub const THEME_COOKIE: &str = "clearance_theme";

/// Name of the cookie that holds the word of a [`Density`].
pub const DENSITY_COOKIE: &str = "clearance_density";

/// Name of the cookie that says `off` where somebody wants no single keys.
pub const KEYS_COOKIE: &str = "clearance_keys";

/// Name of the cookie that ties what is asked about a passkey to this browser. The prefix makes the browser refuse it from
/// anything but this host over https.
#[must_use]
pub const fn passkey_cookie(secure: bool) -> &'static str {
    if secure {
        "__Host-clearance-passkey"
    } else {
        "clearance-passkey"
    }
}

/// When the session of a request ends, Unix seconds. The server puts it into the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionEnds {
    /// By the server's clock.
    pub now: i64,
    /// If nothing more is done in it.
    pub at: i64,
    /// Whatever is done in it.
    pub latest: i64,
}

/// The one of the request; programs and strangers have none.
pub(crate) fn session_ends() -> Option<SessionEnds> {
    let parts = use_context::<http::request::Parts>()?;
    parts.extensions.get::<SessionEnds>().copied()
}

/// The frame of the page and the theme it is drawn in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) frame: Frame,
    pub(crate) theme: Theme,
}

/// Read once for a page, however many parts of it ask.
pub(crate) type SessionOnce = Shared<BoxFuture<'static, Result<Session, UiError>>>;

/// Has it read when the first part of the page asks.
pub(crate) fn provide_session() {
    let once: SessionOnce = crate::rpc::session::get_session().boxed().shared();
    provide_context(once);
}

/// The one that the app provides.
pub(crate) fn use_session() -> SessionOnce {
    expect_context::<SessionOnce>()
}

/// The person in front of a page that has loaded. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Viewer(Arc<Session>);

impl Viewer {
    pub(crate) fn new(session: Session) -> Self {
        Self(Arc::new(session))
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.0.frame
    }

    /// The server's clock when the page was made. Views read no other.
    pub(crate) fn now(&self) -> Now {
        Now::of(&self.0.frame.now)
    }

    /// May this person do it to a thing of this team? The server decides again; this only explains a button.
    pub(crate) fn may(&self, action: Action, team_id: Option<&str>) -> bool {
        let team = team_id.and_then(|id| id.parse::<TeamId>().ok());
        can(&self.0.frame.actor, action, Facts { team }) == Access::Allowed
    }

    /// True if some role of this person carries the action, in whatever team.
    pub(crate) fn may_somewhere(&self, action: Action) -> bool {
        can_somewhere(&self.0.frame.actor, action) == Access::Allowed
    }
}

/// The density that the request's cookie asks for.
pub(crate) fn density_of_request() -> Density {
    cookie_of_request(DENSITY_COOKIE)
        .and_then(|word| word.parse().ok())
        .unwrap_or(Density::Comfortable)
}

/// The theme that the request's cookie asks for.
pub(crate) fn theme_of_request() -> Theme {
    cookie_of_request(THEME_COOKIE)
        .and_then(|word| word.parse().ok())
        .unwrap_or(Theme::System)
}

/// Does the request's cookie turn single keys off?
pub(crate) fn are_keys_off() -> bool {
    cookie_of_request(KEYS_COOKIE).as_deref() == Some("off")
}

/// What the logs know this request by.
pub(crate) fn request_id() -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    let ctx = parts.extensions.get::<control_plane::OpCtx>()?;
    Some(ctx.request_id().to_owned())
}

/// A cookie of the request.
pub(crate) fn cookie_of_request(name: &str) -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    let cookies = parts.headers.get_all(http::header::COOKIE);
    cookies
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}
