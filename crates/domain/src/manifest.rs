//! The release manifest: what exactly goes live. People approve its digest.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::gate::{Gate, Verdict};
use crate::runtime::RuntimeTarget;

/// What exactly would go live. Canonical JSON (RFC 8785) of this is hashed to `manifest_digest`.
///
/// It names nothing of the attempt (no deployment number, no time), so a rollback that restores the same things
/// has the digest that was approved then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseManifest {
    /// Format of this document; 1.
    pub schema: u32,
    pub agent: String,
    pub version: String,
    pub commit: String,
    /// `sha256:` of `clearance.yaml`: how the agent is started and limited.
    pub agent_manifest_digest: String,
    /// `sha256:` of the config bundle, bindings of this environment included.
    pub config_digest: String,
    /// `sha256:` of the image, never a tag.
    pub image_digest: String,
    /// Identity scopes, sorted.
    pub scopes: Vec<String>,
    /// Gate results, in gate order.
    pub gates: Vec<ManifestGate>,
    pub policy_version: u32,
    pub environment: Environment,
    pub runtime_target: RuntimeTarget,
}

/// One gate's result, bound to its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestGate {
    pub gate: Gate,
    pub verdict: Verdict,
    /// `sha256:` of the stored report.
    pub evidence_digest: String,
}

impl ReleaseManifest {
    /// The names of the fields in which two manifests differ, for "stale: … changed".
    #[must_use]
    pub fn differing_fields(&self, other: &Self) -> Vec<&'static str> {
        let pairs = [
            ("agent", self.agent != other.agent),
            ("version", self.version != other.version),
            ("commit", self.commit != other.commit),
            (
                "agent manifest",
                self.agent_manifest_digest != other.agent_manifest_digest,
            ),
            ("config", self.config_digest != other.config_digest),
            ("image", self.image_digest != other.image_digest),
            ("scopes", self.scopes != other.scopes),
            ("gate results", self.gates != other.gates),
            ("policy", self.policy_version != other.policy_version),
            ("environment", self.environment != other.environment),
            (
                "runtime target",
                self.runtime_target != other.runtime_target,
            ),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, differs)| differs.then_some(name))
            .collect()
    }
}
