//! The plain forms of the session: signing in and out, the first administrator. Each answers 303 and works
//! without script; what went wrong travels as a word in the address.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use control_plane::passkeys::{self, Door};
use control_plane::{OpCtx, people, providers};
use domain::error::ApiError;
use domain::form::person::{PersonForm, SignInForm};
use tower_sessions::Session;
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::error::HttpError;
use super::passkeys::ask;
use super::providers::farewell;
use super::session::{self, Origin};
use super::web::Web;

/// `POST /sign-in`
pub(crate) async fn sign_in(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let next = own_path(&form.next).unwrap_or("/");
    let origin = Origin::new(&headers, &ctx);
    let code = match passkeys::sign_in(web.cp(), &ctx, &form, origin.device()).await {
        Ok(Door::Open(user)) => match session::start(&web, &session, user, &origin).await {
            Ok(()) => return see_other(next),
            Err(error) => error.code(),
        },
        Ok(Door::Passkey(begun)) => return ask(&web, &begun),
        Err(failure) => failure.code(),
    };
    see_other(&format!("/sign-in?error={code}&next={}", encoded(next)))
}

/// `POST /first-run`
pub(crate) async fn first_run(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<PersonForm>,
) -> Result<Response, HttpError> {
    match people::set_up(web.cp(), &ctx, &form)
        .await
        .map_err(|e| e.to_api())
    {
        Ok(user) => {
            session::start(&web, &session, user, &Origin::new(&headers, &ctx)).await?;
            // Where nobody comes in again without a passkey, the first thing to do is to add one.
            let demanded = web.cp().settings().require_passkey;
            Ok(see_other(if demanded { "/settings/passkeys" } else { "/" }))
        }
        Err(ApiError::Invalid { fields }) => {
            let fields: Vec<String> = fields
                .fields
                .iter()
                .map(|(name, problem)| format!("{name}.{}", problem.as_str()))
                .collect();
            Ok(see_other(&format!(
                "/first-run?error=invalid&fields={}",
                encoded(&fields.join(","))
            )))
        }
        Err(ApiError::Conflict {
            why: domain::error::Conflict::SetUp,
        }) => Ok(see_other("/sign-in")),
        Err(error) => Ok(see_other(&format!("/first-run?error={}", error.code()))),
    }
}

/// `POST /sign-out`
pub(crate) async fn sign_out(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    session: Session,
) -> Result<Response, HttpError> {
    let parting = providers::parting(web.cp(), &ctx).await?;
    session::end(&session).await?;
    people::sign_out(web.cp(), &ctx).await?;
    // Ours ended first: the provider may be slow, or gone.
    let onward = match parting {
        Some(parting) => providers::farewell(web.cp(), &parting).await,
        None => None,
    };
    Ok(match onward {
        Some(address) => farewell(&address),
        None => see_other("/sign-in"),
    })
}

pub(crate) fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, to);
    response
}

pub(crate) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// A path of this site, or nothing: `//host` and `/\host` lead elsewhere.
pub(crate) fn own_path(text: &str) -> Option<&str> {
    let plain = text.len() <= 2_000 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (plain && text.starts_with('/') && !text.starts_with("//")).then_some(text)
}

/// The path and query of an address of this site. The host may be the one we were asked under, such as `localhost`.
pub(crate) fn path_of_own_page(
    address: &str,
    headers: &HeaderMap,
    base_url: &str,
) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let authority = match (url.host_str(), url.port()) {
        (Some(name), Some(port)) => format!("{name}:{port}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => return None,
    };
    let own = url.origin().ascii_serialization() == base_url
        || (matches!(url.scheme(), "http" | "https") && host == Some(authority.as_str()));
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    (own && own_path(&path).is_some()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(own_path("/approvals/12?x=1"), Some("/approvals/12?x=1"));
        for bad in [
            "",
            "approvals",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/a b",
            "\\\\evil",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn only_pages_of_this_site_are_returned_to() {
        let headers =
            HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:3000"))]);
        let base = "http://127.0.0.1:3000";
        let path = |address: &str| path_of_own_page(address, &headers, base);
        assert_eq!(
            path("http://127.0.0.1:3000/agents?q=a").as_deref(),
            Some("/agents?q=a")
        );
        assert_eq!(
            path("http://localhost:3000/agents").as_deref(),
            Some("/agents")
        );
        assert_eq!(path("http://evil.example/agents"), None);
        assert_eq!(path("http://127.0.0.1:3000//evil.example"), None);
        assert_eq!(path("javascript:alert(1)"), None);
    }
}
