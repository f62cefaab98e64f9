//! Every judged case, failing first, with what was asked and answered. Both can hold anything: they are shown as text.

use domain::gate::{CaseResult, Gate, Verdict};
use leptos::prelude::*;

use super::findings::waive;
use super::gate::part;
use crate::format::{count, counted, length, milliseconds};
use crate::ui::prelude::*;

const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 0,
        Verdict::Errored => 1,
        Verdict::Inconclusive => 2,
        Verdict::Waived => 3,
        Verdict::Passed => 4,
    }
}

/// Which cases are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    result: Option<Verdict>,
    text: String,
}

impl Filter {
    /// From the address's words; a result that there is not filters nothing.
    pub(super) fn new(result: &str, text: String) -> Self {
        Self {
            result: result.parse().ok(),
            text,
        }
    }

    const fn is_set(&self) -> bool {
        self.result.is_some() || !self.text.is_empty()
    }

    fn takes(&self, case: &CaseResult) -> bool {
        let text = self.text.to_lowercase();
        let says = |part: &str| part.to_lowercase().contains(&text);
        self.result.is_none_or(|wanted| wanted == case.verdict)
            && [&case.id, &case.asked, &case.answered, &case.why]
                .into_iter()
                .any(|part| says(part))
    }
}

/// The filters of all gates' cases.
pub(super) fn filters(number: i64, filter: &Filter) -> AnyView {
    let here = format!("/deployments/{number}/evaluation");
    let mut results = vec![(String::new(), "All results".to_owned())];
    results.extend(
        Verdict::ALL
            .iter()
            .filter(|verdict| **verdict != Verdict::Waived)
            .map(|verdict| (verdict.as_str().to_owned(), verdict.label().to_owned())),
    );
    let chosen = filter.result.map_or("", Verdict::as_str).to_owned();
    let clear = filter
        .is_set()
        .then(|| view! { <a href=here.clone()>"Clear filters"</a> });
    view! {
        <form class="filters" method="get" action=here.clone() aria-label="Filter cases">
            <Field name="q" label="Words of a case" kind="search" value=filter.text.clone() max=200 plain=true/>
            <Select name="result" label="Result" options=results value=chosen plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear}
        </form>
    }
    .into_any()
}

/// The table; empty for gates that ask nothing.
pub(super) fn section(
    gate: Gate,
    mut cases: Vec<CaseResult>,
    filter: &Filter,
    of: Option<(i64, Gate)>,
) -> AnyView {
    if cases.is_empty() {
        return ().into_any();
    }
    let all = length(&cases);
    cases.retain(|case| filter.takes(case));
    if cases.is_empty() {
        let words = format!(
            "None of its {} matches the filters.",
            counted(all, "case", "cases")
        );
        return view! { <p class="muted">{words}</p> }.into_any();
    }
    cases.sort_by_key(|case| rank(case.verdict));
    let failing = cases
        .iter()
        .filter(|case| case.verdict == Verdict::Failed)
        .count();
    let shown = length(&cases);
    let note = if shown == all {
        format!("{}, {failing} failing", count(all))
    } else {
        format!("{} of {}, {failing} failing", count(shown), count(all))
    };
    let at = cases.partition_point(|case| case.verdict != Verdict::Passed);
    let passed = cases.split_off(at);
    let heading = part(gate, "cases");
    let words = match (cases.len(), passed.len()) {
        (0, _) if shown == all => "All cases passed".to_owned(),
        (_, n) => counted(
            u64::try_from(n).unwrap_or(u64::MAX),
            "case passed",
            "cases passed",
        ),
    };
    let others = (!cases.is_empty()).then(|| table(gate, "that did not pass", cases, of));
    let passed = (!passed.is_empty()).then(|| {
        view! {
            <details class="more" open=filter.is_set()>
                <summary>
                    <Icon name="chevron-right" small=true/>
                    {words}
                </summary>
                {table(gate, "that passed", passed, None)}
            </details>
        }
    });
    view! {
        <div class="stack stack--3">
            <div class="sec sec--flush">
                <h3 id=heading>"Cases"</h3>
                <span class="muted">{note}</span>
            </div>
            {others}
            {passed}
        </div>
    }
    .into_any()
}

fn table(gate: Gate, which: &str, cases: Vec<CaseResult>, of: Option<(i64, Gate)>) -> AnyView {
    let rows: Vec<_> = cases.into_iter().map(|case| line(case, of)).collect();
    view! {
        <Table
            caption=format!("Cases of {} {which}", gate.label())
            heads=&["Case", "Result", "Why", "Suite", "#Answered in"]
            class="tbl--top tbl--stack"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn line(case: CaseResult, of: Option<(i64, Gate)>) -> AnyView {
    let waive = of
        .filter(|_| case.verdict == Verdict::Failed)
        .map(|of| waive(of, &case.id, &case.suite));
    let expected = case.expected.map(|words| {
        view! {
            <h4>"Expected"</h4>
            <p class="quote soft">{words}</p>
        }
    });
    view! {
        <tr>
            <th scope="row">{case.id}</th>
            <td class="first">
                <Status tone=case.verdict.tone() label=case.verdict.label()/>
            </td>
            <td data-label="Why" class="wide wrap">
                {case.why}
                {waive}
                <details class="case">
                    <summary>
                        <Icon name="chevron-right" small=true/>
                        "Asked and answered"
                    </summary>
                    <h4>"Asked"</h4>
                    <p class="quote soft">{case.asked}</p>
                    {expected}
                    <h4>"Answered"</h4>
                    <p class="quote">{case.answered}</p>
                </details>
            </td>
            <td data-label="Suite" class="soft wrap">{case.suite}</td>
            <td data-label="Answered in" class="num">{milliseconds(case.latency_ms)}</td>
        </tr>
    }
    .into_any()
}
