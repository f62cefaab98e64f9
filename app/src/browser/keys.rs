//! Keys. They lead to places, walk over rows and put the cursor somewhere; none of them decides anything. Which key leads where is
//! written on the links of the sidebar (`data-key`), and who wants no single keys has them off (`data-keys` of the document).

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use super::{all, over};

/// Where letters are text.
const FIELDS: &str = "input, textarea, select, [contenteditable]";
/// What `j` and `k` walk over.
const ROWS: &str = "main tbody tr, main .rows > li, main .reqs > li, main .hits__l > li";
/// What can be done on a page.
const ACTIONS: &str = ".head__act a, .head__act button, .head__act summary, main details.danger > summary, main .btn--primary";
/// How long `g` waits for its letter.
const WAIT: Duration = Duration::from_millis(1_500);

thread_local! {
    /// `g` was pressed, and so many times before.
    static GOING: Cell<Option<u32>> = const { Cell::new(None) };
    static TIMES: Cell<u32> = const { Cell::new(0) };
}

pub(super) fn listen() {
    super::listen("keydown", |event| {
        if pressed(&event) {
            event.prevent_default();
        }
    });
}

/// True if the key was one of ours.
fn pressed(event: &Event) -> bool {
    let Some(pressed) = event.dyn_ref::<KeyboardEvent>() else {
        return false;
    };
    if event.default_prevented() || pressed.is_composing() || pressed.alt_key() {
        return false;
    }
    let key = pressed.key();
    if pressed.ctrl_key() || pressed.meta_key() {
        return key.eq_ignore_ascii_case("k") && search();
    }
    if over::is_open() {
        return over::pressed(&key, event);
    }
    if super::target(event, FIELDS).is_some() || are_off() {
        return false;
    }
    single(&key)
}

fn are_off() -> bool {
    let root = document().document_element();
    root.is_some_and(|root| root.get_attribute("data-keys").as_deref() == Some("off"))
}

fn single(key: &str) -> bool {
    if GOING.take().is_some() {
        return goes_to(key);
    }
    match key {
        "g" => {
            wait();
            true
        }
        "/" => field() || search(),
        "?" => {
            over::open(over::KEYS);
            true
        }
        "j" => step(true),
        "k" => step(false),
        "c" => copy(),
        "." => focus(all(&document(), ACTIONS).first()),
        _ => false,
    }
}

/// The search of the page where there is one, else over the page.
fn search() -> bool {
    let own = document().query_selector("main #search").ok().flatten();
    if !focus(own.as_ref()) {
        over::open(over::SEARCH);
    }
    true
}

/// The field of the top bar, where the screen has room for it.
fn field() -> bool {
    let found = document().get_element_by_id("find");
    let shown = found.and_then(|field| field.dyn_into::<HtmlElement>().ok());
    shown
        .filter(|field| field.offset_parent().is_some())
        .is_some_and(|field| field.focus().is_ok())
}

fn wait() {
    let turn = TIMES.get().wrapping_add(1);
    TIMES.set(turn);
    GOING.set(Some(turn));
    set_timeout(
        move || {
            if GOING.get() == Some(turn) {
                GOING.set(None);
            }
        },
        WAIT,
    );
}

fn goes_to(key: &str) -> bool {
    let mut places = all(&document(), "[data-key]").into_iter();
    let place = places.find(|place| place.get_attribute("data-key").as_deref() == Some(key));
    let link = place.and_then(|place| place.dyn_into::<HtmlElement>().ok());
    link.map(|link| link.click()).is_some()
}

/// The row that the focus is in, and all rows that lead somewhere.
fn rows() -> (Option<usize>, Vec<(Element, Element)>) {
    let link = |row: Element| {
        let link = row.query_selector("a[href]").ok().flatten()?;
        Some((row, link))
    };
    let rows: Vec<_> = all(&document(), ROWS)
        .into_iter()
        .filter_map(link)
        .collect();
    let active = document().active_element();
    let here =
        active.and_then(|active| rows.iter().position(|(row, _)| row.contains(Some(&active))));
    (here, rows)
}

fn step(forward: bool) -> bool {
    let (here, rows) = rows();
    let next = match (here, forward) {
        (None, _) => rows.first(),
        (Some(here), true) => rows.get(here + 1),
        (Some(here), false) => here.checked_sub(1).and_then(|before| rows.get(before)),
    };
    focus(next.map(|(_, link)| link))
}

fn focus(element: Option<&Element>) -> bool {
    element
        .and_then(|element| element.dyn_ref::<HtmlElement>())
        .is_some_and(|element| element.focus().is_ok())
}

/// The id of the row: what its copy button has, else what its link says.
fn copy() -> bool {
    let (Some(here), rows) = rows() else {
        return false;
    };
    let Some((row, link)) = rows.get(here) else {
        return false;
    };
    let button = row.query_selector("[data-copy]").ok().flatten();
    let id = button.and_then(|button| button.get_attribute("data-copy"));
    if let Some(id) = id.or_else(|| link.text_content()) {
        super::write(id.trim());
    }
    true
}
