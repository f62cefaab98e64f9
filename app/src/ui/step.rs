//! A step that needs a reason, of which a page often has several.

use leptos::prelude::*;

use super::button::{Kind, Submit};
use super::field::{FormProblem, Hidden};
use super::form::{Danger, FormError, Post, Reason};

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// What such a step says.
pub(crate) struct Step {
    /// Ends with "…".
    pub(crate) label: String,
    /// Tells apart the forms of one page.
    pub(crate) form: &'static str,
    /// What it does.
    pub(crate) says: String,
    /// About the reason.
    pub(crate) hint: &'static str,
    pub(crate) button: String,
    pub(crate) busy: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) kind: Kind,
}

/// The step, in the form of a server function; `about` is the hidden field that says what it is done to.
pub(crate) fn step(
    step: Step,
    to: &'static str,
    error: FormProblem,
    about: (&'static str, &str),
) -> AnyView {
    let (name, value) = (about.0, about.1.to_owned());
    view! {
        <Danger label=step.label open=error.is_some()>
            <p>{step.says}</p>
            <FormError error=error fields=FIELDS form=step.form/>
            <Post to=to>
                <Hidden name=name value=value/>
                <Reason form=step.form error=error hint=step.hint/>
                <Submit label=step.button busy_label=step.busy kind=step.kind icon=step.icon/>
            </Post>
        </Danger>
    }
    .into_any()
}
