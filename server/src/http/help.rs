//! Pictures of the documentation; its chapters are pages.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::error::HttpError;

/// `GET /help/images/{picture}`
pub(crate) async fn picture(Path(name): Path<String>) -> Response {
    match app::picture(&name) {
        Some((bytes, kind)) => {
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "public, max-age=3600"),
            ];
            (headers, bytes).into_response()
        }
        None => HttpError::not_found().into_response(),
    }
}
