//! Lists that never move under the pointer: what is newer is counted, and shown when the reader asks for it.

use leptos::prelude::*;

use super::{icon, watch};

/// "3 newer events. Show them". Empty while there is nothing newer, and without script.
#[island]
pub fn Newer(
    /// What there is one of: `newer event`.
    one: String,
    /// What there are several of: `newer events`.
    many: String,
) -> impl IntoView {
    let count = watch().newer;
    let text = {
        let count = count.clone();
        move || {
            let count = count.get();
            format!("{count} {}.", if count == 1 { &one } else { &many })
        }
    };
    let nothing = move || count.get() == 0;
    view! {
        <div class="news" role="status">
            <p class="newer" hidden=nothing>
                {icon("radio", "i i--14")}
                <span>{text}</span>
                <button class="btn btn--sm" type="button" on:click=|_| show()>
                    "Show them"
                </button>
            </p>
        </div>
    }
}

#[cfg(feature = "hydrate")]
fn show() {
    crate::browser::show_newer();
}

#[cfg(not(feature = "hydrate"))]
const fn show() {}
