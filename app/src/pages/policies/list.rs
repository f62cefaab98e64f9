//! The active policy in words, and every version.

use domain::authz::Action;
use domain::view::policy::{PolicyList, PolicyRow};
use leptos::prelude::*;

use super::rules;
use crate::format::{Now, counted, length};
use crate::pages::then::{at_another_time, policy_then};
use crate::rpc::policies::list_policies;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// All versions.
#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    let as_of = asked("as_of");
    if !as_of.is_empty() {
        return policy_then(as_of);
    }
    load(list_policies(), |found, viewer| body(found, &viewer)).into_any()
}

fn body(found: PolicyList, viewer: &Viewer) -> AnyView {
    let actions = if viewer.may(Action::Administer, None) {
        view! { <LinkButton href="/policies/new" label="Propose a change" kind=Kind::Primary/> }
            .into_any()
    } else {
        ().into_any()
    };
    let rules = rules(&found.rules);
    let sub =
        "What non-prod and production ask for. A deployment keeps the version that it began with.";
    let note = format!("Version {}", found.active);
    let more = view! {
        <a href="/policies/calendar">"Freeze calendar"</a>
        " "
        <a href=format!("/policies/{}", found.active)>"Its text"</a>
    }
    .into_any();
    view! {
        <PageHead title="Policies" sub=sub.into_any() actions=actions/>
        <Live on="audit"/>
        <div class="stack">
            <Section title="In force" id="rules" note=note more=more>
                {rules}
            </Section>
            {table(found.rows, viewer.now())}
            {at_another_time("/policies")}
        </div>
    }
    .into_any()
}

fn table(rows: Vec<PolicyRow>, now: Now) -> AnyView {
    let note = counted(length(&rows), "version", "versions");
    let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
    view! {
        <Section title="Versions" id="versions" note=note>
            <Table
                caption="Versions of the policy"
                heads=&["Version", "State", "Proposed by", "Proposed, UTC", "Decided by", "Decided, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(row: PolicyRow, now: Now) -> AnyView {
    let time = |at: Option<String>| {
        at.map_or_else(
            || view! { <span class="muted">"–"</span> }.into_any(),
            |at| view! { <TimeCell at=at now=now/> }.into_any(),
        )
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                <a href=format!("/policies/{}", row.version)>
                    {format!("{} v{}", row.name, row.version)}
                </a>
                <span class="sub">{row.reason}</span>
            </th>
            <td data-label="State">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Proposed by">{row.proposed_by}</td>
            <td data-label="Proposed, UTC">{time(row.proposed_at)}</td>
            <td data-label="Decided by">{row.decided_by.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label="Decided, UTC">{time(row.decided_at)}</td>
        </tr>
    }
    .into_any()
}
