//! What script adds to pages that are whole without it: an open page is brought up to date when something it shows
//! changes, and its forms are sent without leaving it. Both ask the server for the page as a browser without script
//! would, and put in place only what differs; there is no second way of making a page.

mod draft;
mod form;
mod keys;
mod local_time;
mod morph;
mod over;
mod page;
mod session;
mod stream;

use std::cell::RefCell;

use js_sys::{Function, Object, Reflect};
use leptos::prelude::document;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event};

pub(crate) use page::show_newer;
pub(crate) use session::stay;
pub(crate) use stream::again;

thread_local! {
    /// The module's exports, among them a function for each kind of island.
    static EXPORTS: RefCell<Option<Object>> = const { RefCell::new(None) };
}

/// Takes over a page: brings its islands to life, opens the stream and listens to its forms. `exports` is the module.
pub fn start(exports: Object) {
    EXPORTS.set(Some(exports));
    wake_islands();
    session::listen();
    stream::open();
    draft::restore();
    form::listen();
    keys::listen();
    over::listen();
    local_time::listen();
    listen("click", |event| copy(&event));
}

/// Brings islands to life that are not yet: all of a new page, and those that a refresh brought.
fn wake_islands() {
    for island in all(&document(), "leptos-island:not([data-awake])") {
        let Some(name) = island.get_attribute("data-component") else {
            continue;
        };
        let function = EXPORTS.with_borrow(|exports| {
            let exports = exports.as_ref()?;
            let found = Reflect::get(exports, &name.as_str().into()).ok()?;
            found.dyn_into::<Function>().ok()
        });
        if function.is_some_and(|wake| wake.call1(&JsValue::NULL, &island).is_ok()) {
            // Nothing depends on the mark but that it is woken once.
            drop(island.set_attribute("data-awake", ""));
        }
    }
}

/// Every element of a document that a selector finds.
fn all(document: &Document, selector: &str) -> Vec<Element> {
    let Ok(found) = document.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}

/// Listens on the whole document for as long as the page lives.
fn listen(kind: &str, act: impl Fn(Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(act);
    let added = document().add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    if added.is_ok() {
        closure.forget();
    }
}

/// The same for what happens to the window.
fn listen_to_window(kind: &str, act: impl Fn(Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(act);
    let window = leptos::prelude::window();
    let added = window.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    if added.is_ok() {
        closure.forget();
    }
}

/// The element that an event happened in or under, if it fits the selector.
fn target(event: &Event, selector: &str) -> Option<Element> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()
        .flatten()
}

/// A copy button was pressed.
fn copy(event: &Event) {
    let Some(value) = target(event, "[data-copy]").and_then(|b| b.get_attribute("data-copy"))
    else {
        return;
    };
    write(&value);
}

/// Puts a value on the clipboard.
fn write(value: &str) {
    // The promise is dropped on purpose: a refused copy leaves the value selectable where it stands.
    let _promise = leptos::prelude::window()
        .navigator()
        .clipboard()
        .write_text(value);
}
