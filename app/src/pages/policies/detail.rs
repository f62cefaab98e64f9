//! "Should this be the policy?": its rules, what differs from the active one, what it would have stopped, and the decision.

use domain::approval::{DecisionVerdict, REASON_MAX, REASON_MIN};
use domain::form::policy::PolicyDecisionForm;
use domain::policy::PolicyState;
use domain::text::visible;
use domain::view::policy::{DryRun, DryRunRow, PolicyDetail, TeamApprovers};
use leptos::prelude::*;

use super::rules;
use crate::format::{counted, length};
use crate::outcome::{Shown, shown};
use crate::rpc::policies::{DecidePolicy, WithdrawPolicy, get_policy};
use crate::session::Viewer;
use crate::ui::diff::changed_line;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// One version.
#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    load(get_policy(part("version")), |(found, run), viewer| {
        body(&found, run, &viewer)
    })
}

fn body(found: &PolicyDetail, run: DryRun, viewer: &Viewer) -> AnyView {
    let row = &found.row;
    let title = format!("Policy {} v{}", row.name, row.version);
    let badges = view! { <Status tone=row.state.tone() label=row.state.label() boxed=true/> };
    let proposed = row.proposed_at.clone().map(|at| {
        view! { ", " <Time at=at now=viewer.now() ago=true/> }
    });
    let decided = row.decided_by.clone().map(|by| {
        let reason = row.decision_reason.clone().map(|r| format!(": {r}"));
        view! { <p class="soft">{format!("Decided by {by}")} {reason}</p> }
    });
    // Somebody else was faster: the form is gone, and why it was refused is said all the same.
    let outrun = last(found).1.only_if(!found.can_decide);
    let (rules, text) = (rules(&found.rules), visible(&found.text));
    let digest = row.digest.clone();
    let sub =
        view! { {format!("Proposed by {}", row.proposed_by)} {proposed} ". " {row.reason.clone()} };
    view! {
        <PageHead title=title sub=sub.into_any() badges=badges.into_any()/>
        <FormError error=outrun/>
        <Live on="audit" pin=format!("{} {}", row.version, found.active)/>
        <div class="cols">
            <div class="stack">
                {decided}
                {difference(found)}
                <Section title="Rules" id="rules">{rules}</Section>
                {dry_run(run)}
                <Section title="Text" id="text">
                    <pre class="code" tabindex="0" role="region" aria-label="The document">{text}</pre>
                    <p><Hash value=digest kind=HashKind::Digest/></p>
                </Section>
            </div>
            <div class="stack stack--4">{decision(found)} {approvers(&found.approvers)}</div>
        </div>
    }
    .into_any()
}

fn difference(found: &PolicyDetail) -> Option<AnyView> {
    if found.row.version == found.active {
        return None;
    }
    let title = format!("Difference to the active version {}", found.active);
    if found.diff.is_empty() {
        let same =
            view! { <Section title=title id="diff"><p>"The texts are the same."</p></Section> };
        return Some(same.into_any());
    }
    let lines: Vec<_> = found
        .diff
        .iter()
        .map(|line| changed_line(line.kind, visible(&line.text)))
        .collect();
    Some(
        view! {
            <Section title=title id="diff">
                <div class="diff diff--box" tabindex="0" role="region" aria-label="Lines that differ">
                    {lines}
                </div>
            </Section>
        }
        .into_any(),
    )
}

fn dry_run(run: DryRun) -> AnyView {
    let looked = counted(
        u64::try_from(run.checked).unwrap_or(u64::MAX),
        "deployment",
        "deployments",
    );
    let note = if run.more {
        format!("The newest {looked} that are live or went live in the last 90 days")
    } else {
        format!("{looked}, live or gone live in the last 90 days")
    };
    if run.stopped.is_empty() {
        return view! {
            <Section title="What it would have stopped" id="dry-run" note=note>
                <p>"Nothing: all of them satisfy it."</p>
            </Section>
        }
        .into_any();
    }
    let rows: Vec<_> = run.stopped.into_iter().map(stopped).collect();
    view! {
        <Section title="What it would have stopped" id="dry-run" note=note>
            <Table
                caption="Deployments that do not satisfy this version"
                heads=&["Deployment", "Agent", "Environment", "What it lacks"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn stopped(row: DryRunRow) -> AnyView {
    let live = row
        .live
        .then(|| view! { <span class="sub">"Live now"</span> });
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/deployments/{}", row.number)>{format!("#{}", row.number)}</a>
                {live}
            </th>
            <td data-label="Agent">{format!("{} v{}", row.agent, row.version)}</td>
            <td data-label="Environment">{row.environment.label()}</td>
            <td data-label="What it lacks" class="wide">{row.lacks.join("; ")}</td>
        </tr>
    }
    .into_any()
}

fn approvers(teams: &[TeamApprovers]) -> Option<AnyView> {
    if teams.is_empty() {
        return None;
    }
    let lines: Vec<_> = teams
        .iter()
        .map(|team| {
            let words = if team.enough() {
                format!("{} needed, {} to spare: ", team.needed, team.spare())
            } else {
                format!("{} needed, which nobody could ever meet: ", team.needed)
            };
            let group = team.group.as_ref().map(|group| format!(", group {group}"));
            view! { <li><b>{team.team.clone()} {group}</b> " " {words} {named(team)}</li> }
        })
        .collect();
    Some(
        view! {
            <Panel title="Who could approve" id="approvers">
                <div class="panel__b">
                    <p class="hint">"Whoever has a part in a deployment cannot approve it; those to spare stand in."</p>
                    <ul>{lines}</ul>
                </div>
            </Panel>
        }
        .into_any(),
    )
}

/// The people of a team who may decide.
pub(super) fn named(team: &TeamApprovers) -> String {
    match team.people.as_slice() {
        [] => "nobody has the approver role".to_owned(),
        people if people.len() <= 8 => people.join(", "),
        people => counted(length(people), "person", "people"),
    }
}

fn decision(found: &PolicyDetail) -> Option<AnyView> {
    if found.row.state != PolicyState::Proposed {
        return None;
    }
    let content = match (found.can_decide, found.can_withdraw) {
        (true, _) => decide(found),
        (false, true) => withdraw(found),
        (false, false) => {
            view! { <p>"An administrator other than the one who proposed it decides."</p> }
                .into_any()
        }
    };
    Some(
        view! {
            <Panel title="Decision" id="decision">
                <div class="panel__b">{content}</div>
            </Panel>
        }
        .into_any(),
    )
}

/// The last attempt to decide, if it was refused: what was typed, and why.
fn last(found: &PolicyDetail) -> (PolicyDecisionForm, FormProblem) {
    match shown() {
        Some(Shown::PolicyUndecided(typed, error))
            if typed.number == found.row.version.to_string() =>
        {
            (typed, FormProblem::new(Some(error)))
        }
        Some(_) | None => (PolicyDecisionForm::default(), refused::<DecidePolicy>()),
    }
}

fn decide(found: &PolicyDetail) -> AnyView {
    // Both forms are of one function: a refused attempt is told once, in the form that it came from.
    let (typed, error) = last(found);
    let rejects = typed.verdict == DecisionVerdict::Reject.as_str();
    let (of_reject, of_approve) = (error.only_if(rejects), error.only_if(!rejects));
    let (to_reject, to_approve) = if rejects {
        (typed.reason, String::new())
    } else {
        (String::new(), typed.reason)
    };
    let approve = approve(found, to_approve, of_approve);
    let reject = reject(found, to_reject, of_reject);
    view! {
        <div class="stack stack--3">
            <FormError error=of_approve fields=FIELDS form="approve"/>
            {approve}
            {reject}
        </div>
    }
    .into_any()
}

/// What both forms carry: the decision is about the difference to the version that is active on this page.
fn bound(found: &PolicyDetail, verdict: DecisionVerdict) -> AnyView {
    view! {
        <Hidden name="number" value=found.row.version.to_string()/>
        <Hidden name="against" value=found.active.to_string()/>
        <Hidden name="verdict" value=verdict.as_str()/>
    }
    .into_any()
}

fn approve(found: &PolicyDetail, reason: String, error: FormProblem) -> AnyView {
    let bound = bound(found, DecisionVerdict::Approve);
    let older_than = found.sign_in_too_old;
    view! {
        <Post to={url::<DecidePolicy>()}>
            <div class="form">
                {bound}
                <TextArea name="reason" label="Comment" form="approve" value=reason error=error max=REASON_MAX rows=2/>
                <p class="hint">"New deployments begin with it at once; those on their way keep theirs."</p>
                <Password older_than=older_than form="approve" error=error/>
                <Submit label="Approve policy" busy_label="Approving…" kind=Kind::Primary/>
            </div>
        </Post>
    }
    .into_any()
}

fn reject(found: &PolicyDetail, reason: String, error: FormProblem) -> AnyView {
    let bound = bound(found, DecisionVerdict::Reject);
    let older_than = found.sign_in_too_old;
    view! {
        <Danger label="Reject this policy…" open={error.is_some()}>
            <FormError error=error fields=FIELDS form="reject"/>
            <Post to={url::<DecidePolicy>()}>
                <div class="form">
                    {bound}
                    <TextArea
                        name="reason"
                        label="Reason"
                        form="reject"
                        value=reason
                        error=error
                        required=true
                        min=REASON_MIN
                        max=REASON_MAX
                    />
                    <Password older_than=older_than form="reject" error=error/>
                    <Submit label="Reject policy" busy_label="Rejecting…" kind=Kind::DangerSolid/>
                </div>
            </Post>
        </Danger>
    }
    .into_any()
}

fn withdraw(found: &PolicyDetail) -> AnyView {
    let error = refused::<WithdrawPolicy>();
    let number = found.row.version.to_string();
    view! {
        <FormError error=error/>
        <p>"You proposed it, so another administrator decides."</p>
        <Post to={url::<WithdrawPolicy>()}>
            <Hidden name="number" value=number/>
            <Submit label="Withdraw" busy_label="Withdrawing…"/>
        </Post>
    }
    .into_any()
}
