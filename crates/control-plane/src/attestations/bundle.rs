//! The evidence bundle of a deployment: what was signed when it happened, under an index that is signed now. The same
//! statements give the same bytes.

use domain::error::Conflict;
use domain::gate::Gate;
use domain::manifest::ReleaseManifest;
use domain::view::evaluation::RemovedEvidence;
use evidence::{DECISION_TYPE, DigestSet, GATE_TYPE, Index, MAX_BUNDLE_BYTES, Missing, Subjects};
use sea_orm::ConnectionTrait;

use super::{Kept, failed, line, removal_of, statement_of, subjects};
use crate::ControlPlane;
use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, deployment, gate_run, statement, version};
use crate::store::statements::EXTERNAL;

/// Said of a gate run that settled before Clearance signed statements.
const BEFORE: &str =
    "made before Clearance signed statements; its report is kept under this digest";

/// Said of a gate run whose statements the policy keeps no longer.
fn removed(removal: &RemovedEvidence) -> String {
    format!(
        "removed at {}: version {} of the policy keeps evidence for {} days; its report had this digest",
        removal.at, removal.policy_version, removal.days
    )
}

/// The gates of a deployment whose runs have a signed statement, and whose result somebody else handed in.
pub(crate) async fn attested_gates(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
    runs: &[gate_run::Model],
) -> Result<Vec<(Gate, Option<String>)>, Error> {
    let kept = Kept::read(db, row, runs).await?;
    let told = runs.iter().filter_map(|run| {
        let own = kept.evidence_of(run)?;
        // Only what came from outside has a signer to be read out of its line.
        let outside = kept.of_run(run).any(|one| one.origin == EXTERNAL);
        Some((run.gate, outside.then(|| signer(own)).flatten()))
    });
    Ok(told.collect())
}

/// Who handed a result in, as its statement says it.
fn signer(own: &statement::Model) -> Option<String> {
    let statement = statement_of(own)?;
    let name = statement.predicate.get("external")?.get("signer")?.as_str();
    name.map(str::to_owned)
}

/// The bytes of the bundle.
pub(super) async fn bundle(
    cp: &ControlPlane,
    row: &deployment::Model,
    agent: &agent::Model,
    version: &version::Model,
) -> Result<Vec<u8>, Error> {
    let db = cp.reader();
    let mut runs = store::gates::of(db, row.id).await?;
    runs.sort_by_key(|run| run.gate);
    let kept = Kept::read(db, row, &runs).await?;
    let removal = removal_of(db, row).await?;
    let about = build_of(row, version, &kept)?.ok_or_else(|| {
        Error::conflict(match &removal {
            Some(_) => Conflict::EvidenceRemoved,
            None => Conflict::NoEvidence,
        })
    })?;
    let why = removal.map_or_else(|| BEFORE.to_owned(), |removal| removed(&removal));
    let mut rows: Vec<&statement::Model> = kept.sboms(&about).collect();
    let mut missing = Vec::new();
    for run in &runs {
        let Some(report) = run.evidence_digest.as_ref() else {
            continue;
        };
        if kept.evidence_of(run).is_none() {
            missing.push(Missing {
                gate: run.gate,
                report: DigestSet::sha256(report),
                why: why.clone(),
            });
            continue;
        }
        let mut of_run: Vec<&statement::Model> = kept.of_run(run).collect();
        // Standard first, ours next, then what it rests on.
        of_run.sort_by_key(|one| (one.origin == EXTERNAL, one.predicate_type == GATE_TYPE));
        rows.extend(of_run);
    }
    let decision = kept
        .rows
        .iter()
        .filter(|one| one.deployment_id == row.id && one.predicate_type == DECISION_TYPE);
    rows.extend(decision);
    if rows.is_empty() && missing.is_empty() {
        return Err(Error::conflict(Conflict::NoEvidence));
    }
    let lines: Vec<_> = rows.into_iter().map(line).collect();
    let index = Index {
        deployment: row.number,
        agent: agent.slug.clone(),
        version: version.number.clone(),
        environment: row.environment,
        entries: Vec::new(),
        missing,
    };
    let bytes = evidence::write(cp.checkpoint_key(), &about, index, &lines).map_err(failed)?;
    if u64::try_from(bytes.len()).map_or(true, |size| size > MAX_BUNDLE_BYTES) {
        return Err(Error::conflict(Conflict::Full));
    }
    Ok(bytes)
}

/// The build that a deployment is about: as its release manifest says, else as its statements say (the image of a failed
/// deployment is gone), else as its version is.
fn build_of(
    row: &deployment::Model,
    version: &version::Model,
    kept: &Kept,
) -> Result<Option<Subjects>, Error> {
    if let Some(text) = &row.manifest {
        let manifest: ReleaseManifest = store::from_json(text)?;
        return Ok(Some(Subjects {
            commit: manifest.commit,
            image: manifest.image_digest,
            config_bundle: manifest.config_digest,
        }));
    }
    let own = kept.rows.iter().find(|one| one.deployment_id == row.id);
    let told = own.and_then(statement_of).and_then(|s| Subjects::of(&s));
    Ok(told.or_else(|| subjects(version)))
}
