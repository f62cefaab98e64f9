//! Lists that never move under the pointer: what is newer is counted, and shown when the reader asks for it.

use leptos::prelude::*;

use super::watch;
use crate::icon::Icon;

/// "3 newer events. Show them". Empty while there is nothing newer, and without script.
#[island]
pub fn Newer(
    /// What there is one of: `newer event`.
    one: String,
    /// What there are several of: `newer events`.
    many: String,
) -> impl IntoView {
    let count = watch().newer;
    // Brought by a refresh it begins as the server drew it, whatever the browser knows by then.
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    let note = move || {
        let count = if ready.get() { count.get() } else { 0 };
        let text = format!("{count} {}.", if count == 1 { &one } else { &many });
        (count > 0).then(|| {
            view! {
                <p class="newer">
                    <Icon name="radio" small=true/>
                    <span>{text}</span>
                    <button class="btn btn--sm" type="button" on:click=|_| show()>
                        "Show them"
                    </button>
                </p>
            }
        })
    };
    view! {
        <div class="news" role="status">
            {note}
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn show() {
    crate::browser::show_newer();
}

#[cfg(not(feature = "hydrate"))]
const fn show() {}
