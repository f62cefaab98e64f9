//! The user interface, run twice: on the server, where it renders whole pages, and in the browser, where it hydrates them.
//!
//! Owns what a person sees and the server functions behind it. Decides nothing: rules live in `domain`, acts in the use
//! cases. Every page reads and every form works without script; the browser adds live updates and copying.

#![recursion_limit = "256"]
#![expect(
    unreachable_pub,
    reason = "the component macro writes `pub` of its own"
)]

mod assets;
mod error;
mod format;
mod layout;
mod pages;
mod routes;
mod rpc;
mod session;
mod ui;
mod wire;

pub use assets::Assets;
pub use error::UiError;
pub use routes::App;
pub use session::THEME_COOKIE;

#[cfg(feature = "ssr")]
pub use assets::shell;
