//! The registry as lines, for spreadsheets and programs.

use domain::event::AuditAction;
use domain::form::query::AgentQuery;
use domain::view::agent::AgentRow;
use domain::view::page::LIMIT_MAX;

use super::list::list;
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::transact::Tx;

/// Most lines at once.
const LINES_MAX: usize = 10_000;

/// The agents that the actor may see and that fit, in the order of [`list`], up to 10,000. Taking them away is recorded.
///
/// # Errors
/// As [`list`].
pub async fn lines(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &AgentQuery,
) -> Result<Vec<AgentRow>, Error> {
    let mut rows = Vec::new();
    let mut next = Some(String::new());
    while let Some(cursor) = next.filter(|_| rows.len() < LINES_MAX) {
        let page = AgentQuery {
            cursor,
            limit: Some(LIMIT_MAX),
            ..asked.clone()
        };
        let page = list(cp, ctx, &page).await?;
        rows.extend(page.rows);
        next = page.next;
    }
    let event = Event::new(AuditAction::EvidenceExported, "registry", "agents")
        .with("lines", rows.len())
        .with("filters", format!("{:?}", asked.parts()));
    cp.transact("agents::lines", ctx, |tx: Tx| {
        let event = event.clone();
        async move { audit::append(&tx, ctx, event).await.map(|_| ()) }
    })
    .await?;
    Ok(rows)
}
