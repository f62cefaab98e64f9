//! What the search of the trail finds an event by.

use audit_log::LeafEvent;
use domain::event::AuditAction;
use domain::search;

use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Of what is in the details, what other logs know too: the name of an access token.
const NAMED: &str = "token";

/// Keeps the words of an event, in the transaction that appends it.
///
/// # Errors
/// When the database does not take them.
pub(super) async fn keep(tx: &Tx, index: i64, event: &LeafEvent) -> Result<(), Error> {
    let words = search::words(&said(event), search::KEPT_MAX);
    store::audit_words::insert(tx, index, &words).await
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
