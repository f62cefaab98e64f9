//! Changing the page into another with as few changes as there are, by the library idiomorph. What the reader did is kept:
//! what is typed, opened, scrolled and focused.

use std::cell::Cell;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, Node};

use super::local_time::SAID;
use super::over;

#[wasm_bindgen(raw_module = "./idiomorph.js")]
extern "C" {
    type Idiomorph;

    #[wasm_bindgen(static_method_of = Idiomorph, catch)]
    fn morph(old: &Node, new: &Node, config: &JsValue) -> Result<JsValue, JsValue>;
}

/// The mark of a field that the reader changed.
pub(super) const TOUCHED: &str = "data-touched";

thread_local! {
    static KEEP_ONCE: Cell<bool> = const { Cell::new(true) };
    static CONFIG: JsValue = config().unwrap_or_default();
}

/// Makes the children of `old` those of `new`. What is shown once stays if `keep_once` says so.
pub(super) fn put(old: &HtmlElement, new: &HtmlElement, keep_once: bool) {
    KEEP_ONCE.set(keep_once);
    // A page that could not be changed is asked for as a whole.
    if CONFIG
        .with(|config| Idiomorph::morph(old, new, config))
        .is_err()
    {
        drop(leptos::prelude::window().location().reload());
    }
}

fn config() -> Result<JsValue, JsValue> {
    let node = Closure::<dyn Fn(Node, Node) -> bool>::new(|old: Node, _: Node| !is_island(&old));
    let removed = Closure::<dyn Fn(Node) -> bool>::new(|node: Node| {
        let id = node.dyn_ref::<Element>().map(Element::id);
        match id.as_deref() {
            Some("once") => !KEEP_ONCE.get(),
            // No page of the server has it: it is the reader's.
            Some(over::ID) => false,
            _ => true,
        }
    });
    let attribute = Closure::<dyn Fn(String, Element, String) -> bool>::new(
        |name: String, of: Element, what: String| is_ours(&name, &of, &what),
    );
    let callbacks = Object::new();
    set(&callbacks, "beforeNodeMorphed", node.as_ref())?;
    set(&callbacks, "beforeNodeRemoved", removed.as_ref())?;
    set(&callbacks, "beforeAttributeUpdated", attribute.as_ref())?;
    // They are called for as long as the page lives.
    node.forget();
    removed.forget();
    attribute.forget();
    let config = Object::new();
    set(&config, "morphStyle", &"innerHTML".into())?;
    set(&config, "callbacks", &callbacks)?;
    Ok(config.into())
}

fn set(object: &Object, name: &str, value: &JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &name.into(), value).map(drop)
}

/// An island keeps its state; the server's rendering of it knows nothing newer.
fn is_island(node: &Node) -> bool {
    node.node_name() == "LEPTOS-ISLAND"
}

/// May the server's attribute take the place of the page's?
fn is_ours(name: &str, of: &Element, what: &str) -> bool {
    match name {
        // What the reader opened stays open; the server may open, but not close.
        "open" => what != "remove",
        // Ours, and not in the server's page.
        TOUCHED | SAID => false,
        "value" | "checked" => !of.has_attribute(TOUCHED),
        "selected" => !of
            .closest("select")
            .ok()
            .flatten()
            .is_some_and(|select| select.has_attribute(TOUCHED)),
        _ => true,
    }
}
