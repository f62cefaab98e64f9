//! What production is held to while it runs: how often it is asked, how much of its traffic is scored, and what a breach does.

use serde::Serialize;

use super::Policy;
use crate::gate::Gate;
use crate::state::words;

/// Longest time between two rounds of probes, minutes.
pub(super) const PROBE_MINUTES_MAX: u32 = 10_080;
/// Most cases of one round: each is a call of the agent that serves people.
pub(super) const PROBE_CASES_MAX: u32 = 50;
/// Fewest and most scored exchanges that decide. Fewer than the least could not tell a bad agent from bad luck.
pub(super) const WINDOW_MIN: u32 = 10;
pub(super) const WINDOW_MAX: u32 = 1_000;

words! {
    /// What Clearance does when what is live is shown to be below a threshold.
    OnBreach as "answer to a breach" {
        /// It opens an incident; people decide.
        Incident = "incident",
        /// It opens an incident and rolls back, within the limits of [`crate::rollback::automatic`].
        RollBack = "roll_back",
    }
}

/// Percent of the exchanges that must pass while an agent is live. What is left out is as at the gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OnlineThresholds {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible_ai: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hallucination: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevance: Option<u32>,
}

/// How an agent is evaluated while it is live in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OnlineRules {
    /// Minutes between two rounds of probes.
    pub probe_minutes: u32,
    /// Cases of the version's own suites that a round asks, in turn.
    pub probe_cases: u32,
    /// Percent of the traces that the agent sends which are scored; none are where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_percent: Option<u32>,
    /// How many scored exchanges of a gate decide, the newest ones.
    pub window: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<OnlineThresholds>,
    pub on_breach: OnBreach,
}

impl OnlineRules {
    /// The share of traces that are scored, percent.
    #[must_use]
    pub fn sampled(&self) -> u32 {
        self.sample_percent.unwrap_or_default()
    }
}

impl Policy {
    /// The share of a gate's exchanges that must pass in production, 0 to 1.
    #[must_use]
    pub fn online_threshold(&self, gate: Gate) -> f64 {
        let own = self.production.online.and_then(|rules| rules.thresholds);
        let own = own.and_then(|own| match gate {
            Gate::ResponsibleAi => own.responsible_ai,
            Gate::Hallucination => own.hallucination,
            Gate::Relevance => own.relevance,
            Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => None,
        });
        own.map_or_else(
            || self.threshold(gate),
            |percent| f64::from(percent) / 100.0,
        )
    }
}
