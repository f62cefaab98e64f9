//! Buttons and links that look like them. One primary a page; danger apart; nothing is silently disabled.

use leptos::prelude::*;

use super::icon::Icon;

/// How loud a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Plain,
    /// The one action of the page.
    Primary,
    /// Opens a dangerous step; its label ends with "…".
    Danger,
    /// The last button of a dangerous step.
    DangerSolid,
    /// Hardly there.
    Quiet,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "btn",
            Self::Primary => "btn btn--primary",
            Self::Danger => "btn btn--danger",
            Self::DangerSolid => "btn btn--danger-solid",
            Self::Quiet => "btn btn--quiet",
        }
    }
}

/// A link that looks like a button.
#[component]
pub(crate) fn LinkButton(
    #[prop(into)] href: String,
    #[prop(into)] label: String,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    let icon = icon.map(|name| view! { <Icon name=name small=small/> });
    view! {
        <a class=kind.class() class:btn--sm=small href=href>
            {icon}
            {label}
        </a>
    }
}

/// The button that sends its form. While the form is on its way it says so and sends nothing again.
#[component]
pub(crate) fn Submit(
    #[prop(into)] label: String,
    /// What it says while it works: "Approving…".
    #[prop(default = "Sending…")]
    busy_label: &'static str,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] icon: Option<&'static str>,
    /// Whole name of a value that goes with the form, such as `form[verdict]`.
    #[prop(optional)]
    name: Option<&'static str>,
    #[prop(optional, into)] value: Option<String>,
    /// Id of the text that says more.
    #[prop(optional)]
    described_by: Option<&'static str>,
) -> impl IntoView {
    let icon = icon.map(|name| view! { <Icon name=name/> });
    view! {
        <button
            class=kind.class()
            type="submit"
            name=name
            value=value
            aria-describedby=described_by
            data-busy=busy_label
        >
            {icon}
            <span data-label>{label}</span>
        </button>
    }
}

/// An action this person or this moment does not allow, with the rule that says so.
#[component]
pub(crate) fn Unavailable(#[prop(into)] label: String, #[prop(into)] why: String) -> impl IntoView {
    view! {
        <div class="unavail">
            <span class="btn" role="button" aria-disabled="true" tabindex="0" aria-description=why.clone()>
                {label}
            </span>
            <span class="hint">{why}</span>
        </div>
    }
}
