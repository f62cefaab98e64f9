//! What the browser runs inside of pages. An island is rendered on the server like everything else and comes alive once
//! the module is loaded; without script it shows what it was rendered with. Islands hold no data of their own: they tell
//! what [`Watch`] knows, and ask for nothing.

mod connection;
mod follow;
mod newer;
mod passkey;
mod proof;

pub use connection::Connection;
pub use follow::Follow;
pub use newer::Newer;
pub use passkey::PasskeyButton;
pub use proof::ProofCheck;

use leptos::prelude::*;

/// What the browser knows of the page since it was opened. On the server nothing has happened yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch {
    /// The stream of events is broken: what is shown may be old.
    pub(crate) lost: ArcRwSignal<bool>,
    /// What is to be decided here is no longer what was shown first; the page waits to be read anew.
    pub(crate) outdated: ArcRwSignal<bool>,
    /// Rows that are newer than the list on the page, and held back.
    pub(crate) newer: ArcRwSignal<u32>,
    /// How often the page was brought up to date.
    #[cfg(feature = "hydrate")]
    pub(crate) refreshed: ArcRwSignal<u32>,
}

#[cfg(feature = "hydrate")]
thread_local! {
    static WATCH: Watch = Watch::default();
}

/// The one of this page.
#[cfg(feature = "hydrate")]
pub(crate) fn watch() -> Watch {
    WATCH.with(Clone::clone)
}

/// A new one: nothing has happened yet.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn watch() -> Watch {
    Watch::default()
}
