//! The public catalogues of risks beside the checks that stand for their entries. What nothing tests is said.

use domain::tone::Tone;
use domain::view::engine::{CatalogueView, CheckRow, RiskRow};
use leptos::prelude::*;

use crate::format::counted;
use crate::rpc::engines::list_catalogues;
use crate::ui::prelude::*;

/// Every catalogue.
#[component]
pub(crate) fn CoveragePage() -> impl IntoView {
    load(list_catalogues(), |found, _| body(found))
}

fn tested(catalogue: &CatalogueView) -> usize {
    let risks = catalogue.risks.iter();
    risks.filter(|risk| !risk.checks.is_empty()).count()
}

fn body(found: Vec<CatalogueView>) -> AnyView {
    let all: usize = found.iter().map(|one| one.risks.len()).sum();
    let tested: usize = found.iter().map(tested).sum();
    let sub = format!(
        "{tested} of {all} entries have an automatic check. A check finds some of what its entry is about, never all of it; an entry without one needs people."
    );
    let actions =
        view! { <LinkButton href="/engines" label="Engines" icon="arrow-left"/> }.into_any();
    let sections: Vec<_> = found
        .into_iter()
        .enumerate()
        .map(|(at, catalogue)| section(at, catalogue))
        .collect();
    view! {
        <PageHead title="Risks and their checks" sub=sub.into_any() actions=actions/>
        <div class="stack">{sections}</div>
    }
    .into_any()
}

/// Ids of the sections: catalogues have no short names of their own.
const IDS: &[&str] = &["llm", "agentic", "nist", "eu"];

fn section(at: usize, catalogue: CatalogueView) -> AnyView {
    let all = catalogue.risks.len();
    let note = format!("{} of {all} with a check", tested(&catalogue));
    let caption = format!("Entries of {}", catalogue.title);
    let rows: Vec<_> = catalogue.risks.into_iter().map(line).collect();
    view! {
        <Section title=catalogue.title id=IDS.get(at).copied().unwrap_or("more") note=note>
            <Table caption=caption heads=&["Entry", "Tested", "Checks"] class="tbl--top tbl--stack">
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(risk: RiskRow) -> AnyView {
    let (tone, word) = if risk.checks.is_empty() {
        (Tone::Unknown, "By nothing here")
    } else {
        (Tone::Ok, "Automatically")
    };
    let checks = if risk.checks.is_empty() {
        view! { <span class="muted">"None: let people review it."</span> }.into_any()
    } else {
        let number = u64::try_from(risk.checks.len()).unwrap_or(u64::MAX);
        let items: Vec<_> = risk.checks.into_iter().map(check).collect();
        view! {
            <details>
                <summary>
                    <Icon name="chevron-right" small=true/>
                    {counted(number, "check", "checks")}
                </summary>
                <ul class="plain">{items}</ul>
            </details>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{risk.id} <span class="sub">{risk.title}</span></th>
            <td class="first">
                <Status tone=tone label=word/>
            </td>
            <td data-label="Checks" class="wide wrap">{checks}</td>
        </tr>
    }
    .into_any()
}

fn check(one: CheckRow) -> AnyView {
    view! {
        <li>
            {one.title}
            <span class="sub">{format!("{}, {}", one.gate.label(), one.id)}</span>
        </li>
    }
    .into_any()
}
