//! What the live version has already: findings that are not new in the version to be checked.

use domain::environment::Environment;
use domain::gate::{Finding, Gate, Report, Standing, Verdict};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::scanner::Against;
use crate::store;
use crate::workers::step::Job;

/// What the version of a job is judged against, today.
pub(super) async fn against(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    gate: Gate,
) -> Result<Against, Error> {
    Ok(Against {
        today: ctx.now().date_naive(),
        known: known(cp, job, gate).await?,
    })
}

/// The findings that a gate left of what is live in production, because that is what people approved last. One that needed a
/// waiver there is not among them, or it would outlive its waiver; nor is one that the code suppressed, or it would outlive
/// its end.
async fn known(cp: &ControlPlane, job: &Job, gate: Gate) -> Result<Vec<Finding>, Error> {
    let live = store::live::get(cp.reader(), job.agent.id, Environment::Production).await?;
    let Some(live) = live else {
        return Ok(Vec::new());
    };
    let runs = store::gates::of(cp.reader(), live.deployment_id).await?;
    let run = runs.into_iter().find(|run| run.gate == gate);
    let Some((run, digest)) = run.and_then(|run| {
        let digest = run.evidence_digest.clone()?;
        Some((run, digest))
    }) else {
        return Ok(Vec::new());
    };
    let waived = run.verdict == Some(Verdict::Waived);
    let evidence = store::evidence::many(cp.reader(), vec![digest]).await?;
    let Some(row) = evidence.first() else {
        return Ok(Vec::new());
    };
    let report: Report = store::from_json(&row.body)?;
    let lasting = |one: &Finding| one.standing != Standing::Suppressed && !(waived && one.blocks());
    Ok(report.findings.into_iter().filter(lasting).collect())
}
