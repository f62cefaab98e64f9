//! Cross-site requests. A browser sends our cookie with whatever another site makes it post, so a request that can
//! change something must say that it comes from our own pages: by `Sec-Fetch-Site`, else by `Origin`. One that says
//! neither is refused.
//!
//! Requests that carry no cookie authority need no such proof: an API call with a bearer token (it is checked instead of
//! the cookie, see [`super::session`]), webhooks and the token endpoint (which never look at cookies).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::HttpError;
use super::web::Web;

/// Lets a request pass that cannot change anything or that comes from our own pages.
pub(crate) async fn protect(State(web): State<Web>, request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let by_token = super::session::is_api_token(&request);
    if reads || by_token || is_own(request.headers(), web.base_url()) {
        return next.run(request).await;
    }
    metrics::counter!("clearance_cross_site_refused_total").increment(1);
    HttpError::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "This request did not come from a page of this site. Nothing was changed.",
    )
    .into_response()
}

/// Do the headers say that one of our own pages sent this?
pub(crate) fn is_own(headers: &HeaderMap, base_url: &str) -> bool {
    if headers.contains_key("sec-fetch-site") {
        let mut sites = headers.get_all("sec-fetch-site").iter();
        return matches!(
            (sites.next().map(HeaderValue::as_bytes), sites.next()),
            (Some(b"same-origin" | b"none"), None)
        );
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    matches!((origins.next(), origins.next()), (Some(origin), None) if origin.as_bytes() == base_url.as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const OURS: &str = "https://clearance.example.com";

    fn passes(pairs: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        is_own(&headers, OURS)
    }

    #[test]
    fn every_combination_of_headers() {
        assert!(passes(&[("sec-fetch-site", "same-origin")]));
        assert!(passes(&[("sec-fetch-site", "none")]));
        assert!(passes(&[("origin", OURS)]));
        assert!(!passes(&[]));
        assert!(!passes(&[("sec-fetch-site", "cross-site")]));
        assert!(!passes(&[("sec-fetch-site", "same-site")]));
        assert!(!passes(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", OURS)
        ]));
        assert!(!passes(&[
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!passes(&[("origin", "null")]));
        assert!(!passes(&[(
            "origin",
            "https://clearance.example.com.evil.example"
        )]));
        assert!(!passes(&[("origin", "http://clearance.example.com")]));
        assert!(!passes(&[
            ("origin", OURS),
            ("origin", "https://evil.example")
        ]));
        assert!(!passes(&[("referer", OURS)]));
    }
}
