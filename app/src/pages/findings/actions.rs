//! What can be done about a finding: bring in what was found, put back what was approved, or look away until a date.

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::finding::{FindingKind, SubjectKind};
use domain::view::finding::FindingDetail;
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::findings::{AcceptFinding, AssignFinding, IgnoreFinding, RevertFinding};
use crate::ui::prelude::*;

const OWNER: &[(&str, &str)] = &[("owner", "Owner")];
const FIELDS: &[(&str, &str)] = &[("until", "Last day"), ("reason", "Reason")];

/// What this person may do now.
pub(super) fn all(found: &FindingDetail) -> Option<AnyView> {
    let accept = accept(found);
    let revert = found.can_revert.then(|| revert(found));
    let ignore = found.can_act.then(|| ignore(found.row.number));
    let assign = (!found.owners.is_empty()).then(|| assign(found));
    if accept.is_none() && revert.is_none() && ignore.is_none() && assign.is_none() {
        return None;
    }
    Some(
        view! {
            <section class="stack stack--3" aria-label="Actions">
                {assign}
                {accept}
                {revert}
                {ignore}
            </section>
        }
        .into_any(),
    )
}

/// What was asked to be put back, and what became of it.
pub(super) fn reverting(found: &FindingDetail, now: Now) -> Option<AnyView> {
    let note = found.revert.clone()?;
    let asked = format!("{} asked that what was approved is put back", note.asked_by);
    let outcome = match (note.done_at, note.last_error) {
        (Some(at), _) => view! { ". Done " <Time at=at now=now ago=true/> "." }.into_any(),
        (None, Some(why)) => format!(". It is tried again: {why}").into_any(),
        (None, None) => ".".into_any(),
    };
    Some(view! { <p class="soft">{asked} {outcome}</p> }.into_any())
}

/// What was found comes in by the way that every change takes.
fn accept(found: &FindingDetail) -> Option<AnyView> {
    match found.row.kind {
        FindingKind::DriftVersion | FindingKind::DriftScopes if found.can_accept => {
            Some(promote(found.row.number))
        }
        FindingKind::OutOfScopeAccess => found.row.agent.clone().map(|agent| {
            let lines = format!("/agents/{agent}/access?coverage=out_of_scope");
            view! {
                <p class="hint">
                    <a href=lines>"See every such call"</a>
                    ". It ends by itself when there was none for some days. To let the agent do this, add the scope to its manifest: it is then asked for."
                </p>
            }
            .into_any()
        }),
        FindingKind::UnknownPrincipal => {
            let of_resource = found.row.subject_kind == SubjectKind::Resource;
            of_resource.then(|| {
                let lines = format!("/resources/{}#touched", found.row.subject);
                view! {
                    <p class="hint">
                        <a href=lines>"See who touched this resource"</a>
                        ". It ends by itself when there was no such call for some days."
                    </p>
                }
                .into_any()
            })
        }
        FindingKind::DriftVersion
        | FindingKind::DriftConfig
        | FindingKind::DriftScopes
        | FindingKind::DriftPointer
            if found.can_revert =>
        {
            let agent = found.row.agent.clone().unwrap_or_default();
            Some(
                view! {
                    <p class="hint">
                        "To keep what was found, push it to the repository of "
                        <a href=format!("/agents/{agent}")>{agent.clone()}</a>
                        ": it becomes a version, with its gates and its approval. What was approved is never edited."
                    </p>
                }
                .into_any(),
            )
        }
        FindingKind::OwnerLeft => found.row.agent.clone().map(|agent| {
            let place = format!("/agents/{agent}#owner");
            view! {
                <p class="hint">
                    <a href=place>"Name another owner"</a>
                    ". Until then nothing new of it goes live, and after a while its identities are suspended."
                </p>
            }
            .into_any()
        }),
        FindingKind::WithoutIdentity => {
            let place = format!("/identities/{}", found.row.subject);
            Some(
                view! {
                    <p class="hint">
                        <a href=place>"See the identity"</a>
                        ". Another deployment or a rollback gives the agent a new one."
                    </p>
                }
                .into_any(),
            )
        }
        FindingKind::UnregisteredRuntime if found.can_act => Some(
            view! {
                <p class="hint">
                    <a href="/agents/new">"Onboard it as an agent"</a>
                    " to bring it under the rules, or stop it where it was started: Clearance stops nothing that it did not start."
                </p>
            }
            .into_any(),
        ),
        FindingKind::DriftVersion
        | FindingKind::DriftConfig
        | FindingKind::DriftScopes
        | FindingKind::DriftPointer
        | FindingKind::UnregisteredRuntime
        | FindingKind::Orphan
        | FindingKind::Ghost
        | FindingKind::UnsatisfiableRule
        | FindingKind::RollbackNotReady
        | FindingKind::NotRolledBack => None,
    }
}

/// Whose it is to look after it.
fn assign(found: &FindingDetail) -> AnyView {
    let error = refused::<AssignFinding>();
    let number = found.row.number.to_string();
    let mut options = vec![(String::new(), "Nobody".to_owned())];
    options.extend(found.owners.iter().cloned());
    let now = found.owner_id.as_ref();
    let now = found.owners.iter().find(|(id, _)| Some(id) == now);
    let value = now.map(|(id, _)| id.clone()).unwrap_or_default();
    view! {
        <Panel title="Who looks after it" id="owner">
            <div class="panel__b">
                <FormError error=error fields=OWNER form="owner"/>
                <Post to={url::<AssignFinding>()}>
                    <div class="form">
                        <Hidden name="number" value=number/>
                        <Select
                            name="owner"
                            label="Owner"
                            form="owner"
                            options=options
                            value=value
                            error=error
                            hint="A person of its team. They are told."
                        />
                        <Submit label="Assign owner" busy_label="Assigning…"/>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}

fn promote(number: i64) -> AnyView {
    let error = refused::<AcceptFinding>();
    view! {
        <Danger label="Accept as a new change…" open=error.is_some()>
            <p>"The version that is live in non-prod has exactly what was found. It is promoted, with every gate and approval of production; until then what was approved stays what it is."</p>
            <FormError error=error fields=FIELDS form="accept"/>
            <Post to={url::<AcceptFinding>()}>
                <Hidden name="number" value=number.to_string()/>
                <Reason form="accept" error=error hint="Why it should stay. Kept in the audit trail."/>
                <Submit label="Start its promotion" busy_label="Starting…" kind=Kind::DangerSolid/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn revert(found: &FindingDetail) -> AnyView {
    let error = refused::<RevertFinding>();
    let number = found.row.number.to_string();
    let says = if found.row.kind == FindingKind::DriftScopes {
        "The identity gets exactly the scopes that were approved. Tokens that are out end within 5 minutes."
    } else {
        "The runtime is stopped and started anew from the approved image with the approved settings. The agent does not answer meanwhile."
    };
    view! {
        <Danger label="Put back what was approved…" open=error.is_some()>
            <p>{says}</p>
            <FormError error=error fields=FIELDS form="revert"/>
            <Post to={url::<RevertFinding>()}>
                <Hidden name="number" value=number/>
                <Reason form="revert" error=error hint="Why. Kept in the audit trail."/>
                <Submit label="Put it back" busy_label="Asking…" kind=Kind::DangerSolid icon="rotate-ccw"/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn ignore(number: i64) -> AnyView {
    let error = refused::<IgnoreFinding>();
    view! {
        <Danger label="Ignore until a date…" open=error.is_some()>
            <FormError error=error fields=FIELDS form="ignore"/>
            <Post to={url::<IgnoreFinding>()}>
                <div class="form">
                    <Hidden name="number" value=number.to_string()/>
                    <Field
                        name="until"
                        label="Last day"
                        form="ignore"
                        error=error
                        kind="date"
                        hint="UTC. The finding is open again after it, if what it tells of is not over by then."
                        required=true
                    />
                    <TextArea
                        name="reason"
                        label="Reason"
                        form="ignore"
                        error=error
                        required=true
                        min=REASON_MIN
                        max=REASON_MAX
                    />
                    <Submit label="Ignore finding" busy_label="Ignoring…" kind=Kind::DangerSolid/>
                </div>
            </Post>
        </Danger>
    }
    .into_any()
}
