//! The routes, in groups by who may authenticate how, and the layers around each group.

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};

use super::web::Web;
use super::{
    access, api, body, csrf, error, events, headers, health, help, host, log, oauth, otlp, pages,
    passkeys, preferences, providers, request, scim, session, sign_in, site, webhooks,
};

/// Everything that the server answers.
pub fn router(web: Web) -> Router {
    let all = Router::new()
        .merge(people(&web))
        .merge(programs(&web))
        .merge(outside(&web))
        .merge(machines())
        .merge(files())
        .fallback_service(
            session::around(Router::new().fallback(pages::fallback), &web).with_state(web.clone()),
        )
        .method_not_allowed_fallback(method_not_allowed);
    all.layer(from_fn_with_state(web.clone(), host::check))
        .layer(middleware::from_fn(request::frame))
        .layer(from_fn_with_state(web.clone(), headers::add))
        .with_state(web)
}

async fn method_not_allowed() -> error::HttpError {
    error::HttpError::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not take this method.",
    )
}

/// Pages and forms: the session's cookie counts, so what changes something must come from our own pages.
fn people(web: &Web) -> Router<Web> {
    let routes = pages::routes(web)
        .layer(from_fn_with_state(web.clone(), pages::show_outcome))
        .layer(from_fn_with_state(web.clone(), pages::stay_here))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(512).and(is_html)))
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-in/with/{provider}", get(providers::begin))
        .route(
            "/sign-in/with/{provider}/callback",
            get(providers::callback),
        )
        .route("/passkey", post(passkeys::finish))
        .route("/passkey/begin", get(passkeys::begin))
        .route("/first-run", post(sign_in::first_run))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/theme", post(preferences::theme))
        .route("/density", post(preferences::density))
        .route("/keys", post(preferences::keys))
        .route("/events", get(events::events));
    session::around(routes, web)
        .layer(from_fn_with_state(web.clone(), csrf::protect))
        .layer(from_fn(body::limit))
}

/// The API and the entries of the log: a bearer token counts or, without one, the session's cookie.
fn programs(web: &Web) -> Router<Web> {
    let (api, _) = api::routes().split_for_parts();
    let routes = Router::new()
        .nest("/api/v1", api)
        .route("/log/v1/tile/{*path}", get(log::tile));
    session::around(routes, web)
        .layer(from_fn_with_state(web.clone(), csrf::protect))
        .layer(from_fn(body::limit))
}

/// Callers with credentials of their own kind. Cookies are taken away before the handlers.
fn outside(web: &Web) -> Router<Web> {
    let oauth = Router::new()
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/introspect", post(oauth::introspect))
        .route("/oauth/revoke", post(oauth::revoke))
        .layer(from_fn(body::limit));
    let webhooks = Router::new()
        .route(
            "/webhooks/github/{connection}",
            post(webhooks::github::deliver),
        )
        .route(
            "/webhooks/azure-devops/{connection}",
            post(webhooks::azure_devops::deliver),
        )
        // The handlers hold the body to their own limit, which is larger than that of forms.
        .layer(DefaultBodyLimit::disable());
    let decisions = Router::new()
        .route("/access/v1/evaluation", post(access::evaluation))
        .route("/access/v1/evaluations", post(access::evaluations))
        .route("/access/v1/events", post(access::events))
        .layer(from_fn(body::limit));
    let sign_outs = Router::new()
        .route(
            "/sign-in/with/{provider}/back-channel-logout",
            post(providers::logout),
        )
        .layer(from_fn(body::limit));
    let directories = scim::routes().layer(from_fn(body::limit));
    let telemetry = Router::new().route("/otlp/v1/traces", post(otlp::traces));
    oauth
        .merge(webhooks)
        .merge(sign_outs)
        .merge(telemetry)
        .merge(directories)
        .merge(decisions)
        .layer(from_fn_with_state(web.clone(), session::without_cookies))
}

/// Open to everybody, and the same for everybody.
fn machines() -> Router<Web> {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/oauth/jwks", get(oauth::jwks))
        .route(api::agent_cards::KEYS_PATH, get(api::agent_cards::keys))
        .route(
            "/.well-known/oauth-authorization-server",
            get(oauth::metadata),
        )
        .route("/.well-known/authzen-configuration", get(access::metadata))
        .route("/log/v1/checkpoint", get(log::checkpoint))
        .route("/api/v1/openapi.json", get(api::openapi::serve))
}

fn files() -> Router<Web> {
    Router::new()
        .route("/pkg/{*path}", get(site::serve))
        .route("/fonts/{*path}", get(site::serve))
        .route("/icons.svg", get(site::serve))
        .route("/icons-licence.txt", get(site::serve))
        .route("/favicon.svg", get(site::serve))
        .route("/help/images/{picture}", get(help::picture))
}

/// Only pages are compressed as they are made; files are compressed beforehand, and streams must not wait.
fn is_html(
    _: axum::http::StatusCode,
    _: axum::http::Version,
    headers: &axum::http::HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    headers
        .get(axum::http::header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"text/html"))
}
