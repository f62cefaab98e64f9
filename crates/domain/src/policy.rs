//! What production and non-prod ask for. In this release one built-in policy, version 1, applies to every agent.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::gate::{Gate, Verdict};

/// Rules for one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentPolicy {
    /// Gates that must be satisfied before a version goes live here.
    pub gates: Vec<Gate>,
    /// How many people must approve; 0 asks nobody.
    pub quorum: u32,
    /// Hours until an unanswered approval expires.
    pub approval_hours: u32,
}

/// A versioned set of rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub version: u32,
    pub name: String,
    pub non_prod: EnvironmentPolicy,
    pub production: EnvironmentPolicy,
    /// Open the promotion by itself when a version is live and proven in non-prod.
    pub promote_when_proven: bool,
}

impl Policy {
    /// The built-in policy.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            version: 1,
            name: "standard".to_owned(),
            non_prod: EnvironmentPolicy {
                gates: vec![
                    Gate::StaticAnalysis,
                    Gate::ImageScan,
                    Gate::Health,
                    Gate::ResponsibleAi,
                    Gate::Hallucination,
                    Gate::Relevance,
                ],
                quorum: 0,
                approval_hours: 0,
            },
            production: EnvironmentPolicy {
                gates: vec![
                    Gate::StaticAnalysis,
                    Gate::ImageScan,
                    Gate::ResponsibleAi,
                    Gate::Hallucination,
                    Gate::Relevance,
                ],
                quorum: 1,
                approval_hours: 72,
            },
            promote_when_proven: true,
        }
    }

    /// The rules of one environment.
    #[must_use]
    pub const fn of(&self, environment: Environment) -> &EnvironmentPolicy {
        match environment {
            Environment::NonProd => &self.non_prod,
            Environment::Production => &self.production,
        }
    }
}

/// The gates that are not satisfied by the given results, in policy order.
///
/// Only *failed* stops a non-prod deployment; *inconclusive* lets it stay live there, where it does no harm, and
/// stops it at the door of production. An errored gate is tried again before it comes here.
#[must_use]
pub fn unmet(gates: &[Gate], results: &[(Gate, Verdict)]) -> Vec<Gate> {
    gates
        .iter()
        .copied()
        .filter(|gate| {
            !results
                .iter()
                .any(|(g, verdict)| g == gate && verdict.satisfies())
        })
        .collect()
}

/// The share of cases that must pass, per gate that counts cases.
#[must_use]
pub const fn threshold(gate: Gate) -> f64 {
    match gate {
        Gate::ResponsibleAi => 1.0,
        Gate::Hallucination | Gate::Relevance => 0.9,
        Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => 1.0,
    }
}

impl EnvironmentPolicy {
    /// The gates whose results belong to a version rather than to one running attempt.
    #[must_use]
    pub fn gates_but_health(&self) -> Vec<Gate> {
        self.gates
            .iter()
            .copied()
            .filter(|g| *g != Gate::Health)
            .collect()
    }
}
