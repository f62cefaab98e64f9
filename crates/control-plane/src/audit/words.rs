//! What the search of the trail finds an event by.

use audit_log::LeafEvent;
use domain::event::AuditAction;
use domain::search;

/// Of what is in the details: the name of an access token, which other logs know too, and what a gate came to.
const NAMED: [&str; 2] = ["token", "verdict"];

/// The words of an event, which are kept with it.
pub(super) fn of(event: &LeafEvent) -> Vec<String> {
    search::words(&said(event), search::KEPT_MAX)
}

/// What an event says: what was done in the words that people read and as it is stored, to what, by whom, about which agent and
/// deployment, and why.
fn said(event: &LeafEvent) -> String {
    let label = event.action.parse().map(AuditAction::label);
    let number = event.deployment.map(|number| number.to_string());
    let [token, verdict] = NAMED.map(|name| event.detail.get(name).map_or("", String::as_str));
    [
        label.unwrap_or_default(),
        &event.action,
        event.outcome.as_str(),
        &event.object.kind,
        &event.object.id,
        &event.actor.name,
        event.agent.as_deref().unwrap_or_default(),
        number.as_deref().unwrap_or_default(),
        token,
        verdict,
        event.reason.as_deref().unwrap_or_default(),
    ]
    .join(" ")
}
