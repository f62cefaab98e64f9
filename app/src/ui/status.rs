//! A state: icon and word always, colour third.

use domain::tone::Tone;
use leptos::prelude::*;

use super::icon::Icon;

/// Icon and word. The word comes from the state's `label()`, the tone from its `tone()`.
#[component]
pub(crate) fn Status(
    tone: Tone,
    #[prop(into)] label: String,
    /// In a box: only in the page head, at most two.
    #[prop(optional)]
    boxed: bool,
    /// Where a state has an icon of its own.
    #[prop(optional)]
    icon: Option<&'static str>,
) -> impl IntoView {
    let class = format!(
        "st st--{}{}",
        tone.class(),
        if boxed { " st--box" } else { "" }
    );
    view! {
        <span class=class>
            <Icon name=icon.unwrap_or_else(|| tone.icon())/>
            {label}
        </span>
    }
}

/// Says that something live no longer complies with the policy in force, and why; nothing when it does.
#[component]
pub(crate) fn Lacking(lacks: Vec<String>) -> impl IntoView {
    (!lacks.is_empty()).then(|| {
        let items: Vec<_> = lacks
            .into_iter()
            .map(|reason| view! { <span class="sub">{reason}</span> })
            .collect();
        view! {
            <span class="sub">
                <Status tone=Tone::Bad label="No longer complies" icon="shield-alert"/>
            </span>
            {items}
        }
    })
}
