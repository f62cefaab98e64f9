//! The user interface. Pages are rendered on the server and are whole without script: links lead, forms post and come
//! back. In the browser runs only what a page cannot do by itself: a few islands, and the part that keeps an open page
//! up to date and sends its forms without leaving it.
//!
//! Owns what a person sees and the server functions behind it. Decides nothing: rules live in `domain`, acts in the use
//! cases.

#![recursion_limit = "256"]
#![expect(
    unreachable_pub,
    reason = "the macros of components and islands write `pub` of their own"
)]

mod icon;
pub mod islands;
mod secret;

#[cfg(feature = "hydrate")]
pub mod browser;

#[cfg(feature = "ssr")]
mod assets;
#[cfg(feature = "ssr")]
mod error;
#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
mod help;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod outcome;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
mod rpc;
#[cfg(feature = "ssr")]
mod session;
#[cfg(feature = "ssr")]
mod ui;

#[cfg(feature = "ssr")]
pub use assets::{Assets, shell};
#[cfg(feature = "ssr")]
pub use error::UiError;
#[cfg(feature = "ssr")]
pub use help::picture;
#[cfg(feature = "ssr")]
pub use outcome::Outcome;
#[cfg(feature = "ssr")]
pub use routes::{App, DEVELOPMENT};
#[cfg(feature = "ssr")]
pub use secret::holds_secret;
#[cfg(feature = "ssr")]
pub use session::{DENSITY_COOKIE, KEYS_COOKIE, SessionEnds, THEME_COOKIE, passkey_cookie};
