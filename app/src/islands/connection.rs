//! Whether the page can be trusted to be up to date, and whether its session goes on.

use leptos::prelude::*;

use super::{Ending, watch};
use crate::icon::Icon;

/// Says when the stream of events is broken, when what is decided here has changed since it was shown, when the session ends, and
/// that what was typed before it ended is still there.
#[island]
pub fn Connection() -> impl IntoView {
    let now = watch();
    // Brought by a refresh it begins as the server drew it, whatever the browser knows by then.
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    let notices = move || {
        ready.get().then(|| {
            let ending = match now.ending.get() {
                Ending::No => None,
                Ending::Soon { at, can_stay } => Some(soon(&at, can_stay)),
                Ending::Over => Some(over()),
            };
            let outdated = now.outdated.get().then(outdated);
            let restored = now.restored.get().then(restored);
            [now.lost.get().map(lost), outdated, ending, restored]
                .into_iter()
                .flatten()
                .collect_view()
        })
    };
    view! {
        <div class="stack stack--3" role="status">
            {notices}
        </div>
    }
}

fn notice(
    class: &'static str,
    icon: &'static str,
    title: &'static str,
    text: String,
    act: Option<AnyView>,
) -> AnyView {
    view! {
        <div class=class>
            <Icon name=icon/>
            <p>
                <b>{title}</b>
                {text}
            </p>
            {act.map(|act| view! { <div class="notice__act">{act}</div> })}
        </div>
    }
    .into_any()
}

fn lost(since: String) -> AnyView {
    let text = format!(
        "The connection to Clearance is lost, and is tried again by itself. What you see is of {since}."
    );
    let act = view! {
        <button class="btn btn--sm" type="button" on:click=|_| again()>
            "Try now"
        </button>
    };
    notice(
        "notice notice--unk",
        "wifi-off",
        "Not up to date. ",
        text,
        Some(act.into_any()),
    )
}

fn outdated() -> AnyView {
    let act = view! { <a href="">"Read it anew"</a> };
    notice(
        "notice notice--wait",
        "refresh-cw",
        "This changed since you opened it. ",
        "What you were shown can no longer be decided.".to_owned(),
        Some(act.into_any()),
    )
}

fn soon(at: &str, can_stay: bool) -> AnyView {
    let text = if can_stay {
        format!("Nobody used it for a while, so it ends at {at}.")
    } else {
        format!(
            "It ends at {at}, however much it is used. What you type stays in this tab until you signed in again."
        )
    };
    let act = can_stay.then(|| {
        view! {
            <button class="btn btn--sm" type="button" on:click=|_| stay()>
                "Stay signed in"
            </button>
        }
        .into_any()
    });
    notice(
        "notice notice--wait",
        "clock",
        "Your session ends soon. ",
        text,
        act,
    )
}

fn over() -> AnyView {
    let act = view! { <a href=sign_in()>"Sign in"</a> };
    notice(
        "notice notice--wait",
        "log-out",
        "Your session has ended. ",
        "What you typed stays in this tab: sign in, and it is in its form again.".to_owned(),
        Some(act.into_any()),
    )
}

fn restored() -> AnyView {
    notice(
        "notice notice--wait",
        "history",
        "This was not sent. ",
        "Your session had ended. What you typed is in its form again: look at it, and send it."
            .to_owned(),
        None,
    )
}

#[cfg(feature = "hydrate")]
fn again() {
    crate::browser::again();
}

#[cfg(not(feature = "hydrate"))]
const fn again() {}

#[cfg(feature = "hydrate")]
fn stay() {
    crate::browser::stay();
}

#[cfg(not(feature = "hydrate"))]
const fn stay() {}

/// The way to sign in and back to this page.
#[cfg(feature = "hydrate")]
fn sign_in() -> String {
    let place = window().location();
    let here = [place.pathname(), place.search()].map(Result::unwrap_or_default);
    let next = String::from(js_sys::encode_uri_component(&here.concat()));
    format!("/sign-in?next={next}")
}

#[cfg(not(feature = "hydrate"))]
const fn sign_in() -> &'static str {
    "/sign-in"
}
