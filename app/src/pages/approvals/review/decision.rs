//! The decision: who gave one, who still can, who cannot and why.

use domain::approval::{ApprovalState, DecisionVerdict};
use domain::error::Exclusion;
use domain::tone::Tone;
use domain::view::approval::{ApprovalDetail, DecisionRow};
use leptos::prelude::*;

use crate::format::Now;
use crate::ui::prelude::*;

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
        (true, None) => super::forms::forms(found),
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
            {super::take_back::step(found)}
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
    let missing = found.lacking.people();
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
        let groups = found.lacking.groups.iter();
        let groups: Vec<String> = groups
            .map(|g| format!("{} of group {}. ", g.count, g.group))
            .collect();
        let groups = groups.concat();
        items.push(
            view! {
                <li class="open">
                    <span class="c-wait slot__i"><Icon name="circle-dashed"/></span>
                    <b>{needed}</b>
                    <span class="sub">{groups} {who}</span>
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
    let behalf = decision.on_behalf_of.as_ref();
    let behalf = behalf.map(|name| format!(", standing in for {name}"));
    let groups = match decision.groups.as_slice() {
        [] => None,
        groups => Some(format!(", of group {}", groups.join(", "))),
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
                {behalf}
                {groups}
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
    if found.row.state != ApprovalState::Open || found.beyond.is_met() {
        return ().into_any();
    }
    let missing = format!("{} too few. ", found.beyond.words());
    let rule = format!("/policies/{}", found.policy_version);
    view! {
        <NoticeBar tone=Tone::Bad>
            <p>
                <b>"This rule cannot be met. "</b>
                {missing}
                "An administrator can give the approver role, or the group, to somebody who had no part in it. "
                <a href=rule>"See the rule"</a>
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
    let mut rows = vec![(
        "Expires",
        view! { <Time at=at now=now ago=true/> }.into_any(),
    )];
    let told = [
        ("Reminded", &found.reminded_at),
        ("Escalated", &found.escalated_at),
    ];
    for (label, at) in told {
        if let Some(at) = at.clone() {
            rows.push((label, view! { <Time at=at now=now ago=true/> }.into_any()));
        }
    }
    rows.push(("If nobody acts", found.if_nobody_acts.clone().into_any()));
    view! { <Facts rows=rows/> }.into_any()
}

pub(super) fn digest(found: &ApprovalDetail, words: &'static str) -> AnyView {
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
    let unused = (state == ApprovalState::Approved)
        .then(|| view! { <p class="soft">{found.if_nobody_acts.clone()}</p> });
    view! {
        <div class="decide__b split">
            <p>
                <Status tone=state.tone() label=state.label()/>
                " "
                <a href=format!("/deployments/{number}")>"See what became of it"</a>
            </p>
            {unused}
            {digest(found, "The decisions are about exactly this manifest.")}
        </div>
    }
    .into_any()
}

fn excluded(rule: Exclusion) -> AnyView {
    let more = match rule {
        Exclusion::AlreadyDecided => {
            "It counts once. Nobody can decide twice, not under another account, and not beside their stand-in."
        }
        Exclusion::StandsForExcluded => {
            "Standing in for somebody gives their voice, and they have none here."
        }
        Exclusion::NotApprover => {
            "An administrator can give it to you. Administrators themselves cannot decide either without it."
        }
        Exclusion::Requester
        | Exclusion::CommitAuthor
        | Exclusion::Committer
        | Exclusion::ConfigEditor
        | Exclusion::WaiverGiver
        | Exclusion::Proposer
        | Exclusion::Breaker
        | Exclusion::OwnElevation
        | Exclusion::OwnAccess
        | Exclusion::NotGranter => {
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
