//! When the session ends: the page has it from the server, so nobody is asked for it. Two minutes before, the reader is told, and
//! can stay. Tabs of one browser share a session, so they tell each other how long it lasts.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use js_sys::{Date, JSON};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::{RequestInit, Storage};

use super::{draft, page};
use crate::islands::{Ending, watch};

/// Where tabs leave what they know, as "person end", milliseconds since 1970 by this browser's clock.
const KEY: &str = "clearance.session";
/// How long before the end the reader is told, milliseconds.
const BEFORE: f64 = 120_000.0;
/// A timer that is set for longer fires early or not at all in some browsers, milliseconds.
const LONGEST: f64 = 3_600_000.0;

#[derive(Clone, Default)]
struct Known {
    /// Id of the person, as the page names it.
    who: String,
    /// By this browser's clock, milliseconds since 1970.
    ends: f64,
    /// It is over then, whatever is done.
    latest: f64,
    /// What is to be added to this browser's clock to have the server's.
    behind: f64,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
    static TURN: Cell<u32> = const { Cell::new(0) };
}

pub(super) fn listen() {
    super::listen("visibilitychange", |_| look());
    read();
}

/// Who the page is for; pages before sign-in are for nobody.
pub(super) fn who() -> Option<String> {
    let mark = document().get_element_by_id("session")?;
    mark.get_attribute("data-who")
}

/// Reads what the page says of its session: it is new with every answer of the server.
pub(super) fn read() {
    let known = document().get_element_by_id("session").and_then(|mark| {
        let number = |name: &str| number(&mark.get_attribute(name)?);
        let (now, server) = (Date::now(), number("data-now")? * 1_000.0);
        Some(Known {
            who: mark.get_attribute("data-who")?,
            ends: now + number("data-ends")? * 1_000.0 - server,
            latest: now + number("data-latest")? * 1_000.0 - server,
            behind: server - now,
        })
    });
    if let (Some(known), Some(storage)) = (&known, storage()) {
        // Only a help: without it this tab warns by what it knows alone.
        let ends = JsValue::from_f64(known.ends);
        let ends = JSON::stringify(&ends).map_or_else(|_| String::new(), String::from);
        drop(storage.set_item(KEY, &format!("{} {ends}", known.who)));
    }
    KNOWN.set(known);
    look();
}

/// Read by the browser: the code for it is large.
fn number(text: &str) -> Option<f64> {
    Some(js_sys::parse_float(text)).filter(|number| number.is_finite())
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// When it ends, by what this tab or any other of the same person was told last.
fn ends(known: &Known) -> f64 {
    let told = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let told = told.unwrap_or_default();
    match told.split_once(' ') {
        Some((who, ends)) if who == known.who => number(ends).unwrap_or(known.ends),
        _ => known.ends,
    }
}

/// Says what is to be said now, and looks again when that changes.
fn look() {
    let Some(known) = KNOWN.with_borrow(Clone::clone) else {
        return;
    };
    let (now, ends) = (Date::now(), ends(&known));
    let (ending, wait) = if now >= ends {
        draft::keep();
        (Ending::Over, None)
    } else if now >= ends - BEFORE {
        let soon = Ending::Soon {
            at: utc(ends + known.behind, false),
            // What was renewed a minute ago cannot be told from what lasts no longer.
            can_stay: known.latest - ends > 60_000.0,
        };
        (soon, Some(ends - now))
    } else {
        (Ending::No, Some(ends - BEFORE - now))
    };
    let told = watch().ending;
    if told.get_untracked() != ending {
        told.set(ending);
    }
    let turn = TURN.get().wrapping_add(1);
    TURN.set(turn);
    if let Some(wait) = wait {
        set_timeout(
            move || {
                if TURN.get() == turn {
                    look();
                }
            },
            Duration::from_secs_f64((wait.clamp(0.0, LONGEST) + 50.0) / 1_000.0),
        );
    }
}

/// The reader is there: a request of theirs makes the session last, and the answer says until when.
pub(crate) fn stay() {
    spawn_local(async {
        if let Ok(answer) = page::fetch(&page::here(), &RequestInit::new()).await {
            page::put_refreshed(&answer);
        }
    });
}

/// The server's clock now, milliseconds since 1970.
pub(super) fn server_now() -> f64 {
    Date::now() + KNOWN.with_borrow(|known| known.as_ref().map_or(0.0, |known| known.behind))
}

/// `14:32 UTC`, or with its seconds.
pub(super) fn utc(at: f64, seconds: bool) -> String {
    let iso = String::from(Date::new(&JsValue::from_f64(at)).to_iso_string());
    let end = if seconds { 19 } else { 16 };
    format!("{} UTC", iso.get(11..end).unwrap_or_default())
}
