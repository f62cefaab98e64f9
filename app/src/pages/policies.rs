//! "What does production ask for, and who agreed to that?"

mod calendar;
mod detail;
mod list;
mod propose;

use domain::view::policy::RuleGroup;
use leptos::prelude::*;

pub(crate) use calendar::CalendarPage;
pub(crate) use detail::PolicyPage;
pub(crate) use list::PoliciesPage;
pub(crate) use propose::ProposePage;

/// The rules of a policy in words.
fn rules(groups: &[RuleGroup]) -> AnyView {
    let rows: Vec<_> = groups
        .iter()
        .map(|group| {
            let lines: Vec<_> = group
                .rules
                .iter()
                .map(|rule| view! { <li>{rule.clone()}</li> })
                .collect();
            view! {
                <h3>{group.title.clone()}</h3>
                <ul>{lines}</ul>
            }
        })
        .collect();
    view! { <div class="stack stack--3">{rows}</div> }.into_any()
}
