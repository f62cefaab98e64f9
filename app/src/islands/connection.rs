//! Whether the page can be trusted to be up to date.

use leptos::prelude::*;

use super::watch;
use crate::icon::Icon;

/// Says when the stream of events is broken, and when what is decided here has changed since it was shown.
#[island]
pub fn Connection() -> impl IntoView {
    let now = watch();
    view! {
        <div role="status">
            {move || {
                now.lost
                    .get()
                    .then(|| {
                        view! {
                            <div class="notice notice--unk">
                                <Icon name="wifi-off"/>
                                <p>
                                    <b>"Not up to date. "</b>
                                    "The connection to Clearance is lost and is being tried again. What you see may be old."
                                </p>
                            </div>
                        }
                    })
            }}
            {move || {
                now.outdated
                    .get()
                    .then(|| {
                        view! {
                            <div class="notice notice--wait">
                                <Icon name="refresh-cw"/>
                                <p>
                                    <b>"This changed since you opened it. "</b>
                                    "What you were shown can no longer be decided. "
                                    <a href="">"Read it anew"</a>
                                </p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
