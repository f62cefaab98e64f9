//! Looking at a suite before it is committed: its cases, what is wrong, what is not judged, and the same as rows of ours.

use domain::form::suite::{SUITE_MAX, SuiteForm};
use domain::gate::Gate;
use domain::tone::Tone;
use domain::view::suite::{SuiteCheck, SuiteProblem};
use leptos::prelude::*;

use crate::format::{counted, length};
use crate::outcome::{Shown, shown};
use crate::rpc::suites::CheckSuite;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("gate", "Gate"), ("name", "File name"), ("text", "Text")];

/// The form and what it was answered.
#[component]
pub(crate) fn CheckSuitePage() -> impl IntoView {
    let (form, found) = match shown() {
        Some(Shown::SuiteChecked(form, found)) => (form, Some(found)),
        Some(_) | None => (SuiteForm::default(), None),
    };
    let sub =
        "Nothing is kept. Commit the file to the agent's repository and name it in clearance.yaml.";
    view! {
        <PageHead title="Check a suite" sub=sub.into_any()/>
        <div class="stack">
            <div role="status">{found.map(result)}</div>
            {fields(form)}
        </div>
    }
}

fn fields(form: SuiteForm) -> AnyView {
    let error = refused::<CheckSuite>();
    let gates: Vec<(String, String)> = Gate::ALL
        .iter()
        .filter(|gate| gate.has_suites())
        .map(|gate| (gate.as_str().to_owned(), gate.label().to_owned()))
        .collect();
    let gate = if form.gate.is_empty() {
        Gate::Relevance.as_str().to_owned()
    } else {
        form.gate
    };
    view! {
        <FormError error=error fields=FIELDS/>
        <Post to={url::<CheckSuite>()}>
            <div class="form">
                <Select name="gate" label="Gate" options=gates value=gate error=error required=true/>
                <Field
                    name="name"
                    label="File name"
                    error=error
                    hint="The ending says the format: .jsonl, .rows.jsonl, .yaml (promptfoo), .csv, .evals.jsonl, .mlflow.jsonl, .ragas.jsonl, .deepeval.json, .inspect.json, .bbq.jsonl."
                    value=form.name
                    required=true
                    max=200
                />
                <TextArea
                    name="text"
                    label="Text"
                    error=error
                    hint="Larger files: clearance suites check FILE."
                    value=form.text
                    required=true
                    max=SUITE_MAX
                    rows=16
                />
                <Submit label="Check suite" busy_label="Checking…" kind=Kind::Primary/>
            </div>
        </Post>
    }
    .into_any()
}

fn result(found: SuiteCheck) -> AnyView {
    let read = found.problems.is_empty();
    let (tone, label) = match (read, found.advice.enough()) {
        (false, _) => (Tone::Bad, "Cannot be read"),
        (true, true) => (Tone::Ok, found.advice.label()),
        (true, false) => (Tone::Unknown, found.advice.label()),
    };
    let words = if read {
        found.advice.words()
    } else {
        "A gate with this file is inconclusive.".to_owned()
    };
    view! {
        <Section title="Result" id="result" note=format!("Read as: {}", found.format)>
            <div class="stack stack--3">
                <p>
                    <Status tone=tone label=label/>
                    ": "
                    {words}
                </p>
                {problems(found.problems)}
                {unsupported(found.unsupported)}
                {found.rows.map(rows)}
            </div>
        </Section>
    }
    .into_any()
}

fn problems(problems: Vec<SuiteProblem>) -> Option<AnyView> {
    let lines: Vec<_> = problems
        .into_iter()
        .map(|one| {
            let text = format!("Line {}, column {}: {}", one.line, one.column, one.message);
            view! { <li>{text}</li> }
        })
        .collect();
    (!lines.is_empty()).then(|| view! { <ul>{lines}</ul> }.into_any())
}

fn unsupported(parts: Vec<(String, String)>) -> Option<AnyView> {
    if parts.is_empty() {
        return None;
    }
    let title = counted(length(&parts), "part is not judged", "parts are not judged");
    let lines: Vec<_> = parts
        .into_iter()
        .map(|(place, what)| view! { <li>{format!("{place}: {what}")}</li> })
        .collect();
    Some(
        view! {
            <details open=true>
                <summary>
                    <Icon name="chevron-right" small=true/>
                    {title}
                </summary>
                <ul>{lines}</ul>
            </details>
        }
        .into_any(),
    )
}

fn rows(text: String) -> AnyView {
    view! {
        <details>
            <summary>
                <Icon name="chevron-right" small=true/>
                "The same as Clearance rows, to be committed as .rows.jsonl"
            </summary>
            <pre class="code code--wrap" tabindex="0" role="region" aria-label="Rows">{text}</pre>
        </details>
    }
    .into_any()
}
