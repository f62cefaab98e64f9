//! The forms of a decision. Both bind to the digest on this page, and come back as they were typed.

use domain::approval::{DecisionVerdict, REASON_MAX, REASON_MIN};
use domain::form::approval::DecisionForm;
use domain::view::approval::ApprovalDetail;
use leptos::prelude::*;

use super::decision::digest;
use crate::format::{counted, length};
use crate::outcome::{Shown, shown};
use crate::rpc::approvals::DecideApproval;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

/// What can be wrong with an approval.
const ACCEPTED: &[(&str, &str)] = &[("accepted_scopes", "Added scopes"), ("reason", "Comment")];
/// What can be wrong with a rejection.
const REASON: &[(&str, &str)] = &[("reason", "Reason for the team")];

/// Approving, and behind a step rejecting.
pub(super) fn forms(found: &ApprovalDetail) -> AnyView {
    // Both forms are of one function: a refused attempt is told once, in the form that it came from.
    let (typed, error) = match shown() {
        Some(Shown::Undecided(typed, error)) if typed.number == found.row.number.to_string() => {
            (typed, FormProblem::new(Some(error)))
        }
        Some(_) | None => (DecisionForm::default(), refused::<DecideApproval>()),
    };
    let rejects = typed.verdict == DecisionVerdict::Reject.as_str();
    let (of_reject, of_approve) = (error.only_if(rejects), error.only_if(!rejects));
    let behalf = found.on_behalf_of.as_ref().map(|name| {
        let words = format!("You decide in the name of {name}, for whom you stand in.");
        view! { <p class="decide__b it"><Icon name="users"/>{words}</p> }
    });
    let none = DecisionForm::default();
    let (to_approve, to_reject) = if rejects {
        (&none, &typed)
    } else {
        (&typed, &none)
    };
    view! {
        {behalf}
        <div class="decide__e">
            <FormError error=of_approve fields=ACCEPTED form="approve"/>
        </div>
        {approve(found, to_approve, of_approve)}
        {reject(found, to_reject, of_reject)}
    }
    .into_any()
}

/// What both forms carry.
fn bound(found: &ApprovalDetail, verdict: DecisionVerdict) -> AnyView {
    view! {
        <Hidden name="number" value=found.row.number.to_string()/>
        <Hidden name="manifest_digest" value=found.manifest_digest.clone()/>
        <Hidden name="verdict" value=verdict.as_str()/>
    }
    .into_any()
}

fn approve(found: &ApprovalDetail, typed: &DecisionForm, error: FormProblem) -> AnyView {
    let bound = bound(found, DecisionVerdict::Approve);
    let digest = digest(
        found,
        "You approve exactly this manifest. Any change after your click makes the approval stale.",
    );
    let ticked = !typed.accepted_scopes.is_empty();
    let accept = accept(&found.diff.added_scopes, ticked, error);
    let reason = typed.reason.clone();
    let needed = found.reason_needed;
    let hint = if needed {
        format!("The policy asks why. At least {REASON_MIN} characters, kept in the audit trail.")
    } else {
        "Not required. Kept in the audit trail.".to_owned()
    };
    let older_than = found.sign_in_too_old;
    view! {
        <Post to={url::<DecideApproval>()}>
            {bound}
            {digest}
            {accept}
            <TextArea
                name="reason"
                label="Comment"
                form="approve"
                error=error
                hint=hint
                value=reason
                required=needed
                max=REASON_MAX
                rows=2
            />
            <Password older_than=older_than form="approve" error=error/>
            <Submit
                label="Approve deployment"
                busy_label="Approving…"
                kind=Kind::Primary
            />
        </Post>
    }
    .into_any()
}

/// Every added scope by name, accepted with one required tick.
fn accept(scopes: &[String], ticked: bool, error: FormProblem) -> AnyView {
    if scopes.is_empty() {
        return ().into_any();
    }
    let value = scopes.join(" ");
    let words = format!(
        "I accept the {}: ",
        counted(length(scopes), "added scope", "added scopes")
    );
    let last = scopes.len() - 1;
    let names: Vec<_> = scopes
        .iter()
        .enumerate()
        .map(|(at, scope)| {
            let comma = (at < last).then_some(", ");
            view! {
                <code class="wrap">{scope.clone()}</code>
                {comma}
            }
        })
        .collect();
    view! {
        <Check name="accepted_scopes" value=value form="approve" required=true checked=ticked error=error>
            {words}
            {names}
        </Check>
    }
    .into_any()
}

fn reject(found: &ApprovalDetail, typed: &DecisionForm, error: FormProblem) -> AnyView {
    let older_than = found.sign_in_too_old;
    let reason = typed.reason.clone();
    let bound = bound(found, DecisionVerdict::Reject);
    let open = error.is_some();
    view! {
        <details class="danger-zone" open=open>
            <summary class="danger">
                <Icon name="chevron-right"/>
                "Reject this deployment…"
            </summary>
            <FormError error=error fields=REASON form="reject"/>
            <Post to={url::<DecideApproval>()}>
                {bound}
                <TextArea
                    name="reason"
                    label="Reason for the team"
                    form="reject"
                    error=error
                    hint=format!(
                        "One rejection ends the request, and what was made for it is removed. At least {REASON_MIN} characters.",
                    )
                    value=reason
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <Password older_than=older_than form="reject" error=error/>
                <Submit
                    label="Reject deployment"
                    busy_label="Rejecting…"
                    kind=Kind::DangerSolid
                />
            </Post>
        </details>
    }
    .into_any()
}
