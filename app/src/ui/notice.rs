//! A sentence above the content.

use domain::tone::Tone;
use leptos::prelude::*;

use super::icon::Icon;

/// One notice. `alert` only for the failed result of the person's own action.
#[component]
pub(crate) fn NoticeBar(
    tone: Tone,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional)] alert: bool,
    /// The one thing to do about it.
    #[prop(optional)]
    act: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("notice notice--{}", tone.class()) role=if alert { "alert" } else { "status" }>
            <Icon name=icon.unwrap_or_else(|| tone.icon())/>
            <div>{children()}</div>
            {act.map(|act| view! { <div class="notice__act">{act}</div> })}
        </div>
    }
}

/// Around what is shown once: it outlives the page's being brought up to date, and ends with the page or the next form.
#[component]
pub(crate) fn Once(children: Children) -> impl IntoView {
    view! { <div id="once">{children()}</div> }
}
