//! Static files: the browser bundle and what lies in `public/`, taken into the program by a release build and read from
//! `target/site` by a debug build. Serves nothing that is not in there.

use app::Assets;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use super::error::HttpError;
use super::web::Web;

#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Files;

/// The names of the bundle's files.
#[derive(Debug, Clone)]
pub struct Site {
    assets: Assets,
}

/// What the bundle's maker writes: addresses with the content's hash in them.
#[derive(Debug, Deserialize)]
struct Manifest {
    css: String,
    js: String,
    wasm: String,
}

impl Site {
    /// Reads the names. `None` when this program was built without a bundle: pages then work, but without style and script.
    #[must_use]
    pub fn load() -> Option<Self> {
        let file = Files::get("manifest.json")?;
        let manifest: Manifest = serde_json::from_slice(&file.data).ok()?;
        Some(Self {
            assets: Assets {
                css: manifest.css,
                js: manifest.js,
                wasm: manifest.wasm,
            },
        })
    }

    /// Plain names, for a program without a bundle.
    #[must_use]
    pub fn without_bundle() -> Self {
        let name = |kind: &str| format!("/pkg/clearance.{kind}");
        Self {
            assets: Assets {
                css: name("css"),
                js: name("js"),
                wasm: name("wasm"),
            },
        }
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.assets
    }
}

/// Answers with a file, in the smallest form that the browser takes.
pub(crate) async fn serve(State(_): State<Web>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if !is_public(path) {
        return HttpError::not_found().into_response();
    }
    let Some(plain) = Files::get(path) else {
        return HttpError::not_found().into_response();
    };
    let tag = format!("\"{}\"", hex::encode(&plain.metadata.sha256_hash()[..16]));
    if request
        .headers()
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return with_headers(StatusCode::NOT_MODIFIED.into_response(), path, &tag, None);
    }
    let (encoding, file) = smallest(path, request.headers(), plain);
    with_headers(Body::from(file.data).into_response(), path, &tag, encoding)
}

/// The compressed neighbours and the manifest are no addresses of their own.
fn is_public(path: &str) -> bool {
    let hidden = path == "manifest.json" || path.ends_with(".br") || path.ends_with(".gz");
    !hidden
        && path
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'))
}

fn smallest(
    path: &str,
    headers: &HeaderMap,
    plain: EmbeddedFile,
) -> (Option<&'static str>, EmbeddedFile) {
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect();
    let accepts = |name: &str| {
        let mut offers = accepted
            .iter()
            .flat_map(|value| value.split(','))
            .map(str::trim);
        offers.any(|offer| {
            offer.split(';').next() == Some(name) && !offer.replace(' ', "").ends_with(";q=0")
        })
    };
    for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
        if accepts(encoding)
            && let Some(file) = Files::get(&format!("{path}.{extension}"))
        {
            return (Some(encoding), file);
        }
    }
    (None, plain)
}

fn with_headers(
    mut response: Response,
    path: &str,
    tag: &str,
    encoding: Option<&'static str>,
) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    // Names under `pkg/` carry their content's hash, so their content never changes.
    let caching = if path.starts_with("pkg/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
