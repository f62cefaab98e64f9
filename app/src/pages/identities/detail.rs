//! "What may this identity do, under whose approval, and how do I stop it?"

use domain::identity::IdentityState;
use domain::name::resource_of;
use domain::tone::Tone;
use domain::view::access_event::ScopeUse;
use domain::view::identity::{IdentityDetail, IdentityRow, SuspensionView};
use leptos::prelude::*;

use super::{actions, bindings};
use crate::format::{Now, count, counted, length};
use crate::pages::audit::history;
use crate::pages::then::{at_another_time, identity_then};
use crate::rpc::identities::get_identity;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// One identity.
#[component]
pub(crate) fn IdentityPage() -> impl IntoView {
    let as_of = asked("as_of");
    if !as_of.is_empty() {
        return identity_then(part("client_id"), as_of);
    }
    load(get_identity(part("client_id")), |found, viewer| {
        body(&found, &viewer)
    })
    .into_any()
}

fn body(found: &IdentityDetail, viewer: &Viewer) -> AnyView {
    let (row, now) = (&found.row, viewer.now());
    let here = format!("/identities/{}", row.client_id);
    let badges = view! { <Status tone=row.state.tone() label=row.state.label() boxed=true/> };
    let sub = format!(
        "{} v{} in {}, owned by {}.",
        row.agent,
        row.version,
        row.environment.label().to_lowercase(),
        row.team
    );
    let events = history("identity", &row.client_id);
    let actions = view! { <LinkButton href=events label="History"/> };
    view! {
        <PageHead
            title=row.client_id.clone()
            sub=sub.into_any()
            badges=badges.into_any()
            actions=actions.into_any()
        />
        <Live on=format!("deployment:{}", row.deployment)/>
        {standing(found, now)}
        {found.rotating.as_ref().map(|reason| rotating(reason))}
        {found.suspension.as_ref().map(|one| suspension(one, now))}
        <div class="cols">
            <div class="stack">{facts(found, now)} {scopes(found, now)} {bindings::of(found, now)}</div>
            <div class="stack stack--4">{actions::of(found)} {at_another_time(&here)}</div>
        </div>
    }
    .into_any()
}

/// What its state means, where it is not simply active.
fn standing(found: &IdentityDetail, now: Now) -> Option<AnyView> {
    let (tone, text) = match (found.row.state, found.row.usable) {
        (IdentityState::Active, true) => return None,
        (IdentityState::Active, false) => (
            Tone::Wait,
            "Its deployment is over, so it gets no token and may do nothing.",
        ),
        (IdentityState::Provisioning, _) => (Tone::Run, "It is being made and cannot act yet."),
        (IdentityState::Suspended, _) if found.quarantined => (
            Tone::Wait,
            "It is in quarantine: no token, and every token that is out is inactive until it is released.",
        ),
        (IdentityState::Suspended, _) => (
            Tone::Wait,
            "It is suspended: no token, and every token that is out is inactive until somebody lets it act again.",
        ),
        (IdentityState::Revoked, _) => (
            Tone::Bad,
            "It is revoked: no token, and every token that is out is inactive. It cannot come back.",
        ),
    };
    let until = found.tokens_until.clone().map(|at| {
        view! {
            " Programs that only check the signature of a token take the last one until " <Time at=at now=now ago=true/> "."
        }
    });
    Some(
        view! {
            <NoticeBar tone=tone>
                <p>{text} {until}</p>
            </NoticeBar>
        }
        .into_any(),
    )
}

/// It is being given another key.
fn rotating(reason: &str) -> AnyView {
    let said = format!("It is being given another key: {reason}");
    view! {
        <NoticeBar tone=Tone::Run>
            <p>{said}</p>
        </NoticeBar>
    }
    .into_any()
}

/// Who holds it suspended, and why.
fn suspension(one: &SuspensionView, now: Now) -> AnyView {
    let late = one.last_error.clone().map(|error| {
        view! {
            <p>
                "Its provider has not answered as it should, and is asked again: " {error}
            </p>
        }
    });
    let (asked_at, reason) = (one.asked_at.clone(), one.reason.clone());
    let by = format!("Suspended by {} ", one.asked_by);
    view! {
        <Section title="Suspension" id="suspension" note=one.state.label().to_owned()>
            <p>
                {by} <Time at=asked_at now=now ago=true/> ": " <q>{reason}</q>
            </p>
            {late}
        </Section>
    }
    .into_any()
}

fn facts(found: &IdentityDetail, now: Now) -> AnyView {
    let row = &found.row;
    let deployment = view! {
        <a href=format!("/deployments/{}", row.deployment)>{format!("#{}", row.deployment)}</a>
        {format!(", {}", row.deployment_state.label())}
    };
    let mut rows = vec![
        (
            "Agent",
            view! { <a href=format!("/agents/{}", row.agent)>{row.agent.clone()}</a> }.into_any(),
        ),
        ("Deployment", deployment.into_any()),
        ("Approval", approval(row, found.restores)),
        (
            "Key made",
            view! { <Time at=row.key_made_at.clone() now=now ago=true/> }.into_any(),
        ),
    ];
    if let Some(at) = row.last_used_at.clone() {
        rows.push((
            "Last used",
            view! { <Time at=at now=now ago=true/> }.into_any(),
        ));
    }
    if let Some(at) = row.revoked_at.clone() {
        rows.push((
            "Revoked",
            view! { <Time at=at now=now ago=true/> }.into_any(),
        ));
    }
    view! {
        <Section title="Entitled by" id="entitled">
            <Facts rows=rows/>
        </Section>
    }
    .into_any()
}

fn approval(row: &IdentityRow, restores: Option<i64>) -> AnyView {
    let Some(number) = row.approval else {
        return "None asked for in this environment".into_any();
    };
    let restored = restores.map(|_| ", restored by a rollback");
    view! {
        <a href=format!("/approvals/{number}")>{format!("#{number}")}</a>
        {restored}
    }
    .into_any()
}

fn scopes(found: &IdentityDetail, now: Now) -> AnyView {
    let content = if found.uses.is_empty() {
        view! { <p>"None. It can prove who it is, and nothing more."</p> }.into_any()
    } else {
        let rows: Vec<_> = found.uses.iter().map(|one| scope(one, now)).collect();
        let unused = found.uses.iter().any(|one| one.unused_days.is_some());
        let remove = unused.then(|| {
            view! {
                <p class="hint">
                    "Take a scope that is not used out of the manifest: the next deployment acts without it. A resource that reports no calls looks unused."
                </p>
            }
        });
        view! {
            <Table
                caption="Scopes with their use"
                heads=&["Scope", "#Calls", "Last used, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
            {remove}
        }
        .into_any()
    };
    let note = counted(length(&found.scopes), "scope", "scopes");
    let log = format!(
        "/agents/{}/access?identity={}",
        found.row.agent, found.row.client_id
    );
    let reach = format!(
        "/agents/{}/reach?environment={}",
        found.row.agent, found.row.environment
    );
    let more = view! {
        <a href=reach>"What it can reach"</a>
        " "
        <a href=log>"What it did"</a>
    };
    view! {
        <Section title="Scopes" id="scopes" note=note more=more.into_any()>
            {content}
        </Section>
    }
    .into_any()
}

fn scope(one: &ScopeUse, now: Now) -> AnyView {
    let resource = resource_of(&one.scope);
    let unused = one.unused_days.map(|days| {
        let label = format!(
            "Not used in {}",
            counted(u64::try_from(days).unwrap_or(0), "day", "days")
        );
        view! { <Status tone=Tone::Wait label=label/> }
    });
    let last = match one.last_at.clone() {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => view! { <span class="muted">"No call reported"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a class="plain" href=format!("/resources/{resource}")>
                    <code>{one.scope.clone()}</code>
                </a>
            </th>
            <td data-label="Calls" class="num">{count(one.calls)}</td>
            <td data-label="Last used, UTC">
                {last}
                {unused}
            </td>
        </tr>
    }
    .into_any()
}
