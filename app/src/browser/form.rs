//! Sending forms without leaving the page. The form, the address and the answer are those of a browser without script;
//! what is added is that nothing typed is lost, that a button is pressed once, and that a lost connection is told.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    Element, Event, FormData, HtmlElement, HtmlFormElement, RequestInit, SubmitEvent,
    UrlSearchParams,
};

use super::draft;
use super::morph::TOUCHED;
use super::page::{self, Answer};
use crate::islands::watch;

/// Forms of ours that change something. Signing in, out and the theme change the whole document, so they are left alone.
pub(super) const SENT: &str = "form[method=post][action^='/rpc/']";
/// Every error of a sent form is in the address it comes back to.
const REFUSED: &str = "__err=";
/// Where an answer leads when the session has ended.
const SIGN_IN: &str = "/sign-in";

pub(super) fn listen() {
    super::listen("submit", |event| submitted(&event));
    super::listen("submit", |event| {
        if super::target(&event, "form[action='/sign-out']").is_some() {
            draft::forget();
        }
    });
    super::listen("click", |event| {
        if super::target(&event, "a[href^='/sign-in']").is_some() {
            draft::keep();
        }
    });
    for kind in ["input", "change"] {
        super::listen(kind, |event| {
            if let Some(field) = super::target(&event, "input, textarea, select") {
                // Only a help: without the mark the field takes the server's value.
                drop(field.set_attribute(TOUCHED, ""));
            }
        });
    }
}

fn submitted(event: &Event) {
    let Some(form) =
        super::target(event, SENT).and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
    else {
        return;
    };
    if event.default_prevented() {
        return;
    }
    event.prevent_default();
    if form.has_attribute("aria-busy") {
        return;
    }
    let button = event
        .dyn_ref::<SubmitEvent>()
        .and_then(SubmitEvent::submitter);
    spawn_local(async move {
        let label = busy(&form, button.as_ref());
        page::hold(true);
        let sent = send(&form, button.as_ref()).await;
        ready(&form, button.as_ref(), label);
        match sent {
            Ok(answer) => arrived(&form, &answer),
            Err(_) => unanswered(&form),
        }
        page::hold(false);
    });
}

/// Says on the button that it works. Returns what it said before.
fn busy(form: &HtmlFormElement, button: Option<&HtmlElement>) -> Option<String> {
    drop(form.set_attribute("aria-busy", "true"));
    let button = button?;
    // Shorter words make it no narrower: what is beside it stays where it is.
    let width = format!("{}px", button.offset_width());
    drop(button.style().set_property("min-width", &width));
    drop(button.set_attribute("aria-disabled", "true"));
    drop(button.set_attribute("aria-busy", "true"));
    let words = label(button)?;
    let before = words.text_content();
    words.set_text_content(button.get_attribute("data-busy").as_deref());
    before
}

fn ready(form: &HtmlFormElement, button: Option<&HtmlElement>, label_before: Option<String>) {
    drop(form.remove_attribute("aria-busy"));
    let Some(button) = button else { return };
    drop(button.remove_attribute("aria-disabled"));
    drop(button.remove_attribute("aria-busy"));
    drop(button.style().remove_property("min-width"));
    if let Some(words) = label(button) {
        words.set_text_content(label_before.as_deref());
    }
}

fn label(button: &HtmlElement) -> Option<Element> {
    button.query_selector("[data-label]").ok().flatten()
}

async fn send(form: &HtmlFormElement, button: Option<&HtmlElement>) -> Result<Answer, JsValue> {
    let data = FormData::new_with_form(form)?;
    if let Some((name, value)) =
        button.and_then(|b| b.get_attribute("name").zip(b.get_attribute("value")))
    {
        data.append_with_str(&name, &value)?;
    }
    // The forms hold words only, so the codec of a plain post takes them.
    let body = UrlSearchParams::new_with_str_sequence_sequence(&data)?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&body);
    page::fetch(&form.action(), &init).await
}

/// Stays on the page if that is where the answer leads, and goes there otherwise.
fn arrived(form: &HtmlFormElement, answer: &Answer) {
    if !answer.ok {
        unanswered(form);
        return;
    }
    let refused = answer.url.contains(REFUSED);
    if page::path(&answer.url) != page::path(&page::here()) {
        if page::path(&answer.url) == SIGN_IN {
            draft::keep();
        }
        drop(window().location().assign(&answer.url));
        return;
    }
    if !refused {
        forget(form);
        watch().restored.set(false);
    }
    let history = window().history();
    let url = answer.url.as_str();
    drop(history.and_then(|h| h.replace_state_with_url(&JsValue::NULL, "", Some(url))));
    page::put(&answer.document, refused);
    look_at(if refused {
        ".notice[role=alert]"
    } else {
        ".notice"
    });
}

/// What was sent is no longer the reader's: the server's values count again.
fn forget(form: &HtmlFormElement) {
    let elements = form.elements();
    for at in 0..elements.length() {
        if let Some(element) = elements.item(at) {
            drop(element.remove_attribute(TOUCHED));
        }
    }
    form.reset();
}

/// Brings the answer to the reader's eye and ear.
fn look_at(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(notice) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        drop(notice.set_attribute("tabindex", "-1"));
        drop(notice.focus());
    }
}

/// Nobody knows whether it arrived. The form says so, and keeps what was typed.
fn unanswered(form: &HtmlFormElement) {
    let Ok(note) = document().create_element("p") else {
        return;
    };
    note.set_class_name("notice notice--unk");
    drop(note.set_attribute("role", "alert"));
    note.set_text_content(Some(
        "Clearance did not answer. Look whether it changed before you send it again.",
    ));
    drop(form.insert_before(&note, form.first_child().as_ref()));
}
