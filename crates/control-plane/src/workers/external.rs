//! Gates that the policy has somebody else judge: waits for the signed result, and never runs our own engine in its place.

use chrono::Duration;
use domain::deployment::LogLevel;
use domain::gate::{Gate, GateRunState, Inconclusive, Report, Verdict};
use domain::policy::Policy;

use super::check::{settle_as, start, step_of};
use super::step::{Job, StepError, say};
use crate::ControlPlane;
use crate::attestations;
use crate::ctx::OpCtx;
use crate::store::entity::gate_run;

/// How often a waiting deployment is looked at; a result that comes makes it be looked at once more.
const LOOK_EVERY: Duration = Duration::seconds(60);

/// True for a gate that somebody else judges.
pub(crate) fn is_external(policy: &Policy, gate: Gate) -> bool {
    !policy.signers(gate).is_empty()
}

/// Settles the gate with what was handed in, goes on waiting, or settles it as *inconclusive* when the time is over.
pub(crate) async fn judge(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
    policy: &Policy,
) -> Result<(), StepError> {
    let signers = policy.signers(run.gate);
    let minutes = signers
        .iter()
        .map(|one| one.wait_minutes)
        .max()
        .unwrap_or(0);
    let now = ctx.now();
    let waiting = run.state == GateRunState::Running;
    let since = run.started_at.filter(|_| waiting).unwrap_or(now);
    let until = since + Duration::minutes(i64::from(minutes));
    if !waiting {
        start(cp, ctx, job, run).await?;
        let names: Vec<&str> = signers.iter().map(|one| one.signer.as_str()).collect();
        let line = format!(
            "Waiting up to {minutes} min for a result of {}",
            names.join(" or ")
        );
        say(cp, ctx, job, step_of(run.gate), LogLevel::Text, line).await?;
    }
    let handed_in = attestations::handed_in(cp, job.about(), run.gate, policy).await?;
    if let Some((report, external)) = handed_in {
        return settle_as(cp, ctx, job, run, &report, Some(external)).await;
    }
    if now < until {
        return Err(StepError::Waiting {
            until: until.min(now + LOOK_EVERY),
        });
    }
    settle_as(cp, ctx, job, run, &missing(run.gate, minutes), None).await
}

fn missing(gate: Gate, minutes: u32) -> Report {
    Report {
        gate,
        verdict: Verdict::Inconclusive,
        reason: Some(Inconclusive::ExternalMissing.as_str().to_owned()),
        summary: format!("Nobody handed in a signed result within {minutes} minutes"),
        engine: concat!("clearance ", env!("CARGO_PKG_VERSION")).to_owned(),
        basis: Vec::new(),
        measures: Vec::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}
