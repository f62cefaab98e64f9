//! Proposing a version: the active text, to be changed. What was refused is shown with what was typed.

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::authz::Action;
use domain::error::{ApiError, FieldProblem, ValidationErrors};
use domain::policy::POLICY_MAX_BYTES;
use domain::view::policy::{PolicyList, PolicyRefusal};
use leptos::prelude::*;

use super::detail::named;
use crate::error::UiError;
use crate::outcome::{Shown, shown};
use crate::rpc::policies::{ProposePolicy, list_policies};
use crate::session::Viewer;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("text", "Document"), ("reason", "Reason")];

/// The form.
#[component]
pub(crate) fn ProposePage() -> impl IntoView {
    load(list_policies(), |found, viewer| body(found, &viewer))
}

fn body(found: PolicyList, viewer: &Viewer) -> AnyView {
    let content = if viewer.may(Action::Administer, None) {
        form(found)
    } else {
        view! { <p class="hint">"Proposing a policy needs the administrator role."</p> }.into_any()
    };
    let sub = "Another administrator decides. Until then nothing changes.";
    view! {
        <PageHead title="Propose a policy" sub=sub.into_any()/>
        {content}
    }
    .into_any()
}

fn form(found: PolicyList) -> AnyView {
    let (text, reason, refusal) = match shown() {
        Some(Shown::PolicyRefused(form, refusal)) => (form.document(), form.reason, Some(refusal)),
        Some(_) | None => (found.text, String::new(), None),
    };
    let error = if refusal.is_some() {
        let fields = ValidationErrors::one("text", FieldProblem::BadPolicy);
        FormProblem::new(Some(UiError::Api(ApiError::Invalid { fields })))
    } else {
        refused::<ProposePolicy>()
    };
    view! {
        <FormError error=error fields=FIELDS/>
        {refusal.map(|refusal| problems(&refusal))}
        <Post to={url::<ProposePolicy>()}>
            <div class="form">
                <TextArea
                    name="text"
                    label="Document"
                    error=error
                    hint="YAML. The page of docs named policies.md says what each key means."
                    value=text
                    required=true
                    max=POLICY_MAX_BYTES
                    rows=32
                />
                <TextArea
                    name="reason"
                    label="Reason"
                    error=error
                    hint="Why it should change. Kept in the audit trail."
                    value=reason
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <Submit label="Propose policy" busy_label="Checking…" kind=Kind::Primary/>
            </div>
        </Post>
    }
    .into_any()
}

/// Everything that is wrong, with its place.
fn problems(refusal: &PolicyRefusal) -> AnyView {
    let wrong = refusal.problems.iter().map(|problem| match problem.line {
        0 => problem.message.clone(),
        line => format!(
            "Line {line}, column {}: {}",
            problem.column, problem.message
        ),
    });
    let teams = refusal.teams.iter().map(|team| {
        let of = team.group.as_ref();
        let of = of.map_or_else(String::new, |group| format!(" of group {group}"));
        format!(
            "Team {} could never give {} approvals{of}; who may decide there{of}: {}.",
            team.team,
            team.needed,
            named(team)
        )
    });
    let lines: Vec<_> = wrong
        .chain(teams)
        .map(|text| view! { <li>{text}</li> })
        .collect();
    view! { <ul>{lines}</ul> }.into_any()
}
