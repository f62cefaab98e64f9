//! The audit trail and one event.

mod event;
mod filters;
mod keepers;
mod trail;
mod verify;

pub(crate) use event::EventPage;
pub(crate) use trail::AuditPage;

use domain::event::AuditAction;
use domain::form::query::AuditQuery;
use domain::tone::Tone;
use domain::view::audit::AuditRow;
use leptos::prelude::*;

use crate::format::{address, word};
use crate::ui::prelude::*;

/// The filters of the address, and the place in the list.
fn query() -> AuditQuery {
    AuditQuery {
        q: asked("q"),
        actor: asked("actor"),
        action: asked("action"),
        evidence: asked("evidence"),
        agent: asked("agent"),
        deployment: asked("deployment"),
        object: asked("object"),
        team: asked("team"),
        outcome: asked("outcome"),
        from: asked("from"),
        to: asked("to"),
        cursor: asked("cursor"),
        limit: None,
    }
}

/// An address with the filters, from the first page on.
fn place(path: &str, query: &AuditQuery) -> String {
    address(path, &query.filters())
}

/// An address with the filters and the place in the list: the way to an event, from which one comes back to the same list.
fn there(path: &str, query: &AuditQuery) -> String {
    let mut words = query.filters();
    words.push(("cursor", &query.cursor));
    address(path, &words)
}

/// Everything that was done to one thing.
pub(crate) fn history(kind: &str, id: &str) -> String {
    address("/audit", &[("object", &format!("{kind}:{id}"))])
}

/// What was done, in words. A word that this version does not know is shown as it is stored.
fn action(stored: &str) -> String {
    stored
        .parse::<AuditAction>()
        .map_or_else(|_| word(stored), |action| action.label().to_owned())
}

/// What was done; a refused attempt is told apart by icon and word.
fn what(row: &AuditRow) -> AnyView {
    let label = action(&row.action);
    if row.outcome == "refused" {
        let label = if label.to_lowercase().contains("refused") {
            label
        } else {
            format!("{label}: refused")
        };
        view! { <Status tone=Tone::Bad label=label icon="ban"/> }.into_any()
    } else {
        label.into_any()
    }
}

/// Person, token, worker or nobody.
fn who(row: &AuditRow) -> AnyView {
    let icon = match row.actor_kind.as_str() {
        "user" => "user",
        "token" => "key-round",
        "system" => "cog",
        _ => "circle-question-mark",
    };
    view! { <IconText name=icon text=row.actor.clone()/> }.into_any()
}

/// The object, with a link where it has a page.
fn object(row: &AuditRow) -> AnyView {
    let id = row.object_id.clone();
    let href = match row.object_type.as_str() {
        "agent" => Some(format!("/agents/{}", crate::format::encode(&id))),
        "deployment" => Some(format!("/deployments/{}", crate::format::encode(&id))),
        "approval" => Some(format!("/approvals/{}", crate::format::encode(&id))),
        "identity" => Some(format!("/identities/{}", crate::format::encode(&id))),
        _ => None,
    };
    let kind = word(&row.object_type);
    match href {
        Some(href) => view! {
            {kind}
            " "
            <a href=href>{id}</a>
        }
        .into_any(),
        None => view! {
            {kind}
            " "
            <Hash value=id kind=HashKind::Id/>
        }
        .into_any(),
    }
}
