//! The stream of events: what changed on the server, as it is committed.
//!
//! A page names what it shows in its mark, `<div id="live" data-on="deployment:12 approval">`: whole topics, or single
//! things of one. Changes of those bring the page up to date at once, all others after a while, for the counts in its frame.
//!
//! A browser opens few connections to one host, so one tab holds the stream for all of them, by a lock that the browser passes on
//! when that tab goes, and tells the others what it hears. After every break each tab is brought up to date once: nobody keeps
//! what was missed.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use js_sys::{Date, Function, Math, Promise};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, Element, EventSource, MessageEvent, VisibilityState};

use super::{page, session};
use crate::islands::watch;

/// Events of one burst become one refresh.
const GATHER: Duration = Duration::from_millis(300);
/// What the page only counts may be this old.
const GATHER_OTHERS: Duration = Duration::from_secs(5);
/// How often it is looked whether the stream is still there.
const LOOK: Duration = Duration::from_secs(20);
/// The server says something at least every 15 seconds. Longer than this is silence, milliseconds.
const SILENCE: f64 = 40_000.0;
/// The longest pause between two attempts, seconds.
const PAUSE_MAX: f64 = 30.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["navigator", "locks"], js_name = request, catch)]
    fn lock(name: &str, granted: &Function) -> Result<Promise, JsValue>;
}

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    /// To the other tabs; none where each has a stream of its own.
    static OTHERS: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
    /// This tab holds the stream.
    static LEADS: Cell<bool> = const { Cell::new(false) };
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    static HANDLERS: Handlers = Handlers::new();
    /// The stream is there, wherever it is held.
    static UP: Cell<bool> = const { Cell::new(false) };
    /// Attempts in a row that failed.
    static FAILED: Cell<i32> = const { Cell::new(0) };
    /// Tells a planned attempt that another took its place.
    static TURN: Cell<u32> = const { Cell::new(0) };
    /// When something was last heard, milliseconds since 1970.
    static HEARD: Cell<f64> = const { Cell::new(0.0) };
    /// A refresh is due, at once or after a while.
    static SOON: Cell<bool> = const { Cell::new(false) };
    static LATER: Cell<bool> = const { Cell::new(false) };
    /// Something happened while nobody looked.
    static UNSEEN: Cell<bool> = const { Cell::new(false) };
}

/// What is said among tabs, beside the events themselves.
mod word {
    /// A new tab asks how it stands.
    pub(super) const HELLO: &str = "hello";
    /// The answer.
    pub(super) const STANDS: &str = "stands";
    pub(super) const UP: &str = "up";
    pub(super) const LOST: &str = "lost";
    pub(super) const ALIVE: &str = "alive";
    /// Somebody does not want to wait for the next attempt.
    pub(super) const AGAIN: &str = "again";
}

/// The page's mark; pages before sign-in have none.
pub(super) fn mark() -> Option<Element> {
    document().get_element_by_id("live")
}

/// Takes part in the stream, unless that is so or the page is not one that changes.
pub(super) fn open() {
    if mark().is_none() || LISTENING.replace(true) {
        return;
    }
    HEARD.set(Date::now());
    super::listen("visibilitychange", |_| looked());
    super::listen_to_window("online", |_| again());
    super::listen_to_window("offline", |_| {
        if LEADS.get() {
            broken();
        }
    });
    set_interval(
        || {
            let silent = Date::now() - HEARD.get() > SILENCE;
            if silent && LEADS.get() && SOURCE.with_borrow(Option::is_some) {
                broken();
            }
        },
        LOOK,
    );
    lead();
}

/// Holds the stream as soon as no other tab does. Where the browser has no locks, each tab holds one while it is looked at.
fn lead() {
    let granted = Closure::<dyn Fn() -> Promise>::new(|| {
        LEADS.set(true);
        connect();
        // Held until the tab is gone.
        Promise::new(&mut |_, _| {})
    });
    let asked = lock("clearance-stream", granted.as_ref().unchecked_ref());
    let channel = BroadcastChannel::new("clearance-stream");
    if let (Ok(_), Ok(channel)) = (asked, channel) {
        granted.forget();
        HANDLERS
            .with(|handlers| channel.set_onmessage(Some(handlers.told.as_ref().unchecked_ref())));
        OTHERS.set(Some(channel));
        say(word::HELLO);
    } else {
        LEADS.set(true);
        connect();
    }
}

struct Handlers {
    opened: Closure<dyn Fn()>,
    failed: Closure<dyn Fn()>,
    ticked: Closure<dyn Fn()>,
    message: Closure<dyn Fn(MessageEvent)>,
    /// By another tab.
    told: Closure<dyn Fn(MessageEvent)>,
}

impl Handlers {
    fn new() -> Self {
        let text = |event: &MessageEvent| event.data().as_string();
        Self {
            opened: Closure::new(|| {
                FAILED.set(0);
                tell(word::UP);
            }),
            failed: Closure::new(broken),
            ticked: Closure::new(|| tell(word::ALIVE)),
            message: Closure::new(move |event| {
                if let Some(text) = text(&event) {
                    tell(&text);
                }
            }),
            told: Closure::new(move |event| {
                if let Some(text) = text(&event) {
                    heard(&text);
                }
            }),
        }
    }
}

fn connect() {
    TURN.set(TURN.get().wrapping_add(1));
    close();
    let Ok(source) = EventSource::new("/events") else {
        return;
    };
    HEARD.set(Date::now());
    HANDLERS.with(|handlers| {
        source.set_onopen(Some(handlers.opened.as_ref().unchecked_ref()));
        source.set_onerror(Some(handlers.failed.as_ref().unchecked_ref()));
        source.set_onmessage(Some(handlers.message.as_ref().unchecked_ref()));
        // Without it a silent connection is taken for a dead one, and opened anew.
        drop(
            source
                .add_event_listener_with_callback("tick", handlers.ticked.as_ref().unchecked_ref()),
        );
    });
    SOURCE.set(Some(source));
}

fn close() {
    if let Some(source) = SOURCE.take() {
        source.set_onerror(None);
        source.close();
    }
}

/// The stream is gone. It is tried again after a pause that grows; browsers give up after some kinds of failure.
fn broken() {
    let refused = SOURCE.with_borrow(|source| {
        let state = source.as_ref().map(EventSource::ready_state);
        state == Some(EventSource::CLOSED)
    });
    close();
    tell(word::LOST);
    if refused {
        // The server is there and said no: if the session ended, the page leads to the sign-in.
        page::refresh();
    }
    let failed = FAILED.get();
    FAILED.set(failed.saturating_add(1).min(6));
    let pause = (2.0_f64.powi(failed) * (0.75 + Math::random() / 2.0)).min(PAUSE_MAX);
    let turn = TURN.get().wrapping_add(1);
    TURN.set(turn);
    set_timeout(
        move || {
            if TURN.get() == turn {
                connect();
            }
        },
        Duration::from_secs_f64(pause),
    );
}

/// Tries at once.
pub(crate) fn again() {
    if LEADS.get() {
        FAILED.set(0);
        connect();
    } else {
        say(word::AGAIN);
    }
}

/// To this tab and all others.
fn tell(text: &str) {
    say(text);
    heard(text);
}

/// To the other tabs.
fn say(text: &str) {
    OTHERS.with_borrow(|others| {
        if let Some(others) = others {
            // A tab that is not told is brought up to date when it is looked at.
            drop(others.post_message(&JsValue::from_str(text)));
        }
    });
}

fn heard(text: &str) {
    let lost = watch().lost;
    match text {
        word::HELLO if LEADS.get() && UP.get() => say(word::STANDS),
        word::HELLO => {}
        word::AGAIN if LEADS.get() => again(),
        word::AGAIN => {}
        word::LOST => {
            UP.set(false);
            if lost.get_untracked().is_none() {
                let ago = Date::now() - HEARD.get();
                lost.set(Some(session::utc(session::server_now() - ago, true)));
            }
        }
        word::STANDS if UP.get() => {}
        // Between the page's making and the stream's opening, and in every gap, something may have happened unseen.
        word::UP | word::STANDS => {
            HEARD.set(Date::now());
            UP.set(true);
            lost.set(None);
            happened(true);
        }
        word::ALIVE => HEARD.set(Date::now()),
        event => {
            HEARD.set(Date::now());
            if let Some((topic, id)) = read(event) {
                happened(concerns(&topic, &id));
            }
        }
    }
}

/// Topic and id of an event.
fn read(event: &str) -> Option<(String, String)> {
    let data = js_sys::JSON::parse(event).ok()?;
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

/// The tab came into sight or went out of it.
fn looked() {
    if seen() && UNSEEN.replace(false) {
        happened(true);
    }
    let alone = OTHERS.with_borrow(Option::is_none);
    if alone && seen() && SOURCE.with_borrow(Option::is_none) {
        again();
    } else if alone && !seen() {
        TURN.set(TURN.get().wrapping_add(1));
        close();
    }
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
