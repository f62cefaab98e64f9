//! Who sends a request: the person behind a session's cookie or, on the API, the token of the `Authorization` header.
//!
//! Sessions are `tower-sessions`' over our own [`store`]. One is made at sign-in and at no other time, so there is none to
//! fix beforehand. It ends after a time without requests, after a time since sign-in, at sign-out, and when its person is
//! gone; roles are read anew for every request.

use app::SessionEnds;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::Entry;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use control_plane::ctx::SessionRef;
use control_plane::{OpCtx, people, providers, tokens};
use domain::actor::Actor;
use domain::error::ApiError;
use domain::id::UserId;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use super::cookie;
use super::error::HttpError;
use super::peer;
use super::request::RequestId;
use super::web::Web;

mod origin;
mod store;

pub(crate) use origin::Origin;
use store::{Kept, SignedIn, Store};

/// A page that brings itself up to date says so by this header: nobody is there for all that is known, so it is no use of the
/// session. Who leaves it out has their session last as long as by any other request, and no longer.
const UNATTENDED: &str = "clearance-unattended";

/// Puts sessions around routes: inside, the request carries its [`OpCtx`].
pub(crate) fn around(routes: Router<Web>, web: &Web) -> Router<Web> {
    routes
        .layer(from_fn_with_state(web.clone(), identify))
        .layer(manager(web))
        .layer(from_fn_with_state(web.clone(), guard))
}

/// The library's layer. The cookie is written at sign-in alone, so it lasts as long as a session can; when the session
/// ends is the store's to say.
fn manager(web: &Web) -> SessionManagerLayer<Store> {
    let longest = Duration::seconds(web.session_limits().absolute_seconds());
    SessionManagerLayer::new(store(web))
        .with_name(name(web))
        .with_secure(web.is_https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(longest))
}

fn store(web: &Web) -> Store {
    Store::new(web.cp().clone(), web.session_limits())
}

/// The prefix makes the browser refuse the cookie from anything but this host over https.
fn name(web: &Web) -> &'static str {
    if web.is_https() {
        "__Host-clearance"
    } else {
        "clearance"
    }
}

/// Decides which cookies reach the session's layer, and completes what it answers.
async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    // Of a cookie that is sent twice nobody knows whose it is.
    if is_api_token(&request) || cookie::is_ambiguous(request.headers(), name(&web)) {
        request.headers_mut().remove(header::COOKIE);
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && !response.headers().contains_key(header::CONTENT_TYPE)
    {
        // The layer's own answer when the session could not be kept.
        return HttpError::from(ApiError::Unavailable).into_response();
    }
    complete(response.headers_mut(), &web);
    response
}

/// The layer takes a cookie back without the attributes that it was given with, and a browser does not believe that for a
/// name that begins with `__Host-`.
fn complete(headers: &mut HeaderMap, web: &Web) {
    let Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) else {
        return;
    };
    for cookie in cookies.iter_mut() {
        let bare = cookie
            .to_str()
            .ok()
            .filter(|text| text.split_once('=').is_some_and(|(n, _)| n == name(web)))
            .filter(|text| !text.contains("; HttpOnly"));
        let secure = if web.is_https() { "; Secure" } else { "" };
        let whole = bare.map(|text| format!("{text}; SameSite=Lax; HttpOnly{secure}"));
        if let Some(value) = whole.and_then(|text| HeaderValue::from_str(&text).ok()) {
            *cookie = value;
        }
    }
}

/// Makes the request's [`OpCtx`].
async fn identify(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    // A request's body may not be shared between threads, so only what is needed goes over the await.
    let (program, headers) = (is_api_token(&request), request.headers().clone());
    let session = request.extensions().get::<Session>().cloned();
    let actor = match (program, session) {
        (true, _) => token_actor(&web, &headers)
            .await
            .map(Person::without_session),
        (false, Some(session)) => {
            let unattended = headers.contains_key(UNATTENDED);
            let found = actor_of(&web, &session, !unattended).await;
            found.map(|found| found.unwrap_or_else(|| Person::without_session(Actor::Anonymous)))
        }
        (false, None) => Ok(Person::without_session(Actor::Anonymous)),
    };
    match actor {
        Ok(person) => {
            let ctx = context(&web, &request, person.actor)
                .with_sign_in(person.proven)
                .in_session(person.session);
            request.extensions_mut().insert(ctx);
            if let Some(ends) = person.ends {
                request.extensions_mut().insert(ends);
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
    let address = peer::address(request, web.trusted_proxies());
    OpCtx::new(actor, id, web.cp().clock()).coming_from(address)
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
    let (scheme, token) = authorization(headers)?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Scheme and token of the one `Authorization` header; none when there are several.
pub(crate) fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    values.next().is_none().then_some((scheme, token.trim()))
}

/// Who sends a request, when they last proved it, and out of which session until when.
struct Person {
    actor: Actor,
    proven: Option<DateTime<Utc>>,
    session: Option<SessionRef>,
    ends: Option<SessionEnds>,
}

impl Person {
    fn without_session(actor: Actor) -> Self {
        Self {
            actor,
            proven: None,
            session: None,
            ends: None,
        }
    }
}

/// The person behind a session as they are now; `None` when the session ended or the person is gone. `used` if it is the person who
/// does something: the session lasts longer then.
async fn actor_of(web: &Web, session: &Session, used: bool) -> Result<Option<Person>, HttpError> {
    let entry = session.get::<SignedIn>(SignedIn::ENTRY).await;
    let (Some(entry), Some(id)) = (entry.map_err(|e| failed(&e))?, session.id()) else {
        return Ok(None);
    };
    let entry = if used {
        // Past the layer: it would send the cookie again with a session that may have ended meanwhile.
        let renewed = store(web).renew(id, &entry).await;
        renewed.map_err(|e| failed(&e.into()))?
    } else {
        entry
    };
    let kept = session.get::<Kept>(Kept::ENTRY).await;
    let kept = kept.map_err(|e| failed(&e))?.map(SessionRef::from);
    // Some providers let a person through without asking them: only what they proved here since counts.
    let provider = kept.as_ref().and_then(|kept| kept.provider.as_ref());
    let proven = if provider.is_some_and(|id| providers::proves_no_time(web.cp(), id)) {
        entry.confirmed()
    } else {
        Some(entry.proven())
    };
    let proven = proven.and_then(|at| DateTime::from_timestamp(at, 0));
    let actor = people::actor(web.cp(), entry.user).await?;
    Ok(actor.map(|actor| Person {
        actor,
        proven,
        session: kept,
        ends: Some(store(web).ends(&entry)),
    }))
}

/// Like [`actor_of`], after reading the session anew: for a request that goes on for long.
pub(crate) async fn actor_again(web: &Web, session: &Session) -> Result<Option<Actor>, HttpError> {
    session.load().await.map_err(|e| failed(&e))?;
    let person = actor_of(web, session, false).await?;
    Ok(person.map(|person| person.actor))
}

/// Notes in the session that its person gave their password again.
pub(crate) async fn confirm(web: &Web, session: &Session) -> Result<(), HttpError> {
    let entry = session.get::<SignedIn>(SignedIn::ENTRY).await;
    let (Some(entry), Some(id)) = (entry.map_err(|e| failed(&e))?, session.id()) else {
        return Ok(());
    };
    let confirmed = store(web).confirm(id, &entry).await;
    confirmed.map_err(|e| failed(&e.into()))
}

/// Starts a session for a person who just signed in, in place of the one they had. The layer writes it and its cookie.
pub(crate) async fn start(
    web: &Web,
    session: &Session,
    user: UserId,
    origin: &Origin,
) -> Result<(), HttpError> {
    // The one of before ends now, and with it what it knew; its id opens nothing any more.
    session.cycle_id().await.map_err(|e| failed(&e))?;
    let kept = session.insert(Origin::ENTRY, origin).await;
    kept.map_err(|e| failed(&e))?;
    let entry = SignedIn::new(user, web.now());
    let kept = session.insert(SignedIn::ENTRY, entry).await;
    kept.map_err(|e| failed(&e))
}

/// Ends a session. The layer makes the browser forget its cookie.
pub(crate) async fn end(session: &Session) -> Result<(), HttpError> {
    if session.id().is_some() {
        session.flush().await.map_err(|e| failed(&e))?;
    }
    Ok(())
}

fn failed(error: &tower_sessions::session::Error) -> HttpError {
    use tower_sessions::session::Error as E;
    use tower_sessions::session_store::Error as S;
    match error {
        E::Store(S::Backend(_)) => ApiError::Unavailable.into(),
        E::Store(S::Encode(_) | S::Decode(_)) | E::SerdeJson(_) => {
            tracing::error!(%error, "a session cannot be read or written");
            HttpError::internal()
        }
    }
}
