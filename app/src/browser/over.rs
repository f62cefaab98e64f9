//! What opens over a page: the search and the list of keys. Each is a part of a page of its own, asked for as any page is, and shown
//! in a dialog; whoever has no script goes to the page instead.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, RequestInit};

use super::{all, page};

/// The id of the dialog. It is in no page of the server's.
pub(super) const ID: &str = "over";
/// The page of the search.
pub(super) const SEARCH: &str = "/search";
/// The page of the keys.
pub(super) const KEYS: &str = "/keyboard";
/// Whoever types is not asked for every letter.
const PAUSE: Duration = Duration::from_millis(120);

thread_local! {
    /// Counts what was typed, so that an answer to an older word is not shown.
    static TYPED: Cell<u32> = const { Cell::new(0) };
    /// A page is on its way into the dialog.
    static OPENING: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn listen() {
    super::listen("input", |event| {
        if super::target(&event, "#over input[name=q]").is_some() {
            typed();
        }
    });
    // Beside the dialog is its backdrop.
    super::listen("click", |event| {
        let beside = event
            .target()
            .and_then(|of| of.dyn_into::<HtmlDialogElement>().ok());
        if let Some(dialog) = beside.filter(|dialog| dialog.id() == ID) {
            dialog.close();
        }
    });
}

fn dialog() -> Option<HtmlDialogElement> {
    document().get_element_by_id(ID)?.dyn_into().ok()
}

/// Is it open?
pub(super) fn is_open() -> bool {
    dialog().is_some_and(|dialog| dialog.open())
}

/// Shows the part of a page over this one, or goes to the page where that cannot be. It opens at once: what is typed before the page
/// came is kept.
pub(super) fn open(path: &'static str) {
    if OPENING.replace(true) {
        return;
    }
    spawn_local(async move {
        let shown = match wait(path) {
            Ok(dialog) => page::fetch(path, &RequestInit::new())
                .await
                .and_then(|answer| show(&dialog, &answer.document)),
            Err(error) => Err(error),
        };
        if shown.is_err() {
            drop(window().location().assign(path));
        }
        OPENING.set(false);
    });
}

/// The open dialog, with a field to type into where the page has one.
fn wait(path: &str) -> Result<HtmlDialogElement, JsValue> {
    let dialog = match dialog() {
        Some(dialog) => dialog,
        None => make()?,
    };
    dialog.set_inner_html("");
    if path == SEARCH {
        let field: HtmlInputElement = document().create_element("input")?.dyn_into()?;
        field.set_name("q");
        field.set_type("search");
        field.set_class_name("input");
        field.set_attribute("aria-label", "Search")?;
        dialog.append_child(&field)?;
    }
    dialog.set_attribute("aria-label", "Loading")?;
    if !dialog.open() {
        dialog.show_modal()?;
    }
    Ok(dialog)
}

fn show(dialog: &HtmlDialogElement, from: &web_sys::Document) -> Result<(), JsValue> {
    let part = from.query_selector("[data-over]")?.ok_or(JsValue::NULL)?;
    let title = from
        .query_selector("h1")?
        .and_then(|title| title.text_content());
    let typed = input().map(|field| field.value()).unwrap_or_default();
    dialog.set_attribute("aria-label", title.as_deref().unwrap_or_default())?;
    dialog.replace_children_with_node_1(&document().adopt_node(&part)?);
    if let Some(input) = input() {
        input.focus()?;
        if !typed.is_empty() {
            input.set_value(&typed);
            self::typed();
        }
    }
    Ok(())
}

fn make() -> Result<HtmlDialogElement, JsValue> {
    let dialog: HtmlDialogElement = document().create_element("dialog")?.dyn_into()?;
    dialog.set_id(ID);
    dialog.set_class_name("dialog");
    let body = document().body().ok_or(JsValue::NULL)?;
    body.append_child(&dialog)?;
    Ok(dialog)
}

fn input() -> Option<HtmlInputElement> {
    let found = document().query_selector("#over input[name=q]").ok()??;
    found.dyn_into().ok()
}

fn typed() {
    let turn = TYPED.get().wrapping_add(1);
    TYPED.set(turn);
    set_timeout(
        move || {
            if TYPED.get() == turn {
                ask(turn);
            }
        },
        PAUSE,
    );
}

fn ask(turn: u32) {
    let Some(input) = input() else { return };
    let q = String::from(js_sys::encode_uri_component(&input.value()));
    spawn_local(async move {
        let answer = page::fetch(&format!("{SEARCH}?q={q}"), &RequestInit::new()).await;
        let Ok(answer) = answer else { return };
        let new = answer.document.get_element_by_id("hits");
        let old = document().query_selector("#over #hits").ok().flatten();
        if let (true, Some(new), Some(old)) = (TYPED.get() == turn, new, old) {
            drop(
                document()
                    .adopt_node(&new)
                    .and_then(|new| old.replace_with_with_node_1(&new)),
            );
        }
    });
}

/// A key that was pressed in the dialog: the arrows walk over the hits, and Enter in the field opens the first. True if it was one
/// of these.
pub(super) fn pressed(key: &str, event: &Event) -> bool {
    let in_field = super::target(event, "#over input[name=q]").is_some();
    let links: Vec<Element> = all(&document(), "#over #hits a");
    match key {
        "ArrowDown" | "ArrowUp" => walk(&links, in_field, key == "ArrowDown"),
        "Enter" if in_field => first(&links),
        _ => false,
    }
}

fn walk(links: &[Element], in_field: bool, down: bool) -> bool {
    let active = document().active_element();
    let here = links.iter().position(|link| Some(link) == active.as_ref());
    let next = match (here, down) {
        (None, true) if in_field => links.first(),
        (Some(here), true) => links.get(here + 1).or_else(|| links.get(here)),
        (Some(here), false) if here > 0 => links.get(here - 1),
        (Some(_), false) => return input().is_some_and(|input| input.focus().is_ok()),
        (None, _) => return false,
    };
    next.and_then(|next| next.dyn_ref::<HtmlElement>())
        .is_some_and(|next| next.focus().is_ok())
}

fn first(links: &[Element]) -> bool {
    // Without a hit the form goes to the page, which says where else to look.
    let first = links.first().and_then(|link| link.dyn_ref::<HtmlElement>());
    first.map(HtmlElement::click).is_some()
}
