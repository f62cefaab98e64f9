//! Conditions in Rego: evaluating them over a release manifest.

use super::{ConditionVerdict, GateCondition};
use conditions::Outcome;

impl GateCondition {
    /// What the condition says about a release manifest, its canonical text. Blocks for a second at most.
    #[must_use]
    pub fn evaluate(&self, manifest: &str) -> ConditionVerdict {
        match conditions::evaluate(&self.rego, manifest) {
            Outcome::Met => ConditionVerdict::Met,
            Outcome::Unmet => ConditionVerdict::Unmet,
            Outcome::Inconclusive(_) => ConditionVerdict::Inconclusive,
        }
    }
}
