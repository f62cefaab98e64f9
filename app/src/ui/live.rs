//! Live updates: one stream of events from the server, counted by topic. What depends on a topic has its counter in its
//! resource's key. Without script there is no stream, and the page says what it was when it was asked for.

use leptos::prelude::*;

use crate::session::SessionResource;

/// Topics of the stream, in the order of the counters.
const TOPICS: [&str; 4] = ["deployment", "approval", "agent", "audit"];

/// Counters of the events seen since the page was opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    counters: RwSignal<[u64; TOPICS.len()]>,
    /// How often the stream was opened: each time, something may have happened before.
    opened: RwSignal<u64>,
    lost: RwSignal<bool>,
    /// Events that are gathered into one reload. Lives as long as the app, since the stream does.
    #[cfg_attr(
        not(feature = "hydrate"),
        expect(dead_code, reason = "only the browser has a stream")
    )]
    waiting: StoredValue<[u64; TOPICS.len()]>,
}

/// The stream that the app provides.
pub(crate) fn use_live() -> Live {
    expect_context::<Live>()
}

impl Live {
    /// No events yet; [`Self::connect`] opens the stream.
    pub(crate) fn new() -> Self {
        Self {
            counters: RwSignal::new([0; TOPICS.len()]),
            opened: RwSignal::new(0),
            lost: RwSignal::new(false),
            waiting: StoredValue::new([0; TOPICS.len()]),
        }
    }

    /// Changes whenever something of these topics happened, or may have happened unseen: between the page's making and
    /// the stream's opening there is time for a state to change.
    pub(crate) fn version(self, topics: &'static [&'static str]) -> u64 {
        self.opened.get() + self.events(topics)
    }

    /// How many events of these topics were seen.
    pub(crate) fn events(self, topics: &'static [&'static str]) -> u64 {
        let counters = self.counters.get();
        TOPICS
            .iter()
            .zip(counters)
            .filter(|(topic, _)| topics.contains(topic))
            .map(|(_, count)| count)
            .sum()
    }

    /// Changes whenever anything happened, or may have.
    pub(crate) fn any(self) -> u64 {
        self.opened.get() + self.counters.get().iter().sum::<u64>()
    }

    /// True while the stream is broken: what is shown may be old.
    pub(crate) fn lost(self) -> bool {
        self.lost.get()
    }

    /// Opens the stream in the browser, once somebody is signed in.
    #[cfg(feature = "hydrate")]
    pub(crate) fn connect(self, session: SessionResource) {
        let opened = StoredValue::new(false);
        Effect::new(move || {
            let signed_in = session
                .get()
                .is_some_and(|s| s.is_ok_and(|s| s.frame.actor.user().is_some()));
            if signed_in && !opened.get_value() {
                opened.set_value(true);
                stream::open(self);
            }
        });
    }

    /// Nothing to open on the server.
    #[cfg(not(feature = "hydrate"))]
    pub(crate) const fn connect(self, _session: SessionResource) {}
}

#[cfg(feature = "hydrate")]
mod stream {
    use std::time::Duration;

    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    use super::{Live, TOPICS};

    /// Events of one burst become one reload.
    const GATHER: Duration = Duration::from_millis(250);

    pub(super) fn open(live: Live) {
        let Ok(source) = EventSource::new("/events") else {
            live.lost.set(true);
            return;
        };
        let waiting = live.waiting;
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(at) = topic(&event) else { return };
            let quiet = waiting.with_value(|counts| counts.iter().all(|count| *count == 0));
            waiting.update_value(|counts| {
                if let Some(count) = counts.get_mut(at) {
                    *count += 1;
                }
            });
            if quiet {
                set_timeout(move || flush(live), GATHER);
            }
        });
        let open = Closure::<dyn Fn()>::new(move || {
            live.opened.update(|times| *times += 1);
            // After a gap nobody knows what was missed.
            if live.lost.get_untracked() {
                live.lost.set(false);
                live.counters
                    .update(|counts| counts.iter_mut().for_each(|count| *count += 1));
            }
        });
        let error = Closure::<dyn Fn()>::new(move || live.lost.set(true));
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onopen(Some(open.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        // The stream lives as long as the page.
        message.forget();
        open.forget();
        error.forget();
    }

    fn flush(live: Live) {
        let seen = live.waiting.get_value();
        live.waiting.set_value([0; TOPICS.len()]);
        live.counters.update(|counts| {
            counts
                .iter_mut()
                .zip(seen)
                .for_each(|(count, seen)| *count += seen)
        });
    }

    /// Place of the message's topic.
    fn topic(event: &MessageEvent) -> Option<usize> {
        let data = js_sys::JSON::parse(&event.data().as_string()?).ok()?;
        let topic = js_sys::Reflect::get(&data, &"topic".into())
            .ok()?
            .as_string()?;
        TOPICS.iter().position(|known| *known == topic)
    }
}
