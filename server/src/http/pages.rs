//! The pages and their server functions: what the app needs in its contexts, and what the framework does not do for it:
//! a policy with the page's nonce, redirects that stay on this site, and answers that are shown once.

use std::sync::OnceLock;

use app::{App, DEVELOPMENT, Outcome, holds_secret, shell};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use control_plane::{ControlPlane, OpCtx};
use domain::actor::Actor;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list};
use tower_sessions::Session;
use url::form_urlencoded::parse;

use super::body::FORM_MAX;
use super::error::HttpError;
use super::headers::page_policy;
use super::session;
use super::sign_in::{encoded, own_path, path_of_own_page};
use super::web::Web;

/// Most texts of one form that are given back. No form has more fields for sentences.
const TEXTS: usize = 8;

/// The app's routes, found out once: while the library looks for them, it lets no page of this process load anything.
fn listing() -> &'static [AxumRouteListing] {
    static LISTING: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    LISTING.get_or_init(|| found(cfg!(debug_assertions)))
}

/// What the app routes, in a development build or in any other.
fn found(development: bool) -> Vec<AxumRouteListing> {
    let mut routes = generate_route_list(App);
    routes.retain(|route| development || !DEVELOPMENT.contains(&route.path()));
    routes
}

/// The paths of all pages, in the router's spelling.
#[must_use]
pub fn page_paths() -> Vec<&'static str> {
    listing().iter().map(AxumRouteListing::path).collect()
}

/// Every page and every server function.
pub(crate) fn routes(web: &Web) -> Router<Web> {
    let options = web.leptos().clone();
    let context = contexts(web);
    Router::new().leptos_routes_with_context(web, listing().to_vec(), context, move || {
        shell(options.clone())
    })
}

/// What is at no address: the app's page for people, a problem for programs.
pub(crate) async fn fallback(State(web): State<Web>, request: Request) -> Response {
    if request.method() != Method::GET || !wants_page(&request) {
        return HttpError::not_found().into_response();
    }
    let mut response = render(&web, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Is it a browser that goes somewhere, rather than a program?
fn wants_page(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    accept.is_some_and(|value| value.contains("text/html"))
}

/// The page at the request's address.
async fn render(web: &Web, request: Request) -> Response {
    let options = web.leptos().clone();
    leptos_axum::render_app_async_with_context(contexts(web), move || shell(options.clone()))(
        request,
    )
    .await
}

fn contexts(web: &Web) -> impl Fn() + Clone + Send + Sync + 'static {
    let cp: ControlPlane = web.cp().clone();
    let assets = web.site().assets().clone();
    move || {
        provide_context(cp.clone());
        provide_context(assets.clone());
        let policy = use_nonce().and_then(|nonce| page_policy(&nonce));
        if let (Some(policy), Some(options)) = (policy, use_context::<ResponseOptions>()) {
            options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// Answers a form with the page itself where the act made something that is shown once. Nothing else can hold it: an
/// address is logged, and a store would be one more place for a secret.
pub(crate) async fn show_outcome(
    State(web): State<Web>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    if is_too_late(&request) {
        return too_late(&web, request).await;
    }
    let outcome = Outcome::default();
    request.extensions_mut().insert(outcome.clone());
    let mut page = Request::new(Body::empty());
    page.headers_mut().clone_from(request.headers());
    page.headers_mut().remove(header::CONTENT_LENGTH);
    page.headers_mut().remove(header::CONTENT_TYPE);
    *page.extensions_mut() = request.extensions().clone();
    let session = request.extensions().get::<Session>().cloned();
    let response = next.run(request).await;
    if let (true, Some(session)) = (outcome.confirmed(), session)
        && let Err(error) = session::confirm(&web, &session).await
    {
        return error.into_response();
    }
    let Some(path) = outcome.page() else {
        return response;
    };
    let (Ok(uri), Ok(place)) = (path.parse(), HeaderValue::from_str(path)) else {
        return response;
    };
    *page.uri_mut() = uri;
    let mut shown = render(&web, page).await;
    shown.headers_mut().insert(header::CONTENT_LOCATION, place);
    shown
}

/// A page's form whose session has ended since. No function takes a form of a stranger.
fn is_too_late(request: &Request) -> bool {
    let ctx = request.extensions().get::<OpCtx>();
    let stranger = ctx.is_some_and(|ctx| matches!(ctx.actor(), Actor::Anonymous));
    stranger && wants_page(request) && request.uri().path().starts_with("/rpc/")
}

/// Says that nothing was done, and gives back what was typed: it is in this answer and nowhere else, and as the request passed the check
/// of its origin, nobody else reads it. Script takes the answer for what its address says, the sign-in.
async fn too_late(web: &Web, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, FORM_MAX).await else {
        return HttpError::too_large().into_response();
    };
    let referer = parts.headers.get(header::REFERER);
    let from = referer
        .and_then(|value| value.to_str().ok())
        .and_then(|value| path_of_own_page(value, &parts.headers, web.base_url()));
    let place = format!("/sign-in?next={}", encoded(from.as_deref().unwrap_or("/")));
    let (Ok(uri), Ok(location)) = (place.parse(), HeaderValue::from_str(&place)) else {
        return HttpError::from(domain::error::ApiError::Unauthenticated).into_response();
    };
    let mut page = Request::new(Body::empty());
    *page.headers_mut() = parts.headers;
    page.headers_mut().remove(header::CONTENT_LENGTH);
    page.headers_mut().remove(header::CONTENT_TYPE);
    *page.extensions_mut() = parts.extensions;
    *page.uri_mut() = uri;
    let outcome = Outcome::sent_too_late(place, typed(&body));
    page.extensions_mut().insert(outcome);
    let mut shown = render(web, page).await;
    *shown.status_mut() = StatusCode::UNAUTHORIZED;
    shown
        .headers_mut()
        .insert(header::CONTENT_LOCATION, location);
    shown
}

/// The texts of a form that are worth copying: more than a word, and no secret. Names and numbers are quickly typed again.
fn typed(body: &[u8]) -> Vec<String> {
    parse(body)
        .filter(|(name, text)| !holds_secret(name) && text.trim().contains(char::is_whitespace))
        .take(TEXTS)
        .map(|(_, text)| text.into_owned())
        .collect()
}

/// Keeps redirects on this site: after a form without script the framework returns to the `Referer`, which anybody can set.
pub(crate) async fn stay_here(State(web): State<Web>, request: Request, next: Next) -> Response {
    let asked = request.headers().clone();
    let mut response = next.run(request).await;
    let Some(to) = response.headers().get(header::LOCATION) else {
        return response;
    };
    let text = to.to_str().unwrap_or_default();
    let inside = own_path(text)
        .map(str::to_owned)
        .or_else(|| path_of_own_page(text, &asked, web.base_url()));
    let inside = inside
        .and_then(|path| HeaderValue::from_str(&path).ok())
        .unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, inside);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sentences_are_given_back_and_no_secret() {
        let body = b"form[number]=12&form[reason]=It+was+right&form[password]=two+words&form[client_secret]=a+b&form[manifest]=sha256:00&form[text]=a%0Ab";
        assert_eq!(typed(body), ["It was right", "a\nb"]);
        let many = "a=b+c&".repeat(100);
        assert_eq!(typed(many.as_bytes()).len(), TEXTS);
    }

    #[test]
    fn what_is_for_development_has_no_route_elsewhere() {
        for path in DEVELOPMENT {
            let routed = |development| found(development).iter().any(|route| route.path() == *path);
            assert!(routed(true), "{path}");
            assert!(!routed(false), "{path}");
        }
    }
}
