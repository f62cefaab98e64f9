//! Who may waive findings, for how long, and of which gates.

use super::Policy;
use crate::actor::Role;
use crate::gate::{Gate, Verdict};

/// Who may accept a finding, the longest time, and the gates whose findings may be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverRules {
    /// Some of [`WaiverRules::ROLES`]; empty for nobody.
    pub roles: Vec<Role>,
    /// Longest time of one waiver.
    pub days: u32,
    /// Any but health, which is no finding of a version.
    pub gates: Vec<Gate>,
}

impl WaiverRules {
    /// The roles that a policy can name.
    pub const ROLES: [Role; 3] = [Role::Approver, Role::Operator, Role::Administrator];
    /// The gates whose findings can be waived at all.
    pub const GATES: [Gate; 5] = [
        Gate::StaticAnalysis,
        Gate::ImageScan,
        Gate::ResponsibleAi,
        Gate::Hallucination,
        Gate::Relevance,
    ];
    /// The longest that a policy can allow.
    pub const DAYS_MAX: u32 = 366;
}

/// What holds when the document says nothing: approvers, 30 days, every gate.
impl Default for WaiverRules {
    fn default() -> Self {
        Self {
            roles: vec![Role::Approver],
            days: 30,
            gates: Self::GATES.to_vec(),
        }
    }
}

impl Policy {
    /// Who may waive.
    #[must_use]
    pub fn waiver_rules(&self) -> WaiverRules {
        self.waivers.clone().unwrap_or_default()
    }

    /// A verdict may stand for this gate: a waived one only where the policy lets the gate be waived.
    #[must_use]
    pub fn accepts(&self, gate: Gate, verdict: Verdict) -> bool {
        verdict != Verdict::Waived || self.waiver_rules().gates.contains(&gate)
    }
}
