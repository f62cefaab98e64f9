//! One fact a line: icon, sentence, detail under it.

use domain::tone::Tone;
use leptos::prelude::*;

use super::icon::Icon;

/// One fact.
#[derive(Debug, Clone)]
pub(crate) struct CheckItem {
    tone: Tone,
    text: String,
    detail: Option<String>,
}

impl CheckItem {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            detail: None,
        }
    }

    pub(crate) fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = Some(text.into());
        self
    }
}

/// The facts in the order given.
#[component]
pub(crate) fn Checklist(items: Vec<CheckItem>) -> impl IntoView {
    let items: Vec<_> = items
        .into_iter()
        .map(|item| {
            view! {
                <li class=item.tone.class()>
                    <Icon name=item.tone.icon()/>
                    <span>{item.text}</span>
                    {item.detail.map(|text| view! { <span class="sub">{text}</span> })}
                </li>
            }
        })
        .collect();
    view! { <ul class="checks">{items}</ul> }
}
