//! The evidence against the live version: scores with their intervals, cases that fail now, and new vulnerabilities only.

use domain::gate::{CaseResult, Finding, Measure};
use domain::view::approval::ApprovalDetail;
use domain::view::comparison::{Delta, EvidenceDiff, MeasureDelta};
use leptos::prelude::*;

use crate::format::{counted, interval, length, score, word};
use crate::ui::prelude::*;

/// "Is it worse than live, and where?"
pub(super) fn evaluation(found: &ApprovalDetail) -> AnyView {
    let diff = &found.evidence;
    let note = match diff.live_number {
        Some(number) => format!("Against #{number}, live when it was asked. 95 % intervals."),
        None => "Nothing was live, so there is nothing to compare with.".to_owned(),
    };
    let more = view! {
        <a href=format!("/deployments/{}/evaluation", found.row.number)>"Every case"</a>
    }
    .into_any();
    let table = if diff.measures.is_empty() {
        view! { <p class="soft">"No gate of this version measured anything."</p> }.into_any()
    } else {
        let rows: Vec<_> = diff.measures.iter().map(measure).collect();
        view! {
            <Table
                caption="Scores against the live version"
                heads=&["Measure", "Live", "Proposed", "Asked for", "Change"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let (missing, failing) = (missing(diff), failing(diff));
    view! {
        <Section title="Evaluation against live" id="evaluation" note=note more=more>
            <div class="stack stack--3">
                {missing} {table} {failing}
            </div>
        </Section>
    }
    .into_any()
}

/// Silence is not agreement: what could not be compared is said.
fn missing(diff: &EvidenceDiff) -> AnyView {
    if diff.missing.is_empty() {
        return ().into_any();
    }
    let items = diff
        .missing
        .iter()
        .map(|text| CheckItem::new(domain::tone::Tone::Unknown, text.clone()))
        .collect();
    view! { <Checklist items=items/> }.into_any()
}

fn values(measure: Option<&Measure>) -> AnyView {
    match measure {
        None => view! { <span class="muted">"Not measured"</span> }.into_any(),
        Some(measure) => {
            let cases = format!("{} of {} cases", measure.passed, measure.total);
            view! {
                {score(measure.value)}
                " "
                <span class="muted">{interval(measure.low, measure.high)}</span>
                <span class="sub">{cases}</span>
            }
            .into_any()
        }
    }
}

fn measure(row: &MeasureDelta) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                {word(&row.proposed.name)}
                <span class="sub">{row.gate.label()}</span>
            </th>
            <td data-label="Live">{values(row.live.as_ref())}</td>
            <td data-label="Proposed">{values(Some(&row.proposed))}</td>
            <td data-label="Asked for">{score(row.proposed.threshold)}</td>
            <td data-label="Change">{change(row.change.as_ref())}</td>
        </tr>
    }
    .into_any()
}

/// With its sign, and coloured only where the whole interval is on one side of 0.
fn change(change: Option<&Delta>) -> AnyView {
    let Some(change) = change else {
        return view! { <span class="muted">"Nothing to compare"</span> }.into_any();
    };
    let (class, said) = match change.better() {
        Some(true) => ("c-ok", "better"),
        Some(false) => ("c-bad", "worse"),
        None => ("", "could be chance"),
    };
    let text = format!(
        "{} [{}, {}]",
        signed(change.value),
        signed(change.low),
        signed(change.high)
    );
    view! {
        <span class=class>{text}</span>
        <span class="sub">{said}</span>
    }
    .into_any()
}

/// `+0.014`, with a real minus.
fn signed(value: f64) -> String {
    let text = score(value.abs());
    if text == score(0.0) {
        text
    } else if value < 0.0 {
        format!("−{text}")
    } else {
        format!("+{text}")
    }
}

/// Cases that passed in the live version, readable in place.
fn failing(diff: &EvidenceDiff) -> AnyView {
    let passing = (diff.newly_passing > 0).then(|| {
        let n = u64::from(diff.newly_passing);
        format!(
            " {} the other way round.",
            counted(n, "case went", "cases went")
        )
    });
    if diff.newly_failing.is_empty() {
        let text = if diff.live_number.is_none() || diff.measures.is_empty() {
            "Which cases fail that did not fail before cannot be said."
        } else {
            "No case that passed in the live version fails now."
        };
        return view! { <p class="soft">{text} {passing}</p> }.into_any();
    }
    let all = u64::from(diff.newly_failing_count);
    let shown = length(&diff.newly_failing);
    let head = counted(
        all,
        "case passed before and fails now",
        "cases passed before and fail now",
    );
    let cut = (shown < all).then(|| format!(" The first {shown} are here."));
    let items: Vec<_> = diff.newly_failing.iter().map(case).collect();
    view! {
        <p>
            <b>{head}</b>
            "."
            {cut}
            {passing}
        </p>
        {items}
    }
    .into_any()
}

fn case(case: &CaseResult) -> AnyView {
    view! {
        <details class="more">
            <summary>
                <Icon name="chevron-right" small=true/>
                {case.id.clone()}
                <span class="muted">{format!("{}: {}", case.suite, case.why)}</span>
            </summary>
            <Facts rows=vec![
                ("Asked", view! { <span class="wrap">{case.asked.clone()}</span> }.into_any()),
                ("Answered", view! { <span class="wrap">{case.answered.clone()}</span> }.into_any()),
                ("Why it fails", view! { <span class="wrap">{case.why.clone()}</span> }.into_any()),
            ]/>
        </details>
    }
    .into_any()
}

/// New ones only: what the live version has too is not the question here.
pub(super) fn vulnerabilities(found: &ApprovalDetail) -> AnyView {
    let diff = &found.evidence;
    let Some(scan) = &diff.vulnerabilities else {
        let text = if diff.live_number.is_none() {
            "Nothing was live, so what is new cannot be told. The report of the image scan lists all of them."
        } else {
            "One of the two versions has no report of an image scan, so what is new cannot be told."
        };
        return view! {
            <Section title="New vulnerabilities" id="vulnerabilities">
                <p class="soft">{text}</p>
            </Section>
        }
        .into_any();
    };
    let kept = format!(
        "{} gone, {} in both",
        counted(u64::from(scan.gone), "finding", "findings"),
        scan.kept
    );
    let content = if scan.added.is_empty() {
        view! { <p class="soft">"The image scan found nothing that it does not find in the live version."</p> }
            .into_any()
    } else {
        let rows: Vec<_> = scan.added.iter().map(finding).collect();
        view! {
            <Table caption="New findings, worst first" heads=&["Finding", "Severity", "Where", "In words"] class="tbl--stack tbl--top">
                {rows}
            </Table>
        }
        .into_any()
    };
    let title = format!(
        "New vulnerabilities{}",
        if scan.added_count == 0 {
            String::new()
        } else {
            format!(", {}", scan.added_count)
        }
    );
    view! {
        <Section title=title id="vulnerabilities" note=kept>
            {content}
        </Section>
    }
    .into_any()
}

fn finding(finding: &Finding) -> AnyView {
    view! {
        <tr>
            <th scope="row">{finding.rule.clone()}</th>
            <td class="first">{word(finding.severity.as_str())}</td>
            <td data-label="Where" class="wrap">
                <code>{finding.location.clone()}</code>
            </td>
            <td data-label="In words" class="wide wrap">{finding.message.clone()}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn a_change_has_its_sign_and_nothing_has_none() {
        assert_eq!(signed(0.014), "+0.014");
        assert_eq!(signed(-0.008), "−0.008");
        assert_eq!(signed(-0.0001), "0.000");
    }
}
