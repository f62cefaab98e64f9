//! Signing in through a provider: on the way there, on the way back, and the provider's own notice of a sign-out. What is
//! begun is bound to this browser by a cookie of its own, for ten minutes.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use control_plane::OpCtx;
use control_plane::providers::{self, Begin, Callback, Failure, Finished};
use domain::sign_in::{FLOW_SECONDS, ProviderProblem, Purpose};
use serde::Deserialize;
use tower_sessions::Session;

use super::error::HttpError;
use super::session::{self, Origin};
use super::sign_in::{encoded, own_path, see_other};
use super::web::Web;
use super::{cookie, csrf};

/// Where what concerns a session that is open already is shown.
const SESSIONS: &str = "/settings/sessions";
const TEXT_MAX: usize = 4_096;

/// What the way there may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct There {
    next: String,
    #[serde(rename = "for")]
    purpose: String,
}

/// What comes back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Back {
    state: String,
    code: Option<String>,
    iss: Option<String>,
}

/// A provider's notice.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Notice {
    logout_token: String,
}

/// `GET /sign-in/with/{provider}`
pub(crate) async fn begin(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    Query(there): Query<There>,
    headers: HeaderMap,
) -> Response {
    let purpose = there.purpose.parse().unwrap_or(Purpose::SignIn);
    let next = own_path(&there.next).unwrap_or("/").to_owned();
    // What concerns an open session is asked for by our own pages alone: nobody is led into linking a stranger's account.
    if purpose != Purpose::SignIn && !csrf::is_own(&headers, web.base_url()) {
        return failed(purpose, &next, ProviderProblem::Expired.as_str());
    }
    let wanted = Begin {
        provider,
        purpose,
        next: next.clone(),
    };
    match providers::begin(web.cp(), &ctx, &wanted).await {
        Ok(begun) => {
            let mut response = see_other(&begun.address);
            set_cookie(&mut response, &web, &begun.browser, FLOW_SECONDS);
            response
        }
        Err(failure) => failed(purpose, &next, failure.code()),
    }
}

/// `GET /sign-in/with/{provider}/callback`
pub(crate) async fn callback(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    session: Session,
    Path(provider): Path<String>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let callback = Callback {
        browser: cookie::get(&headers, cookie_name(&web)).unwrap_or_default(),
        state: bounded(back.state).unwrap_or_default(),
        code: back.code.and_then(bounded),
        issuer: back.iss,
        provider,
    };
    let mut response = match providers::finish(web.cp(), &ctx, &callback).await {
        Ok(finished) => arrive(&web, &ctx, &session, &headers, finished).await?,
        // Whoever has a session came from its pages.
        Err(failure) => {
            let purpose = match ctx.actor().user() {
                Some(_) => Purpose::Confirm,
                None => Purpose::SignIn,
            };
            failed(purpose, "/", failure.code())
        }
    };
    set_cookie(&mut response, &web, "", 0);
    Ok(response)
}

async fn arrive(
    web: &Web,
    ctx: &OpCtx,
    session: &Session,
    headers: &HeaderMap,
    finished: Finished,
) -> Result<Response, HttpError> {
    let next = own_path(&finished.next).unwrap_or("/").to_owned();
    match finished.purpose {
        Purpose::SignIn => {
            let origin = Origin::new(headers, ctx).through(finished.through);
            session::start(web, session, finished.user, &origin).await?;
            Ok(see_other(&next))
        }
        Purpose::Confirm => {
            session::confirm(web, session).await?;
            Ok(see_other(&next))
        }
        Purpose::Link => Ok(see_other(&format!("{SESSIONS}?notice=account_linked"))),
    }
}

/// `POST /sign-in/with/{provider}/back-channel-logout`
pub(crate) async fn logout(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    Form(notice): Form<Notice>,
) -> Result<Response, HttpError> {
    let ended = providers::logout(web.cp(), &ctx, &provider, &notice.logout_token).await;
    let mut response = match ended {
        Ok(_) => StatusCode::OK.into_response(),
        Err(Failure::Ours(error)) => return Err(error.into()),
        Err(Failure::Provider(ProviderProblem::Unavailable)) => HttpError::busy().into_response(),
        Err(Failure::Provider(_)) => {
            HttpError::bad_request("This is no notice of a sign-out that holds.").into_response()
        }
    };
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(response)
}

/// Where to sign out at the provider too. Not a redirect: a form may lead to this site alone.
pub(crate) fn farewell(address: &str) -> Response {
    let shown = address
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    let page = format!(
        "<!doctype html><html lang=\"en\"><title>Signing out</title><p>You are signed out of Clearance. <a href=\"{shown}\">Sign out of the sign-in provider too</a>, or <a href=\"/sign-in\">sign in again</a>.</p></html>"
    );
    let mut response = axum::response::Html(page).into_response();
    if let Ok(onward) = HeaderValue::from_str(&format!("0; url={address}")) {
        response.headers_mut().insert(header::REFRESH, onward);
    }
    response
}

fn failed(purpose: Purpose, next: &str, code: &str) -> Response {
    match purpose {
        Purpose::SignIn => see_other(&format!("/sign-in?error={code}&next={}", encoded(next))),
        Purpose::Confirm | Purpose::Link => see_other(&format!("{SESSIONS}?problem={code}")),
    }
}

fn bounded(text: String) -> Option<String> {
    (text.len() <= TEXT_MAX).then_some(text)
}

/// The prefix makes the browser refuse the cookie from anything but this host over https.
fn cookie_name(web: &Web) -> &'static str {
    if web.is_https() {
        "__Host-clearance-flow"
    } else {
        "clearance-flow"
    }
}

fn set_cookie(response: &mut Response, web: &Web, value: &str, seconds: i64) {
    let name = cookie_name(web);
    if let Some(cookie) = cookie::set_hidden(name, value, seconds, web.is_https()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
