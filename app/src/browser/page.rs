//! The open page: asking for it anew, and putting the answer in its place.

use std::cell::Cell;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, Headers, Request, RequestInit, Response, SupportedType,
};

use super::{all, draft, morph, session, stream, wake_islands};
use crate::islands::watch;

/// What a request came to.
pub(super) struct Answer {
    /// Where it came from, after redirects.
    pub(super) url: String,
    /// Not an error of the server itself.
    pub(super) ok: bool,
    pub(super) document: Document,
}

/// The header that says so; the server knows it by the same name.
const UNATTENDED: &str = "clearance-unattended";

thread_local! {
    /// Forms on their way, and how many were ever sent.
    static SENDING: Cell<u32> = const { Cell::new(0) };
    static SENT: Cell<u32> = const { Cell::new(0) };
    static REFRESHING: Cell<bool> = const { Cell::new(false) };
    static AGAIN: Cell<bool> = const { Cell::new(false) };
    /// The reader asked for the rows that are held back.
    static SHOW_NEWER: Cell<bool> = const { Cell::new(false) };
}

/// Keeps refreshes away while a form is on its way; what was due then comes afterwards.
pub(super) fn hold(busy: bool) {
    let sending = SENDING.get();
    if busy {
        SENDING.set(sending + 1);
        SENT.set(SENT.get().wrapping_add(1));
    } else {
        SENDING.set(sending.saturating_sub(1));
        again();
    }
}

fn again() {
    if SENDING.get() == 0 && !REFRESHING.get() && AGAIN.replace(false) {
        refresh();
    }
}

/// Brings the page up to date. One at a time: what comes meanwhile makes it happen once more.
pub(super) fn refresh() {
    if SENDING.get() > 0 || REFRESHING.replace(true) {
        AGAIN.set(true);
        return;
    }
    let sent = SENT.get();
    spawn_local(async move {
        let init = RequestInit::new();
        // Nobody asked for it, so it does not count as a use of the session.
        let unattended = Headers::new().and_then(|headers| {
            headers.set(UNATTENDED, "1")?;
            init.set_headers(&headers);
            Ok(())
        });
        if unattended.is_ok()
            && let Ok(answer) = fetch(&here(), &init).await
        {
            // The answer to a form that was sent meanwhile is newer, and says what came of it: this one would take that away.
            if SENT.get() == sent {
                put_refreshed(&answer);
            } else {
                AGAIN.set(true);
            }
        }
        REFRESHING.set(false);
        again();
    });
}

/// Shows the rows that were held back.
pub(crate) fn show_newer() {
    SHOW_NEWER.set(true);
    refresh();
}

/// The page's address without its fragment.
pub(super) fn here() -> String {
    let url = window().location().href().unwrap_or_default();
    url.split('#').next().unwrap_or_default().to_owned()
}

/// The path of an address.
pub(super) fn path(url: &str) -> String {
    web_sys::Url::new(url).map_or_else(|_| String::new(), |url| url.pathname())
}

/// Asks as a browser does that goes to a page.
pub(super) async fn fetch(url: &str, init: &RequestInit) -> Result<Answer, JsValue> {
    let request = Request::new_with_str_and_init(url, init)?;
    request.headers().set("Accept", "text/html")?;
    let response: Response = JsFuture::from(window().fetch_with_request(&request))
        .await?
        .dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    let text = text.as_string().unwrap_or_default();
    let document = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    // An answer that stands for another address says so.
    let url = response
        .headers()
        .get("Content-Location")?
        .and_then(|path| web_sys::Url::new_with_base(&path, &response.url()).ok())
        .map_or_else(|| response.url(), |url| url.href());
    Ok(Answer {
        url,
        ok: response.status() < 500,
        document,
    })
}

pub(super) fn put_refreshed(answer: &Answer) {
    if !answer.ok {
        return;
    }
    // The session ended, or the thing moved: the browser goes where the server sends it.
    if path(&answer.url) != path(&here()) {
        draft::keep();
        drop(window().location().assign(&answer.url));
        return;
    }
    if pin(&document()) != pin(&answer.document) {
        watch().outdated.set(true);
        return;
    }
    let held = if SHOW_NEWER.replace(false) {
        0
    } else {
        hold_back(&answer.document)
    };
    watch().newer.set(held);
    put(&answer.document, true);
}

/// What is decided on the page, as its mark names it.
fn pin(document: &Document) -> Option<String> {
    document
        .get_element_by_id("live")?
        .get_attribute("data-pin")
}

/// Takes the rows out of a list that are newer than those shown, and counts them. Lists that hold mark their rows with
/// `data-row`, a number that grows.
fn hold_back(new: &Document) -> u32 {
    let newest = rows(&document()).iter().map(|(number, _)| *number).max();
    let Some(newest) = newest else { return 0 };
    let mut held = 0;
    for (number, row) in rows(new) {
        if number > newest {
            row.remove();
            held += 1;
        }
    }
    held
}

fn rows(document: &Document) -> Vec<(u64, Element)> {
    let numbered = |row: Element| {
        let number = row.get_attribute("data-row")?.parse().ok()?;
        Some((number, row))
    };
    all(document, "[data-row]")
        .into_iter()
        .filter_map(numbered)
        .collect()
}

/// Puts in place what differs. What is shown once stays if `keep_once` says so: it is in no later page.
pub(super) fn put(new: &Document, keep_once: bool) {
    let (Some(old_body), Some(new_body)) = (document().body(), new.body()) else {
        return;
    };
    morph::put(&old_body, &new_body, keep_once);
    document().set_title(&new.title());
    wake_islands();
    session::read();
    stream::open();
    watch().refreshed.update(|times| *times += 1);
}
