//! Evaluation of what is live in production: traffic that agents send, and how they do. The rounds themselves are the
//! worker's, `workers/evaluate_online.rs`.

use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::id::OnlineTraceId;
use domain::online::{Traffic, sampled};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::ids;
use crate::policies;
use crate::store;
use crate::store::entity::online_trace;
use crate::transact::Tx;

mod read;

pub use read::get;

/// Traces of one deployment that may wait for their score. What comes above that is dropped: an agent that sends more than
/// is scored must not fill the database.
const WAITING_MAX: u64 = 1_000;

/// One exchange of a user and an agent, as a span of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// 32 hexadecimal digits.
    pub trace: String,
    /// 16 hexadecimal digits.
    pub span: String,
    pub traffic: Traffic,
}

/// What became of the spans of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Received {
    /// Kept, to be scored.
    pub kept: u64,
    /// Not kept because too many wait.
    pub dropped: u64,
}

/// Takes spans from the agent that a client stands for. It speaks for its own deployment alone; those that are not sampled,
/// are known already, or come from what is not live in production are left out, which is no error.
///
/// # Errors
/// [`Error::Unauthenticated`] for an identity that is not usable now.
pub async fn receive(
    cp: &ControlPlane,
    ctx: &OpCtx,
    client_id: &str,
    spans: Vec<Span>,
) -> Result<Received, Error> {
    let db = cp.reader();
    let grant = identities::active(cp, client_id).await?;
    let grant = grant.ok_or(Error::Unauthenticated)?;
    let row = store::deployments::by_number(db, grant.deployment).await?;
    let rules = policies::document(db).await?.production.online;
    let production = row.environment == Environment::Production;
    let (Some(rules), true) = (rules, production && row.state == DeploymentState::Live) else {
        return Ok(Received::default());
    };
    let mut rows = Vec::new();
    for one in spans {
        if sampled(&one.trace, rules.sampled()) {
            rows.push(online_trace::Model {
                id: OnlineTraceId(ids::new()),
                deployment_id: row.id,
                span: format!("{} {}", one.trace, one.span),
                trace: one.trace,
                state: store::online::WAITING.to_owned(),
                body: store::to_json(&one.traffic)?,
                received_at: ctx.now(),
            });
        }
    }
    if rows.is_empty() {
        return Ok(Received::default());
    }
    cp.transact("online::receive", ctx, |tx: Tx| {
        let mut rows = rows.clone();
        async move {
            let tx = &tx;
            let free = WAITING_MAX.saturating_sub(store::online::waiting(&**tx, row.id).await?);
            let came = rows.len();
            rows.truncate(usize::try_from(free).unwrap_or(came));
            let dropped = u64::try_from(came - rows.len()).unwrap_or_default();
            let kept = store::online::receive(tx, rows).await?;
            Ok(Received { kept, dropped })
        }
    })
    .await
}
