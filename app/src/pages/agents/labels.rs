//! Labels for several agents at once: a box in each row, and one form for those that are ticked.

use domain::form::agent::LabelStep;
use domain::form::query::AgentQuery;
use leptos::prelude::*;

use crate::pages::views::registry_fields;
use crate::rpc::agents::LabelAgents;
use crate::ui::prelude::*;

/// The id of the form, by which the boxes belong to it.
const FORM: &str = "label";
const FIELDS: &[(&str, &str)] = &[("agents", "Agents"), ("labels", "Labels")];

/// The box of an agent; `at` is the place of its row.
pub(super) fn tick(at: usize, slug: &str) -> AnyView {
    let (name, slug) = (format!("form[agents][{at}]"), slug.to_owned());
    let label = format!("Choose {slug}");
    view! { <input class="tick" type="checkbox" form=FORM name=name value=slug aria-label=label/> }
        .into_any()
}

/// What is done with the agents that are ticked. It comes back to this list.
pub(super) fn form(query: &AgentQuery) -> AnyView {
    let error = refused::<LabelAgents>();
    let back: Vec<_> = registry_fields(query, "form[back]")
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <FormError error=error fields=FIELDS form=FORM/>
        <form class="filters" id=FORM method="post" action={url::<LabelAgents>()} aria-label="Labels of the chosen agents">
            {back}
            <Field
                name="labels"
                label="Labels for the chosen agents"
                form=FORM
                error=error
                required=true
                max=800
                placeholder="For example: pci, eu-only"
                autocomplete="off"
            />
            <Submit label="Add" busy_label="Adding…" icon="plus" name="form[step]" value=LabelStep::Add.as_str()/>
            <Submit label="Take away" busy_label="Taking away…" name="form[step]" value=LabelStep::Remove.as_str()/>
        </form>
    }
    .into_any()
}
