//! What the search of the trail finds an event by.

use audit_log::LeafEvent;
use domain::event::AuditAction;
use domain::search;

/// Of what is in the details, what other logs know too: the name of an access token.
const NAMED: &str = "token";

/// The words of an event, which are kept with it.
pub(super) fn of(event: &LeafEvent) -> Vec<String> {
    search::words(&said(event), search::KEPT_MAX)
}

/// What an event says: what was done in the words that people read and as it is stored, to what, by whom, about which agent and
/// deployment, and why.
fn said(event: &LeafEvent) -> String {
    let label = event.action.parse().map(AuditAction::label);
    let number = event.deployment.map(|number| number.to_string());
    [
        label.unwrap_or_default(),
        &event.action,
        event.outcome.as_str(),
        &event.object.kind,
        &event.object.id,
        &event.actor.name,
        event.agent.as_deref().unwrap_or_default(),
        number.as_deref().unwrap_or_default(),
        event.detail.get(NAMED).map_or("", String::as_str),
        event.reason.as_deref().unwrap_or_default(),
    ]
    .join(" ")
}
