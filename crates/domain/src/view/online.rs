//! How what is live does, as pages and the API show it.

use serde::{Deserialize, Serialize};

use crate::gate::{Gate, Measure, Verdict};
use crate::online::ExchangeOrigin;

/// What the last scored exchanges of a gate came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OnlineWindow {
    pub gate: Gate,
    /// Cases that passed, with their interval, against the threshold.
    pub measure: Measure,
    /// Scored exchanges of the window that Clearance asked.
    pub probes: u32,
    /// Scored exchanges of the window that came with the agent's traces.
    pub sampled: u32,
    /// RFC 3339.
    pub judged_at: String,
    /// Since when it is shown to be below its threshold, RFC 3339.
    pub breached_since: Option<String>,
}

/// One judged exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OnlineExchange {
    pub id: String,
    pub gate: Gate,
    pub origin: ExchangeOrigin,
    /// The case of a suite, or the trace.
    pub case_key: String,
    pub asked: String,
    pub answered: String,
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    pub latency_ms: u64,
    /// RFC 3339.
    pub at: String,
}

/// How a deployment does, or did, in production.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OnlineEvaluation {
    pub number: i64,
    pub agent: String,
    pub version: String,
    /// Empty where the policy does not ask for it, or nothing was scored yet.
    pub windows: Vec<OnlineWindow>,
    /// A page of exchanges, newest first.
    pub exchanges: Vec<OnlineExchange>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}
