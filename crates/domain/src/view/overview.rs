//! The overview: is the fleet in order, and what needs me?

use serde::{Deserialize, Serialize};

use super::agent::DeploymentCell;
use super::approval::ApprovalRow;
use super::break_glass::BreakGlassMark;
use super::incident::IncidentRow;
use super::review::ReviewMark;
use super::session::ChainState;
use crate::gate::Gate;
use crate::rollback::Readiness;

/// The five questions, what waits, and what is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// "Which agents run in production right now?"
    pub live_production: u64,
    pub live_non_prod: u64,
    pub agents: u64,
    /// No deployment of them was ever asked for.
    pub agents_never_deployed: u64,
    /// Live and unhealthy or stopped, at most 20.
    pub unhealthy: Vec<AgentNote>,
    /// How many there are.
    pub unhealthy_count: u64,
    /// "What may they touch, and who authorised it?"
    pub active_identities: u64,
    pub distinct_scopes: u64,
    /// Live in production without a consumed approval: must be 0.
    pub without_approval: u64,
    /// "Who approved the last deployment?" What went live in production last, newest first.
    pub went_live: Vec<WentLive>,
    /// The first of the last seven days, `YYYY-MM-DD`, UTC.
    pub week_from: String,
    /// How many changes went live in production since that day, and how many of them one person let through.
    pub went_live_7d: u64,
    pub broken_glass_7d: u64,
    /// "Is there a trail?"
    pub chain: ChainState,
    /// "What happens when one misbehaves?"
    pub rollback_ready: u64,
    /// Live in production, and what it could go back to is not ready; at most 20.
    pub rollback_not_ready: Vec<AgentNote>,
    /// How many there are.
    pub rollback_not_ready_count: u64,
    /// Live in production and not looked at yet, or a part did not answer.
    pub rollback_unchecked: u64,
    /// Incidents that do harm now, newest first, with whether what they are about could be rolled back when it was looked at last.
    pub incidents: Vec<(IncidentRow, Option<Readiness>)>,
    /// "Are the rules applied to all?" Teams with something live in production.
    pub teams_live: u64,
    /// Those of them in which something that is live in production does not comply, by their short names.
    pub teams_not_complying: Vec<String>,
    /// How much of what is live in production passed a gate.
    pub gates_passed: Vec<(Gate, u64)>,
    pub gates_failed_7d: u64,
    pub gates_inconclusive_7d: u64,
    pub cleanup_incomplete: u64,
    /// Live versions that no longer comply with the policy in force, at most 20.
    pub non_compliant: Vec<AgentNote>,
    /// How many there are.
    pub non_compliant_count: u64,
    /// What one person let through and nobody reviewed yet, soonest due first.
    pub break_glasses: Vec<BreakGlassMark>,
    /// Access reviews that are open, for whoever can decide in them.
    pub reviews: Vec<ReviewMark>,
    pub waiting_for_you: Vec<ApprovalRow>,
    pub waiting_for_others: u64,
    /// What ends by itself in the next fourteen days, soonest first.
    pub ending: Vec<Ending>,
    pub in_progress: Vec<(String, DeploymentCell)>,
    pub recently_ended: Vec<(String, DeploymentCell)>,
}

/// Something that ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// "W-212", "laptop".
    pub name: String,
    /// "Waiver of refund-assistant in production", "Your API token".
    pub what: String,
    /// Path of the page where it can be given anew.
    pub page: String,
    /// RFC 3339.
    pub at: String,
}

/// A deployment that went live in production, and who said that it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WentLive {
    pub number: i64,
    pub agent: String,
    pub version: String,
    /// RFC 3339.
    pub at: String,
    /// What it acts under: its own, or for one that puts an earlier state back, that state's.
    pub approval: i64,
    /// Names of who approved, in the order in which they did; nobody where the policy lets it through.
    pub approvers: Vec<String>,
    /// Who let it through alone.
    pub broken_by: Option<String>,
    /// It puts an earlier state back.
    pub restores: bool,
}

/// One agent with one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentNote {
    pub agent: String,
    pub note: String,
}
