//! Who sends a request: the person behind a session's cookie or, on the API, the token of the `Authorization` header.
//!
//! A session is made at sign-in and at no other time, so there is none to fix beforehand. Its id is 256 random bits, kept
//! as a hash: a stolen table opens nothing. It ends after a time without requests, after a time since sign-in, at
//! sign-out, and when its person is gone; roles are read anew for every request.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use control_plane::{OpCtx, people, sessions, tokens};
use domain::actor::Actor;
use domain::error::ApiError;
use domain::id::UserId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::cookie;
use super::error::HttpError;
use super::request::RequestId;
use super::web::Web;

/// How long the time of the last request may lag behind, seconds: reading a page writes nothing most of the time.
const RENEW_AFTER: i64 = 60;
const ID_BYTES: usize = 32;

/// What is kept of a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    user: UserId,
    /// Unix seconds of the sign-in.
    created: i64,
    /// Unix seconds of the last request, give or take [`RENEW_AFTER`].
    seen: i64,
}

impl Record {
    fn ends_at(&self, web: &Web) -> i64 {
        let limits = web.session_limits();
        (self.seen + limits.idle_seconds()).min(self.created + limits.absolute_seconds())
    }
}

/// The session of a request, by the hash that it is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionKey(String);

/// Makes the request's [`OpCtx`], and its [`SessionKey`] if a session is behind it.
pub(crate) async fn identify(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    // A request's body may not be shared between threads, so only what is needed goes over the await.
    let (program, headers) = (is_api_token(&request), request.headers().clone());
    match caller(&web, program, &headers).await {
        Ok((actor, session)) => {
            let ctx = context(&web, &request, actor);
            request.extensions_mut().insert(ctx);
            if let Some(session) = session {
                request.extensions_mut().insert(session);
            }
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// Makes an anonymous [`OpCtx`] and takes the cookies away: what lies behind cannot use their authority by mistake.
pub(crate) async fn without_cookies(
    State(web): State<Web>,
    mut request: Request,
    next: Next,
) -> Response {
    request.headers_mut().remove(header::COOKIE);
    let ctx = context(&web, &request, Actor::Anonymous);
    request.extensions_mut().insert(ctx);
    next.run(request).await
}

/// Is this a program's call that names its authority in the `Authorization` header? Then its cookies count for nothing.
pub(crate) fn is_api_token(request: &Request) -> bool {
    let for_programs = ["/api/", "/log/"]
        .iter()
        .any(|prefix| request.uri().path().starts_with(prefix));
    for_programs && request.headers().contains_key(header::AUTHORIZATION)
}

fn context(web: &Web, request: &Request, actor: Actor) -> OpCtx {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(|| "unknown".to_owned(), |id| id.0.clone());
    OpCtx::new(actor, id, web.cp().clock())
}

async fn caller(
    web: &Web,
    program: bool,
    headers: &HeaderMap,
) -> Result<(Actor, Option<SessionKey>), HttpError> {
    if program {
        let actor = token_actor(web, headers).await?;
        return Ok((actor, None));
    }
    let Some(key) = key_of(web, headers) else {
        return Ok((Actor::Anonymous, None));
    };
    match actor_of(web, &key).await? {
        Some(actor) => Ok((actor, Some(key))),
        None => Ok((Actor::Anonymous, None)),
    }
}

/// The actor of the bearer token.
pub(crate) async fn token_actor(web: &Web, headers: &HeaderMap) -> Result<Actor, HttpError> {
    let text = bearer(headers).ok_or(ApiError::Unauthenticated)?;
    Ok(tokens::actor(web.cp(), text)
        .await?
        .ok_or(ApiError::Unauthenticated)?)
}

/// The token of a `Bearer` header; none when there are several.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && values.next().is_none()).then_some(token.trim())
}

/// The person behind a session as they are now; `None` when the session ended or the person is gone.
pub(crate) async fn actor_of(web: &Web, key: &SessionKey) -> Result<Option<Actor>, HttpError> {
    let Some(text) = sessions::load(web.cp(), &key.0).await? else {
        return Ok(None);
    };
    let Ok(mut record) = serde_json::from_str::<Record>(&text) else {
        return Ok(None);
    };
    let now = web.now();
    if now >= record.ends_at(web) {
        return Ok(None);
    }
    if now - record.seen >= RENEW_AFTER {
        record.seen = now;
        sessions::renew(web.cp(), &key.0, &to_text(&record)?, record.ends_at(web)).await?;
    }
    Ok(people::actor(web.cp(), record.user).await?)
}

/// Starts a session for a person who just signed in, in place of the one they had. Answers the cookie.
pub(crate) async fn start(
    web: &Web,
    user: UserId,
    old: Option<&SessionKey>,
) -> Result<HeaderValue, HttpError> {
    let id = crate::keys::random::<ID_BYTES>()
        .map(hex::encode)
        .map_err(|error| {
            tracing::error!(%error, "no session id could be made");
            HttpError::internal()
        })?;
    let now = web.now();
    let record = Record {
        user,
        created: now,
        seen: now,
    };
    sessions::save(
        web.cp(),
        &hashed(&id).0,
        &to_text(&record)?,
        record.ends_at(web),
    )
    .await?;
    if let Some(old) = old {
        sessions::delete(web.cp(), &old.0).await?;
    }
    cookie::set(
        name(web),
        &id,
        web.session_limits().absolute_seconds(),
        web.is_https(),
        false,
    )
    .ok_or_else(HttpError::internal)
}

/// Ends a session. Answers the cookie that makes the browser forget it.
pub(crate) async fn end(web: &Web, key: Option<&SessionKey>) -> Result<HeaderValue, HttpError> {
    if let Some(key) = key {
        sessions::delete(web.cp(), &key.0).await?;
    }
    cookie::set(name(web), "", 0, web.is_https(), false).ok_or_else(HttpError::internal)
}

/// The prefix makes the browser refuse the cookie from anything but this host over https.
fn name(web: &Web) -> &'static str {
    if web.is_https() {
        "__Host-clearance"
    } else {
        "clearance"
    }
}

fn key_of(web: &Web, headers: &HeaderMap) -> Option<SessionKey> {
    let id = cookie::read(headers, name(web))?;
    let plausible = id.len() == 2 * ID_BYTES && id.bytes().all(|b| b.is_ascii_hexdigit());
    plausible.then(|| hashed(id))
}

fn hashed(id: &str) -> SessionKey {
    SessionKey(hex::encode(Sha256::digest(id.as_bytes())))
}

fn to_text(record: &Record) -> Result<String, HttpError> {
    serde_json::to_string(record).map_err(|_| HttpError::internal())
}
