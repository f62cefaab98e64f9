//! The live version's answers to the same cases: stored evidence, never asked again.

use domain::gate::{Gate, Report};

use crate::ControlPlane;
use crate::error::Error;
use crate::ports::evaluator::LiveCases;
use crate::store;
use crate::workers::step::Job;

/// The cases that a gate left of what is live in the environment of a job. None where nothing is live, where the same version
/// is, or where its evidence has no case.
pub(super) async fn cases(
    cp: &ControlPlane,
    job: &Job,
    gate: Gate,
) -> Result<Option<LiveCases>, Error> {
    let db = cp.reader();
    let Some(live) = store::live::get(db, job.agent.id, job.row.environment).await? else {
        return Ok(None);
    };
    let row = store::deployments::get(db, live.deployment_id).await?;
    if row.version_id == job.version.id {
        return Ok(None);
    }
    let runs = store::gates::of(db, row.id).await?;
    let run = runs.into_iter().find(|run| run.gate == gate);
    let Some(digest) = run.and_then(|run| run.evidence_digest) else {
        return Ok(None);
    };
    let evidence = store::evidence::many(db, vec![digest.clone()]).await?;
    let Some(kept) = evidence.first() else {
        return Ok(None);
    };
    let report: Report = store::from_json(&kept.body)?;
    let version = store::versions::get(db, row.version_id).await?;
    Ok((!report.cases.is_empty()).then_some(LiveCases {
        version: version.number,
        number: row.number,
        evidence_digest: digest,
        cases: report.cases,
    }))
}
