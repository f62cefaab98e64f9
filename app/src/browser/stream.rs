//! The stream of events: what changed on the server, as it is committed.
//!
//! A page names what it shows in its mark, `<div id="live" data-on="deployment:12 approval">`: whole topics, or single
//! things of one. Changes of those bring the page up to date at once, all others after a while, for the counts in its frame.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, EventSource, MessageEvent, VisibilityState};

use super::page;
use crate::islands::watch;

/// Events of one burst become one refresh.
const GATHER: Duration = Duration::from_millis(300);
/// What the page only counts may be this old.
const GATHER_OTHERS: Duration = Duration::from_secs(5);

thread_local! {
    static OPEN: Cell<bool> = const { Cell::new(false) };
    /// A refresh is due, at once or after a while.
    static SOON: Cell<bool> = const { Cell::new(false) };
    static LATER: Cell<bool> = const { Cell::new(false) };
    /// Something happened while nobody looked.
    static UNSEEN: Cell<bool> = const { Cell::new(false) };
}

/// The page's mark; pages before sign-in have none.
pub(super) fn mark() -> Option<Element> {
    document().get_element_by_id("live")
}

/// Opens the stream, unless it is open or the page is not one that changes.
pub(super) fn open() {
    if OPEN.get() || mark().is_none() {
        return;
    }
    let Ok(source) = EventSource::new("/events") else {
        watch().lost.set(true);
        return;
    };
    OPEN.set(true);
    let message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        if let Some((topic, id)) = read(&event) {
            happened(concerns(&topic, &id));
        }
    });
    // Between the page's making and the stream's opening, and in every gap, something may have happened unseen.
    let opened = Closure::<dyn Fn()>::new(|| {
        watch().lost.set(false);
        happened(true);
    });
    let failed = Closure::<dyn Fn()>::new(|| watch().lost.set(true));
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    // The stream lives as long as the page.
    message.forget();
    opened.forget();
    failed.forget();
    super::listen("visibilitychange", |_| {
        if seen() && UNSEEN.replace(false) {
            happened(true);
        }
    });
}

/// Topic and id of a message.
fn read(event: &MessageEvent) -> Option<(String, String)> {
    let data = js_sys::JSON::parse(&event.data().as_string()?).ok()?;
    let word = |name: &str| js_sys::Reflect::get(&data, &name.into()).ok()?.as_string();
    Some((word("topic")?, word("id")?))
}

/// Does the page show it?
fn concerns(topic: &str, id: &str) -> bool {
    let shown = mark().and_then(|mark| mark.get_attribute("data-on"));
    shown.unwrap_or_default().split_whitespace().any(|word| {
        word.split_once(':')
            .map_or(word == topic, |(of, one)| of == topic && one == id)
    })
}

fn seen() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

fn happened(at_once: bool) {
    if !seen() {
        UNSEEN.set(true);
        return;
    }
    let (due, wait) = if at_once {
        (&SOON, GATHER)
    } else {
        (&LATER, GATHER_OTHERS)
    };
    if !due.with(|due| due.replace(true)) {
        set_timeout(
            move || {
                due.with(|due| due.set(false));
                page::refresh();
            },
            wait,
        );
    }
}
