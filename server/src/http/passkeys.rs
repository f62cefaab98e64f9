//! What a browser is asked about a passkey, and its answer. It is bound to this browser by a cookie of its own, for five
//! minutes; the page `/passkey` shows it.

use app::passkey_cookie;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::{Extension, Form};
use control_plane::OpCtx;
use control_plane::passkeys::{self, Answered, Begin, Begun, Failure, Finished};
use domain::passkey::{CEREMONY_SECONDS, PasskeyProblem, PasskeyPurpose};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tower_sessions::Session;

use super::error::HttpError;
use super::session::{self, Origin};
use super::sign_in::{encoded, own_path, see_other};
use super::web::Web;
use super::{cookie, csrf};

const PAGE: &str = "/passkey";
const SETTINGS: &str = "/settings/passkeys";

/// What is asked for inside a session.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(rename = "for")]
    purpose: String,
    name: String,
    next: String,
}

/// The authenticator's answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AnswerForm {
    answer: String,
}

/// `GET /passkey/begin`
pub(crate) async fn begin(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    // It concerns an open session, so our own pages alone ask for it.
    if !csrf::is_own(&headers, web.base_url()) {
        return in_settings(PasskeyProblem::Expired.as_str());
    }
    let wanted = Begin {
        purpose: asked.purpose.parse().unwrap_or(PasskeyPurpose::Confirm),
        name: asked.name,
        next: own_path(&asked.next).unwrap_or("/").to_owned(),
    };
    match passkeys::begin(web.cp(), &ctx, &wanted).await {
        Ok(begun) => ask(&web, &begun),
        Err(failure) => in_settings(failure.code()),
    }
}

/// Leads to the page that asks, with the cookie that the answer must come with.
pub(crate) fn ask(web: &Web, begun: &Begun) -> Response {
    let mut response = see_other(PAGE);
    let browser = begun.browser.expose_secret();
    set_cookie(&mut response, web, browser, CEREMONY_SECONDS);
    response
}

/// `POST /passkey`
pub(crate) async fn finish(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<AnswerForm>,
) -> Result<Response, HttpError> {
    let name = passkey_cookie(web.is_https());
    let answered = Answered {
        browser: SecretString::from(cookie::get(&headers, name).unwrap_or_default()),
        answer: form.answer,
    };
    let mut response = match passkeys::finish(web.cp(), &ctx, &answered).await {
        Ok(finished) => arrive(&web, &ctx, &session, &headers, finished).await?,
        // Whoever has a session came from its pages.
        Err(failure) if ctx.actor().user().is_some() => in_settings(failure.code()),
        Err(failure) => at_the_door(&failure),
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
    let next = own_path(&finished.next).unwrap_or("/");
    match finished.purpose {
        PasskeyPurpose::SignIn | PasskeyPurpose::FirstEnrol => {
            session::start(web, session, finished.user, &Origin::new(headers, ctx)).await?;
            Ok(see_other(next))
        }
        PasskeyPurpose::Confirm => {
            session::confirm(web, session).await?;
            Ok(see_other(next))
        }
        PasskeyPurpose::Enrol => Ok(see_other(&format!("{SETTINGS}?notice=passkey_added"))),
    }
}

fn in_settings(code: &str) -> Response {
    see_other(&format!("{SETTINGS}?problem={code}"))
}

fn at_the_door(failure: &Failure) -> Response {
    see_other(&format!(
        "/sign-in?error={}&next={}",
        failure.code(),
        encoded("/")
    ))
}

fn set_cookie(response: &mut Response, web: &Web, value: &str, seconds: i64) {
    let name = passkey_cookie(web.is_https());
    if let Some(cookie) = cookie::set_hidden(name, value, seconds, web.is_https()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
