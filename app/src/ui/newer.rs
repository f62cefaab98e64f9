//! Lists that never move under the pointer: what came since is counted, and shown when the reader asks for it.

use leptos::prelude::*;

use super::icon::Icon;
use super::live::use_live;
use crate::format::counted;

/// What a list knows of the time after it was read. Made in the page, outside of what is reloaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Newer {
    topics: &'static [&'static str],
    asked: RwSignal<u64>,
    read_at: Memo<u64>,
}

impl Newer {
    /// Counts events of `topics` from the time when `query` last changed, or the reader asked for a reload.
    pub(crate) fn new<Q>(topics: &'static [&'static str], query: Memo<Q>) -> Self
    where
        Q: PartialEq + Send + Sync + 'static,
    {
        let live = use_live();
        let asked = RwSignal::new(0);
        let read_at = Memo::new(move |_| {
            query.track();
            asked.track();
            untrack(|| live.events(topics))
        });
        Self {
            topics,
            asked,
            read_at,
        }
    }

    /// Part of the list's key: changes when the reader asks for what is newer.
    pub(crate) fn key(self) -> u64 {
        self.asked.get()
    }

    /// "3 newer events. Show them". Empty while there is nothing newer, and without script.
    pub(crate) fn note(self, one: &'static str, many: &'static str) -> AnyView {
        let live = use_live();
        let count = Memo::new(move |_| live.events(self.topics).saturating_sub(self.read_at.get()));
        view! {
            <div class="news" role="status">
                {move || {
                    (count.get() > 0)
                        .then(|| {
                            view! {
                                <p class="newer">
                                    <Icon name="radio" small=true/>
                                    {counted(count.get(), one, many)}
                                    " since this list was read."
                                    <button
                                        class="btn btn--sm"
                                        type="button"
                                        on:click=move |_| self.asked.update(|n| *n += 1)
                                    >
                                        "Show the newest"
                                    </button>
                                </p>
                            }
                        })
                }}
            </div>
        }
        .into_any()
    }
}
