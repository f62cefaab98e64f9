//! What became of the last pushes, with what was wrong in the manifest.

use domain::view::agent::{AgentDetail, PushRow};
use leptos::prelude::*;

use crate::format::{Now, word};
use crate::ui::prelude::*;

/// The last movements of the watched branch. Nothing while there is none: the lineage says what to do.
pub(super) fn table(agent: &AgentDetail, now: Now) -> AnyView {
    if agent.pushes.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = agent.pushes.iter().map(|push| line(push, now)).collect();
    let note = format!("{} of {}", agent.branch, agent.repository);
    view! {
        <Section title="Pushes" id="pushes" note=note>
            <Table caption="Pushes, newest first" heads=&["Commit", "Result", "Found by", "Note", "At, UTC"] class="tbl--top">
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(push: &PushRow, now: Now) -> AnyView {
    let problems: Vec<_> = push
        .problems
        .iter()
        .map(|problem| {
            let place = match (problem.line, problem.column) {
                (0, _) => problem.file.clone(),
                (line, 0) => format!("{}:{line}", problem.file),
                (line, column) => format!("{}:{line}:{column}", problem.file),
            };
            view! {
                <li>
                    <code>{place}</code>
                    " "
                    {problem.message.clone()}
                </li>
            }
        })
        .collect();
    let problems = (!problems.is_empty()).then(|| view! { <ul class="problems">{problems}</ul> });
    let trigger = if push.trigger == "poll" {
        "Looking at the branch"
    } else {
        "Webhook"
    };
    view! {
        <tr>
            <th scope="row">
                <Hash value=push.commit.clone() kind=HashKind::Commit/>
            </th>
            <td>
                <Status tone=push.state.tone() label=word(push.state.as_str())/>
            </td>
            <td class="nowrap">{trigger}</td>
            <td>{push.note.clone()} {problems}</td>
            <td>
                <TimeCell at=push.at.clone() now=now/>
            </td>
        </tr>
    }
    .into_any()
}
