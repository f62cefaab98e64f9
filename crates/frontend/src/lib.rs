//! The browser's entry point: takes over the page that the server rendered. Nothing else belongs here.

use js_sys::Object;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the loader, after the module is compiled, with the module itself: each island is one of its exports.
#[wasm_bindgen]
pub fn hydrate(exports: Object) {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    app::browser::start(exports);
}
