//! The release manifest of a deployment, from the rows as they are at this moment.

use domain::canonical;
use domain::environment::Environment;
use domain::gate::Gate;
use domain::manifest::{ManifestGate, ReleaseManifest};
use domain::runtime::RuntimeTarget;

use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, deployment, gate_run, version};

/// A manifest with its canonical text and digest.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) text: String,
    pub(crate) digest: String,
}

/// What exactly would go live now.
pub(crate) fn of(
    agent: &agent::Model,
    version: &version::Model,
    row: &deployment::Model,
    runs: &[gate_run::Model],
) -> Result<ReleaseManifest, Error> {
    let mut gates: Vec<ManifestGate> = runs
        .iter()
        // Health is a property of the running attempt, not of the release; it has no part in what people approve. What the
        // other gates say of the running agent is known before production, and in non-prod only afterwards.
        .filter(|r| {
            r.gate != Gate::Health
                && (row.environment == Environment::Production || !r.gate.needs_agent())
        })
        .filter_map(|r| {
            Some(ManifestGate {
                gate: r.gate,
                verdict: r.verdict?,
                evidence_digest: r.evidence_digest.clone()?,
            })
        })
        .collect();
    gates.sort_by_key(|g| g.gate);
    Ok(ReleaseManifest {
        schema: 1,
        agent: agent.slug.clone(),
        version: version.number.clone(),
        commit: version.commit_id.clone(),
        // Of the text that is acted upon, not of the column beside it.
        agent_manifest_digest: canonical::digest(version.manifest_text.as_bytes()),
        config_digest: version.config_digest.clone(),
        image_digest: version
            .image_digest
            .clone()
            .ok_or_else(|| Error::internal("manifest", "the version has no image"))?,
        scopes: store::from_json(&version.scopes)?,
        gates,
        policy_version: u32::try_from(row.policy_version).unwrap_or(0),
        environment: row.environment,
        runtime_target: RuntimeTarget::LocalProcess,
    })
}

/// Canonical text and digest of a manifest.
pub(crate) fn seal(manifest: &ReleaseManifest) -> Result<Sealed, Error> {
    let text = canonical::to_json(manifest).map_err(|e| Error::internal("manifest::seal", e))?;
    let digest = canonical::digest(text.as_bytes());
    Ok(Sealed { text, digest })
}
