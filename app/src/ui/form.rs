//! What is the same in every form: the refused attempt on top, and the shape of a dangerous step.

use domain::error::ApiError;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::field::{FormProblem, field_id};
use super::icon::Icon;
use crate::error::UiError;

/// The error of an action's last run, with script and without.
pub(crate) fn error_of<S>(action: ServerAction<S>) -> FormProblem
where
    S: ServerFn<Error = UiError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Signal::derive(move || {
        value.with(|value| {
            value
                .as_ref()
                .and_then(|answer| answer.as_ref().err().cloned())
        })
    })
}

/// The refused attempt in words, with links to the fields that are wrong. `fields` are names and labels in form order.
#[component]
pub(crate) fn FormError(
    #[prop(into)] error: FormProblem,
    #[prop(optional)] fields: &'static [(&'static str, &'static str)],
    /// The same as on its fields.
    #[prop(optional)]
    form: &'static str,
) -> impl IntoView {
    move || {
        error.get().map(|error| {
            let links: Vec<_> = fields
                .iter()
                .filter_map(|(name, label)| error.field(name).map(|problem| (*name, *label, problem)))
                .map(|(name, label, problem)| {
                    view! {
                        <li>
                            <a href=format!("#{}", field_id(form, name))>{format!("{label}: {}", problem.message())}</a>
                        </li>
                    }
                })
                .collect();
            let unsure = matches!(error, UiError::Transport | UiError::Api(ApiError::Unavailable | ApiError::Internal));
            let (class, icon) = if unsure { ("notice notice--unk", "circle-question-mark") } else { ("notice notice--bad", "circle-alert") };
            view! {
                <div class=class role="alert" tabindex="-1">
                    <Icon name=icon/>
                    <div>
                        <p class="strong">{error.message()}</p>
                        <ul>{links}</ul>
                    </div>
                </div>
            }
        })
    }
}

/// A dangerous step, closed until it is asked for. Works without script; its address is the page's.
#[component]
pub(crate) fn Danger(
    /// Ends with "…".
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="danger">
            <summary class="danger">
                <Icon name="chevron-right" small=true/>
                {label}
            </summary>
            <div class="danger__b">{children()}</div>
        </details>
    }
}
