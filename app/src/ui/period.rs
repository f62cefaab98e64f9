//! From which day to which: the two fields of every report over a period.

use leptos::prelude::*;

use super::field::{Field, FormProblem};

/// Name and label of each, for the summary of what is wrong. The form of them is called `period`.
pub(crate) const PERIOD: &[(&str, &str)] = &[("from", "From day"), ("to", "To day, included")];

/// The two fields.
#[component]
pub(crate) fn Period(
    from: String,
    to: String,
    #[prop(optional)] error: FormProblem,
) -> impl IntoView {
    view! {
        <Field name="from" label="From day" form="period" error=error kind="date" value=from max=40 plain=true/>
        <Field name="to" label="To day, included" form="period" error=error kind="date" value=to max=40 plain=true/>
    }
}
