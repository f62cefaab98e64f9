//! Keeping to the newest line of a log while it grows.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
use super::watch;

/// The switch. The reader's choice wins over the default, which is to follow while there is more to come; whoever scrolls
/// up wants to read, and is left in peace.
#[island]
pub fn Follow(
    /// True while lines are to be expected.
    wanted: bool,
) -> impl IntoView {
    let on = RwSignal::new(wanted);
    #[cfg(feature = "hydrate")]
    keep(on);
    view! {
        <label class="it script">
            <input
                type="checkbox"
                checked=wanted
                prop:checked=move || on.get()
                on:change=move |event| on.set(event_target_checked(&event))
            />
            "Follow"
        </label>
    }
}

/// Scrolls to the end with every refresh, and stops when the reader scrolls away from it.
#[cfg(feature = "hydrate")]
fn keep(on: RwSignal<bool>) {
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::closure::Closure;

    /// Nearer to the end than this, px, is still at the end.
    const AT_THE_END: i32 = 40;

    let refreshed = watch().refreshed;
    Effect::new(move |_| {
        refreshed.track();
        if let (true, Some(log)) = (on.get(), log()) {
            log.set_scroll_top(log.scroll_height());
        }
    });
    let scrolled = Closure::<dyn Fn()>::new(move || {
        let away = log().is_some_and(|log| {
            log.scroll_height() - log.scroll_top() - log.client_height() > AT_THE_END
        });
        if away && on.get_untracked() {
            on.set(false);
        }
    });
    // Scrolling does not bubble, so it is caught on the way down; the listener lives as long as the page.
    let caught = document().add_event_listener_with_callback_and_bool(
        "scroll",
        scrolled.as_ref().unchecked_ref(),
        true,
    );
    if caught.is_ok() {
        scrolled.forget();
    }
}

#[cfg(feature = "hydrate")]
fn log() -> Option<web_sys::Element> {
    document().query_selector(".log").ok().flatten()
}
