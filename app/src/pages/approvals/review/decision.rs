//! The decision: who gave one, who still can, who cannot and why, and the forms that bind to the digest on this page.

use domain::approval::{ApprovalState, DecisionVerdict, REASON_MAX, REASON_MIN};
use domain::error::Exclusion;
use domain::tone::Tone;
use domain::view::approval::{ApprovalDetail, DecisionRow};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::approvals::DecideApproval;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

/// What can be wrong with an approval.
const ACCEPTED: &[(&str, &str)] = &[("accepted_scopes", "Added scopes")];
/// What can be wrong with a rejection: a comment on an approval may be empty, and its length is held by the browser.
const REASON: &[(&str, &str)] = &[("reason", "Reason for the team")];

/// The panel at the right; its id is what the phone's bar links to.
pub(super) fn panel(found: &ApprovalDetail, now: Now) -> AnyView {
    let open = found.row.state == ApprovalState::Open;
    let title = match (open, found.row.excluded) {
        (true, None) => "Your decision",
        (true, Some(_)) => "The decision",
        (false, _) => "What was decided",
    };
    let rule = found.rule.clone();
    let foot = match (open, found.row.excluded) {
        (false, _) => settled(found),
        (true, Some(rule)) => excluded(rule),
        (true, None) => forms(found),
    };
    view! {
        <aside class="panel decide" id="decide" aria-labelledby="decide-h">
            <div class="panel__h">
                <h2 id="decide-h">{title}</h2>
                <span class="more">{rule}</span>
            </div>
            <div class="decide__b">
                {slots(found, now)}
                {impossible(found)}
                {cannot(found)}
                {facts(found, now)}
            </div>
            {foot}
        </aside>
    }
    .into_any()
}

/// One line for each decision of this round, then what is missing.
fn slots(found: &ApprovalDetail, now: Now) -> AnyView {
    let row = &found.row;
    let label = format!("Approvals, {} of {} given", row.approvals, row.quorum);
    let mut items: Vec<AnyView> = found
        .decisions
        .iter()
        .map(|decision| given(decision, row.round, now))
        .collect();
    let missing = row.quorum.saturating_sub(row.approvals);
    if row.state == ApprovalState::Open && missing > 0 {
        let who = match found.can_approve.as_slice() {
            [] => "Nobody is left who can give it.".to_owned(),
            [one] => format!("{one} can give it."),
            [head @ .., last] => format!("{} or {last} can give it.", head.join(", ")),
        };
        let needed = match (missing, row.approvals) {
            (1, 0) => "One approval is needed".to_owned(),
            (1, _) => "One more approval".to_owned(),
            (n, _) => format!("{n} approvals are needed"),
        };
        items.push(
            view! {
                <li class="open">
                    <span class="c-wait slot__i"><Icon name="circle-dashed"/></span>
                    <b>{needed}</b>
                    <span class="sub">{who}</span>
                </li>
            }
            .into_any(),
        );
    }
    view! {
        <ul class="slots" aria-label=label>
            {items}
        </ul>
    }
    .into_any()
}

fn given(decision: &DecisionRow, round: i32, now: Now) -> AnyView {
    let (tone, class, word) = match decision.verdict {
        DecisionVerdict::Approve => (Tone::Ok, "c-ok slot__i", "Approved "),
        DecisionVerdict::Reject => (Tone::Bad, "c-bad slot__i", "Rejected "),
    };
    let before = (decision.round != round).then(|| format!(", in round {}", decision.round));
    let reason = decision
        .reason
        .as_ref()
        .map(|reason| format!(" “{reason}”"));
    view! {
        <li>
            <span class=class><Icon name=tone.icon()/></span>
            <b>{decision.name.clone()}</b>
            <span class="sub wrap">
                {word}
                <Time at=decision.at.clone() now=now/>
                {before}
                "."
                {reason}
            </span>
        </li>
    }
    .into_any()
}

/// The rule asks for more people than are left.
fn impossible(found: &ApprovalDetail) -> AnyView {
    let missing = u64::from(found.row.quorum.saturating_sub(found.row.approvals));
    if found.row.state != ApprovalState::Open || length(&found.can_approve) >= missing {
        return ().into_any();
    }
    view! {
        <NoticeBar tone=Tone::Bad>
            <p>
                <b>"This rule cannot be met. "</b>
                "Too few approvers are left. An administrator can give the approver role to somebody who had no part in it."
            </p>
        </NoticeBar>
    }
    .into_any()
}

fn cannot(found: &ApprovalDetail) -> AnyView {
    if found.cannot_approve.is_empty() || found.row.state != ApprovalState::Open {
        return ().into_any();
    }
    let label = match found.cannot_approve.len() {
        1 => "1 person cannot approve this, and why".to_owned(),
        n => format!("{n} people cannot approve this, and why"),
    };
    let items: Vec<_> = found
        .cannot_approve
        .iter()
        .map(|(name, rule)| {
            let text = format!("{name} {}", rule.of_other());
            view! {
                <li class="no">
                    <Icon name="ban"/>
                    <span>{text}</span>
                </li>
            }
        })
        .collect();
    view! {
        <details>
            <summary>
                <Icon name="chevron-right"/>
                <span>{label}</span>
            </summary>
            <ul class="checks checks--in">{items}</ul>
        </details>
    }
    .into_any()
}

fn facts(found: &ApprovalDetail, now: Now) -> AnyView {
    if found.row.state != ApprovalState::Open {
        return ().into_any();
    }
    let at = found.row.expires_at.clone();
    view! {
        <Facts rows=vec![
            ("Expires", view! { <Time at=at now=now ago=true/> }.into_any()),
            ("If nobody acts", found.if_nobody_acts.clone().into_any()),
        ]/>
    }
    .into_any()
}

fn digest(found: &ApprovalDetail, words: &'static str) -> AnyView {
    view! {
        <div class="digest">
            <span class="hint">{words}</span>
            <Hash value=found.manifest_digest.clone() full=true/>
        </div>
    }
    .into_any()
}

/// It is over: what came of it, and about which manifest.
fn settled(found: &ApprovalDetail) -> AnyView {
    let state = found.row.state;
    let number = found.row.number;
    view! {
        <div class="decide__b split">
            <p>
                <Status tone=state.tone() label=state.label()/>
                " "
                <a href=format!("/deployments/{number}")>"See what became of it"</a>
            </p>
            {digest(found, "The decisions are about exactly this manifest.")}
        </div>
    }
    .into_any()
}

fn excluded(rule: Exclusion) -> AnyView {
    let more = match rule {
        Exclusion::AlreadyDecided => "It counts once. Nobody can decide twice.",
        Exclusion::NotApprover => {
            "An administrator can give it to you. Administrators themselves cannot decide either without it."
        }
        Exclusion::Requester
        | Exclusion::CommitAuthor
        | Exclusion::Committer
        | Exclusion::ConfigEditor
        | Exclusion::WaiverGiver
        | Exclusion::Proposer => {
            "Whoever had a part in a deployment cannot approve it. This rule has no exception."
        }
    };
    view! {
        <div class="decide__b split">
            <p class="it strong">
                <Icon name="ban"/>
                {rule.message()}
            </p>
            <p class="soft">{more}</p>
        </div>
    }
    .into_any()
}

fn forms(found: &ApprovalDetail) -> AnyView {
    // Both forms are of one function: a refused attempt is told once, where the wrong field is.
    let error = refused::<DecideApproval>();
    let of_reason = error.field("reason").is_some();
    let (about_reason, about_rest) = (error.only_if(of_reason), error.only_if(!of_reason));
    view! {
        <div class="decide__e">
            <FormError error=about_rest fields=ACCEPTED form="approve"/>
        </div>
        {approve(found, about_rest)}
        {reject(found, about_reason)}
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

fn approve(found: &ApprovalDetail, error: FormProblem) -> AnyView {
    let bound = bound(found, DecisionVerdict::Approve);
    let digest = digest(
        found,
        "You approve exactly this manifest. Any change after your click makes the approval stale.",
    );
    let accept = accept(&found.diff.added_scopes, error);
    view! {
        <Post to={url::<DecideApproval>()}>
            {bound}
            {digest}
            {accept}
            <TextArea
                name="reason"
                label="Comment"
                form="approve"
                hint="Not required. Kept in the audit trail."
                max=REASON_MAX
                rows=2
            />
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
fn accept(scopes: &[String], error: FormProblem) -> AnyView {
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
        <Check name="accepted_scopes" value=value form="approve" required=true error=error>
            {words}
            {names}
        </Check>
    }
    .into_any()
}

fn reject(found: &ApprovalDetail, error: FormProblem) -> AnyView {
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
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
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
