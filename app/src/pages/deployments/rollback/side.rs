//! Other versions to choose from, what happens then, and how far a rollback is that was started.

use domain::deployment::DeploymentState;
use domain::rollback::Readiness;
use domain::tone::Tone;
use domain::view::rollback::{RollbackChoice, RollbackPlan, RollbackRun};
use leptos::prelude::*;

use crate::format::{Now, duration};
use crate::ui::prelude::*;

/// Every version that could be restored, with whether it could be now.
pub(super) fn choices(plan: &RollbackPlan, now: Now) -> Option<AnyView> {
    if plan.choices.is_empty() {
        return None;
    }
    let chosen = plan.to.as_ref().map(|to| to.number);
    let rows: Vec<_> = plan
        .choices
        .iter()
        .map(|choice| line(choice, plan.from.number, chosen, now))
        .collect();
    Some(
        view! {
            <Section title="Versions that were verified live" id="choices" note="The newest five, newest first">
                <Table
                    caption="Versions that could be restored"
                    heads=&["Version", "Live since, UTC", "Could it be restored?", ""]
                    class="tbl--stack"
                >
                    {rows}
                </Table>
            </Section>
        }
        .into_any(),
    )
}

fn line(choice: &RollbackChoice, from: i64, chosen: Option<i64>, now: Now) -> AnyView {
    let (tone, label) = match choice.readiness {
        Readiness::Ready => (Tone::Ok, "Ready".to_owned()),
        Readiness::Unchecked => (Tone::Unknown, Readiness::Unchecked.label().to_owned()),
        other @ (Readiness::NoTarget
        | Readiness::ImageMissing
        | Readiness::ImageDamaged
        | Readiness::SecretMissing
        | Readiness::IdentityLost) => (Tone::Bad, format!("Not ready: {}", other.label())),
    };
    let at = choice.live_at.clone().map_or_else(
        || "–".into_any(),
        |at| view! { <TimeCell at=at now=now/> }.into_any(),
    );
    let number = choice.number;
    let pick = if chosen == Some(number) {
        view! { <span class="muted">"Shown here"</span> }.into_any()
    } else {
        let href = format!("/deployments/{from}/rollback?to={number}");
        view! { <a href=href>"Look at it" <span class="vh">{format!(" (v{})", choice.version)}</span></a> }
            .into_any()
    };
    view! {
        <tr>
            <th scope="row">
                <a class="plain" href=format!("/deployments/{number}")>{format!("v{} #{number}", choice.version)}</a>
            </th>
            <td data-label="Live since, UTC">{at}</td>
            <td class="first"><Status tone=tone label=label/></td>
            <td>{pick}</td>
        </tr>
    }
    .into_any()
}

fn numbered(steps: Vec<(String, String, Option<&'static str>)>) -> AnyView {
    let items: Vec<_> = steps
        .into_iter()
        .enumerate()
        .map(|(at, (text, time, sub))| {
            view! {
                <li>
                    <span class="k" aria-hidden="true">{(at + 1).to_string()}</span>
                    <span>{text}</span>
                    <span class="muted">{time}</span>
                    {sub.map(|sub| view! { <span class="sub">{sub}</span> })}
                </li>
            }
        })
        .collect();
    view! { <ol class="steps">{items}</ol> }.into_any()
}

/// What happens after the click. Only the whole is measured, so only the whole has a time.
pub(super) fn then(plan: &RollbackPlan) -> AnyView {
    let to = plan
        .to
        .as_ref()
        .map(|to| to.version.clone())
        .unwrap_or_default();
    let from = &plan.from.version;
    let whole = plan.about_seconds.map_or_else(
        || "not measured yet".to_owned(),
        |s| format!("about {}", duration(s)),
    );
    let steps = vec![
        (
            format!("An identity with the scopes of v{to} is made"),
            String::new(),
            None,
        ),
        (
            format!("v{to} is started from its image and its config"),
            String::new(),
            None,
        ),
        (
            "Its health is checked".to_owned(),
            String::new(),
            Some(
                "If it fails, everything stays as it is now. Clearance does not try again by itself.",
            ),
        ),
        (
            format!("The registry moves to v{to}; v{from} loses its identity and is held"),
            whole,
            None,
        ),
    ];
    view! {
        <h3>"What happens then"</h3>
        {numbered(steps)}
    }
    .into_any()
}

/// How far it is, or how it ended.
pub(super) fn progress(run: &RollbackRun, now: Now) -> AnyView {
    let steps = run
        .steps
        .iter()
        .map(|(state, seconds)| (state.label().to_owned(), duration(*seconds), None))
        .collect();
    let number = run.number;
    let took = run
        .steps
        .iter()
        .find(|(state, _)| *state == DeploymentState::Live)
        .map(|(_, seconds)| format!(" It took {}.", duration(*seconds)));
    let failed = matches!(
        run.state,
        DeploymentState::Failed
            | DeploymentState::Errored
            | DeploymentState::Cancelled
            | DeploymentState::CleaningUp
            | DeploymentState::Cleaned
            | DeploymentState::CleanupIncomplete
    );
    let says = if failed {
        "It failed. All five parts are as they were before: what was live is live."
    } else if run.state.in_progress() {
        "It is on its way. This page shows each step."
    } else {
        "Done: all five parts are restored."
    };
    let (at, by) = (run.started_at.clone(), run.started_by.clone());
    let reason = run.reason.clone().map(|r| format!(": {r}"));
    let title = format!("Rollback #{number} to v{}", run.version);
    let more = view! { <Status tone=run.state.tone() label=run.state.label()/> }.into_any();
    view! {
        <Panel title=title id="progress" more=more>
            <div class="panel__b stack stack--3">
                <p>{says} {took} " " <a href=format!("/deployments/{number}")>"Its log"</a></p>
                <p class="soft">{by} ", " <Time at=at now=now ago=true/> {reason}</p>
                {numbered(steps)}
            </div>
        </Panel>
    }
    .into_any()
}
