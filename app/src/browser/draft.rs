//! What was typed when the session ended before it was sent. It is kept in this tab alone, and put back into the same forms of the
//! same page for the same person after they signed in again. Secrets are never kept, nor is what somebody accepted by a tick: that
//! is asked anew.

use js_sys::{Array, JSON};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, Storage};

use super::form::SENT;
use super::morph::TOUCHED;
use super::{all, page, session};
use crate::islands::watch;
use crate::secret::holds_secret;

const KEY: &str = "clearance.typed";
/// The longest text that is kept, characters.
const MAX: usize = 200_000;
/// A hidden value that is longer is a digest: it may be another after the sign-in, while the form is the same.
const NAMES: usize = 60;

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Keeps what the reader typed into the forms of this page: whose it is, of which page, and for each field the address of its form,
/// the hidden values of that, its name, and what was typed.
pub(super) fn keep() {
    let (Some(who), Some(storage)) = (session::who(), storage()) else {
        return;
    };
    let kept = Array::of2(&who.into(), &page::path(&page::here()).into());
    for field in all(&document(), &format!("[{TOUCHED}]"))
        .iter()
        .filter_map(field)
    {
        for part in field {
            kept.push(&part.into());
        }
    }
    let text = JSON::stringify(&kept).map_or_else(|_| String::new(), String::from);
    if kept.length() > 2 && text.len() <= MAX {
        // A full store keeps nothing, and the reader is on their way to sign in all the same.
        drop(storage.set_item(KEY, &text));
    }
}

/// Forgets it.
pub(super) fn forget() {
    if let Some(storage) = storage() {
        drop(storage.remove_item(KEY));
    }
}

/// Puts it back, if this is the page and the person that it is of.
pub(super) fn restore() {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let (Some(kept), Some(now)) = (kept, session::who()) else {
        return;
    };
    let kept = JSON::parse(&kept).and_then(JsValue::dyn_into::<Array>);
    let kept: Vec<String> = kept
        .unwrap_or_default()
        .iter()
        .map(|part| part.as_string().unwrap_or_default())
        .collect();
    let [who, path, fields @ ..] = kept.as_slice() else {
        return forget();
    };
    if *who != now {
        return forget();
    }
    if *path != page::path(&page::here()) {
        return;
    }
    forget();
    let mut restored = false;
    for field in fields.chunks_exact(4) {
        if let [action, of, name, typed] = field {
            restored |= put(action, of, name, typed).is_some();
        }
    }
    if restored {
        watch().restored.set(true);
    }
}

fn field(element: &Element) -> Option<[String; 4]> {
    let form = element.closest(SENT).ok().flatten()?;
    let name = element.get_attribute("name")?;
    let completes = element.get_attribute("autocomplete").unwrap_or_default();
    if holds_secret(&name) || holds_secret(&completes) {
        return None;
    }
    let typed = match element.dyn_ref::<HtmlInputElement>() {
        Some(input) => match input.type_().as_str() {
            "password" | "file" | "hidden" => return None,
            "checkbox" | "radio" if input.required() => return None,
            "checkbox" | "radio" => format!(
                "{}{}",
                if input.checked() { '+' } else { '-' },
                input.value()
            ),
            _ => input.value(),
        },
        None => match element.dyn_ref::<HtmlTextAreaElement>() {
            Some(area) => area.value(),
            None => element.dyn_ref::<HtmlSelectElement>()?.value(),
        },
    };
    let action = form.get_attribute("action")?;
    Some([action, hidden(&form), name, typed])
}

/// What tells apart the forms of one page that are sent to the same address.
fn hidden(form: &Element) -> String {
    let Ok(found) = form.query_selector_all("input[type=hidden]") else {
        return String::new();
    };
    let inputs =
        (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<HtmlInputElement>().ok());
    inputs
        .filter(|input| input.value().len() < NAMES)
        .map(|input| format!("{}={};", input.name(), input.value()))
        .collect()
}

fn put(action: &str, of: &str, name: &str, typed: &str) -> Option<()> {
    let mut forms = all(&document(), SENT);
    forms.retain(|form| {
        form.get_attribute("action").as_deref() == Some(action) && hidden(form) == of
    });
    let named = |element: &Element| element.get_attribute("name").as_deref() == Some(name);
    for form in forms {
        let Ok(found) = form.query_selector_all("input, textarea, select") else {
            continue;
        };
        for at in 0..found.length() {
            let element = found
                .get(at)
                .and_then(|found| found.dyn_into::<Element>().ok());
            if let Some(element) = element.filter(named)
                && set(&element, typed).is_some()
            {
                show(&element);
                return Some(());
            }
        }
    }
    None
}

fn set(element: &Element, typed: &str) -> Option<()> {
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        match input.type_().as_str() {
            "checkbox" | "radio" => {
                let (ticked, value) = (typed.starts_with('+'), typed.get(1..)?);
                if input.value() != value {
                    return None;
                }
                input.set_checked(ticked);
            }
            "password" | "file" | "hidden" => return None,
            _ => input.set_value(typed),
        }
    } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        area.set_value(typed);
    } else {
        let select = element.dyn_ref::<HtmlSelectElement>()?;
        let before = select.value();
        select.set_value(typed);
        if select.value() != typed {
            select.set_value(&before);
            return None;
        }
    }
    // It is the reader's again: no refresh takes it away.
    drop(element.set_attribute(TOUCHED, ""));
    Some(())
}

/// Opens what it is folded away in.
fn show(element: &Element) {
    while let Some(folded) = element.closest("details:not([open])").ok().flatten() {
        if folded.set_attribute("open", "").is_err() {
            return;
        }
    }
}
