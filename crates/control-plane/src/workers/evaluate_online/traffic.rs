//! Scores sampled traffic, away from the path on which it came.

use chrono::{DateTime, Utc};
use domain::id::OnlineExchangeId;
use domain::online::{ExchangeOrigin, Traffic};

use super::{Found, Round, kept};
use crate::ControlPlane;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::online_exchange;

/// Exchanges scored in one round.
const AT_ONCE: u64 = 200;

/// Scores what waits. One that cannot be read, or that no engine applies to, is done with as well.
pub(super) async fn score(
    cp: &ControlPlane,
    round: &Round,
    now: DateTime<Utc>,
) -> Result<Found, Error> {
    let waiting = store::online::to_score(cp.reader(), round.row.id, AT_ONCE).await?;
    let mut found = Found {
        traces: waiting.iter().map(|row| row.id).collect(),
        ..Found::default()
    };
    let mut read = Vec::with_capacity(waiting.len());
    for row in &waiting {
        read.push((row, store::from_json::<Traffic>(&row.body)?));
    }
    let traffic: Vec<Traffic> = read.iter().map(|(_, traffic)| traffic.clone()).collect();
    if traffic.is_empty() {
        return Ok(found);
    }
    let scored = match cp.ports().evaluator.score(traffic).await {
        Ok(scored) => scored,
        // They wait for the next round.
        Err(error) => {
            tracing::warn!(deployment = round.row.number, error = %error, "traffic could not be scored");
            return Ok(Found::default());
        }
    };
    for ((row, traffic), scores) in read.iter().zip(scored) {
        for score in scores {
            found.exchanges.push(online_exchange::Model {
                id: OnlineExchangeId(ids::new()),
                deployment_id: round.row.id,
                gate: score.gate,
                origin: ExchangeOrigin::Traffic,
                case_key: row.trace.clone(),
                asked: kept(&traffic.asked),
                answered: kept(&score.answered),
                verdict: score.verdict,
                why: kept(&score.why),
                latency_ms: 0,
                at: now,
            });
        }
    }
    Ok(found)
}
