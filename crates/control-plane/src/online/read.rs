//! Reading how what is live does. Changes nothing.

use domain::form::query::{self, OnlineQuery};
use domain::id::OnlineExchangeId;
use domain::view::online::{OnlineEvaluation, OnlineExchange, OnlineWindow};
use domain::view::page::Page;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{online_exchange, online_window};
use crate::store::online::Wanted;

/// What the windows of a deployment came to, with a page of its exchanges, newest first. Five statements.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
    asked: &OnlineQuery,
) -> Result<OnlineEvaluation, Error> {
    let db = cp.reader();
    let (row, agent) = reading::deployment(db, ctx, number).await?;
    let version = store::versions::get(db, row.version_id).await?;
    let mut windows = store::online::windows(db, row.id).await?;
    windows.sort_by_key(|window| window.gate);
    let limit = query::limit(asked.limit);
    let rows = match wanted(asked) {
        Some(wanted) => store::online::page(db, row.id, wanted, limit + 1).await?,
        None => Vec::new(),
    };
    let rows: Vec<OnlineExchange> = rows.into_iter().map(exchange).collect();
    let page = Page::cut(rows, limit, |row| row.id.clone());
    Ok(OnlineEvaluation {
        number: row.number,
        agent: agent.slug,
        version: version.number,
        windows: windows
            .into_iter()
            .map(window)
            .collect::<Result<Vec<_>, Error>>()?,
        exchanges: page.rows,
        next_cursor: page.next,
    })
}

/// The filter; `None` where a word is none, which finds nothing rather than everything.
fn wanted(asked: &OnlineQuery) -> Option<Wanted> {
    Some(Wanted {
        gate: word(&asked.gate)?,
        origin: word(&asked.origin)?,
        verdict: word(&asked.verdict)?,
        before: word::<OnlineExchangeId>(&asked.cursor)?,
    })
}

fn word<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    match text.trim() {
        "" => Some(None),
        word => word.parse().ok().map(Some),
    }
}

fn window(row: online_window::Model) -> Result<OnlineWindow, Error> {
    Ok(OnlineWindow {
        gate: row.gate,
        measure: store::from_json(&row.measure)?,
        probes: u32::try_from(row.probes).unwrap_or_default(),
        sampled: u32::try_from(row.sampled).unwrap_or_default(),
        judged_at: store::time::text(row.judged_at),
        breached_since: row.breached_since.map(store::time::text),
    })
}

fn exchange(row: online_exchange::Model) -> OnlineExchange {
    OnlineExchange {
        id: row.id.to_string(),
        gate: row.gate,
        origin: row.origin,
        case_key: row.case_key,
        asked: row.asked,
        answered: row.answered,
        verdict: row.verdict,
        why: row.why,
        latency_ms: u64::try_from(row.latency_ms).unwrap_or_default(),
        at: store::time::text(row.at),
    }
}
