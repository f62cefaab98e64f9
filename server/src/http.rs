//! HTTP: the pages, the API, webhooks, the log and the agents' token endpoint. Refuses to decide anything: a handler
//! reads the request, calls one use case and writes the answer.

mod access;
mod api;
mod body;
mod cookie;
mod csrf;
mod error;
mod events;
mod headers;
mod health;
mod help;
mod host;
mod log;
mod oauth;
mod otlp;
mod pages;
mod passkeys;
mod peer;
mod preferences;
mod providers;
mod report;
mod request;
mod router;
mod scim;
mod session;
mod sign_in;
mod site;
mod web;
mod webhooks;

pub use api::export::write_export;
pub use api::openapi::document as openapi_document;
pub use error::HttpError;
pub use pages::page_paths;
pub use router::router;
pub use site::Site;
pub use web::Web;
