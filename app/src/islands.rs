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
    /// The stream of events is broken, and what is shown may be older than this time.
    pub(crate) lost: ArcRwSignal<Option<String>>,
    /// What is to be said about the end of the session.
    pub(crate) ending: ArcRwSignal<Ending>,
    /// What was typed before the sign-in is in its form again.
    pub(crate) restored: ArcRwSignal<bool>,
    /// What is to be decided here is no longer what was shown first; the page waits to be read anew.
    pub(crate) outdated: ArcRwSignal<bool>,
    /// Rows that are newer than the list on the page, and held back.
    pub(crate) newer: ArcRwSignal<u32>,
    /// How often the page was brought up to date.
    #[cfg(feature = "hydrate")]
    pub(crate) refreshed: ArcRwSignal<u32>,
}

/// How far the session is from its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "only a browser sees a page grow old")
)]
pub(crate) enum Ending {
    #[default]
    No,
    /// In two minutes or less, at a time; it can be made to last, or not.
    Soon {
        at: String,
        can_stay: bool,
    },
    Over,
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
