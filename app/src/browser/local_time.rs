//! Times are UTC; whoever points at one reads it in their own time zone as well.

use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::Event;

/// The mark of a time that says both.
pub(super) const SAID: &str = "data-local";

pub(super) fn listen() {
    super::listen("pointerover", |event| tell(&event));
}

fn tell(event: &Event) {
    let time = super::target(event, "time[datetime]").filter(|time| !time.has_attribute(SAID));
    let Some(time) = time else { return };
    let at = time.get_attribute("datetime").unwrap_or_default();
    let date = Date::new(&JsValue::from_str(&at));
    if date.get_time().is_nan() {
        return;
    }
    let options = Object::new();
    for name in ["dateStyle", "timeStyle"] {
        // Without an option the browser's own way of writing counts.
        drop(Reflect::set(&options, &name.into(), &"long".into()));
    }
    let language = leptos::prelude::window().navigator().language();
    let local = date.to_locale_string(language.as_deref().unwrap_or("en"), &options);
    let utc = time.get_attribute("title").unwrap_or_default();
    let both = format!("{utc}\n{}", String::from(local));
    // Only a help: what is shown says UTC.
    drop(time.set_attribute("title", both.trim()));
    drop(time.set_attribute(SAID, ""));
}
