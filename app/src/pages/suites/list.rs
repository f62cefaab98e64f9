//! The suites of one agent, gate by gate, with what they can show.

use domain::tone::Tone;
use domain::view::suite::{AgentSuites, GateSuites, SuiteFileRow};
use leptos::prelude::*;

use crate::format::count;
use crate::rpc::suites::get_suites;
use crate::ui::prelude::*;

/// The suites.
#[component]
pub(crate) fn SuitesPage() -> impl IntoView {
    load(get_suites(part("slug")), |found, _| body(found))
}

fn body(found: AgentSuites) -> AnyView {
    let slug = found.agent;
    let sub = "They are kept in the agent's repository, and clearance.yaml names them. A change is a push like any other.";
    let back = format!("/agents/{slug}");
    let actions = view! {
        <LinkButton href="/suites/check" label="Check a suite" icon="flask-conical"/>
        <LinkButton href=back label=format!("Back to {slug}") icon="arrow-left"/>
    }
    .into_any();
    let read = match &found.judged {
        Some((version, number)) => view! {
            "As v" {version.clone()} " was judged by them, in "
            <a href=format!("/deployments/{number}/evaluation")>{format!("#{number}")}</a>
            ". Whether they are enough is said by the policy in force."
        }
        .into_any(),
        None => "No version was judged yet, so none is known here.".into_any(),
    };
    let sections: Vec<_> = found.gates.into_iter().map(section).collect();
    view! {
        <PageHead title=format!("Suites of {slug}") sub=sub.into_any() actions=actions/>
        <Live on=format!("agent:{slug}")/>
        <p class="hint">{read}</p>
        <div class="stack">{sections}</div>
    }
    .into_any()
}

fn section(gate: GateSuites) -> AnyView {
    let tone = if gate.advice.enough() {
        Tone::Ok
    } else {
        Tone::Unknown
    };
    let verdict = gate.verdict.map(|verdict| {
        view! { " The gate came to: " <Status tone=verdict.tone() label=verdict.label()/> }
    });
    let content = if gate.files.is_empty() {
        view! {
            <p class="muted">
                "No suite: the gate is inconclusive, and where the policy requires it no version reaches production."
            </p>
        }
        .into_any()
    } else {
        let rows: Vec<_> = gate.files.into_iter().map(line).collect();
        view! {
            <Table
                caption=format!("Suites of {}", gate.gate.label())
                heads=&["File", "#Cases", "Text, sha256"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title=gate.gate.label() id=gate.gate.as_str()>
            <p class="soft">
                <Status tone=tone label=gate.advice.label()/>
                ": "
                {gate.advice.words()}
                {verdict}
            </p>
            {content}
        </Section>
    }
    .into_any()
}

fn line(file: SuiteFileRow) -> AnyView {
    let cases = file
        .cases
        .map_or_else(|| "–".to_owned(), |cases| count(cases.into()));
    let digest = file.digest.map_or_else(
        || view! { <span class="muted">"–"</span> }.into_any(),
        |digest| view! { <Hash value=digest/> }.into_any(),
    );
    view! {
        <tr>
            <th scope="row">{file.file}</th>
            <td data-label="Cases" class="num">{cases}</td>
            <td data-label="Text, sha256">{digest}</td>
        </tr>
    }
    .into_any()
}
