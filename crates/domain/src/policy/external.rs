//! Whose results count for a gate in the place of Clearance's own engine.

use serde::Serialize;

use super::Policy;
use crate::gate::Gate;

/// Longest time that a deployment waits for a result from outside, minutes.
pub(super) const WAIT_MINUTES_MAX: u32 = 1_440;
/// Most signers.
pub(super) const SIGNERS_MAX: usize = 20;

/// Somebody outside Clearance, such as a build server, whose signed results count for some gates. The engine here does not
/// run for these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// A slug, unique in the document.
    pub signer: String,
    /// Their Ed25519 public key, `name+hash+base64`.
    pub key: String,
    /// Any but health, which is of the running attempt.
    pub gates: Vec<Gate>,
    /// How long a deployment waits for the result, once the gate's turn has come.
    pub wait_minutes: u32,
}

impl Policy {
    /// Whose results count for a gate; none where Clearance judges itself.
    #[must_use]
    pub fn signers(&self, gate: Gate) -> Vec<&Signer> {
        let all = self.external_results.iter();
        all.filter(|one| one.gates.contains(&gate)).collect()
    }
}
