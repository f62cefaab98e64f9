//! How somebody likes their pages, kept in cookies of their browser: the theme, how close rows are, and whether single keys do something. Plain forms
//! that come back to where they were sent from.

use app::{DENSITY_COOKIE, KEYS_COOKIE, THEME_COOKIE};
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::view::session::{Density, Theme};
use serde::Deserialize;

use super::cookie;
use super::sign_in::{path_of_own_page, see_other};
use super::web::Web;

const YEAR: i64 = 31_536_000;

/// The theme form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ThemeForm {
    theme: String,
}

/// `POST /theme`
pub(crate) async fn theme(
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<ThemeForm>,
) -> Response {
    let theme = form.theme.parse().unwrap_or(Theme::System);
    keep(&web, &headers, THEME_COOKIE, theme.as_str())
}

/// The density form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DensityForm {
    density: String,
}

/// `POST /density`
pub(crate) async fn density(
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<DensityForm>,
) -> Response {
    let density = form.density.parse().unwrap_or(Density::Comfortable);
    keep(&web, &headers, DENSITY_COOKIE, density.as_str())
}

/// The form of the keys.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeysForm {
    /// `off`; all else is on.
    keys: String,
}

/// `POST /keys`
pub(crate) async fn keys(
    State(web): State<Web>,
    headers: HeaderMap,
    Form(form): Form<KeysForm>,
) -> Response {
    let word = if form.keys == "off" { "off" } else { "on" };
    keep(&web, &headers, KEYS_COOKIE, word)
}

/// Back to the page that the form was on, with the choice.
fn keep(web: &Web, headers: &HeaderMap, name: &str, word: &str) -> Response {
    let back = headers
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok())
        .and_then(|text| path_of_own_page(text, headers, web.base_url()));
    let mut response = see_other(back.as_deref().unwrap_or("/"));
    if let Some(cookie) = cookie::set(name, word, YEAR, web.is_https()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
