//! Gates: running them, keeping their evidence, and reading their reports.

use domain::canonical;
use domain::event::AuditAction;
use domain::gate::{Report, Verdict};
use evidence::External;

use crate::ControlPlane;
use crate::attestations::{self, About, Outcome};
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{deployment, gate_run};
use crate::store::gates::Settled;
use crate::transact::Tx;
use crate::waivers;

mod conditions;
mod count;
mod read;
mod trend;

pub(crate) use conditions::keep as keep_conditions;
pub(crate) use count::{Counted, counted, for_production};
pub use read::evaluation;
pub(crate) use read::{boxes, reports};
pub use trend::trend;

/// Keeps a report as evidence and settles its run, in one transaction under the worker's fence. A failed gate whose every
/// failing finding is waived is *waived*; the report stays what it is. Signed statements say the same to outsiders.
/// `external` says who handed the report in, if it is not an engine's of ours. Answers the verdict.
pub(crate) async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    run: &gate_run::Model,
    report: &Report,
    external: Option<External>,
) -> Result<Verdict, Error> {
    let now = ctx.now();
    let body = canonical::to_json(report).map_err(|e| Error::internal("gates::settle", e))?;
    let digest = canonical::digest(body.as_bytes());
    let signature = cp.sign(&digest);
    let agent = store::agents::get(cp.reader(), row.agent_id).await?;
    let waived = waivers::covering(cp.reader(), &agent, row.environment, report, now).await?;
    let (verdict, numbers) = match &waived {
        Some(waived) => (Verdict::Waived, waivers::named(waived)),
        None => (report.verdict, String::new()),
    };
    let summary = domain::text::cut(&domain::text::visible(&report.summary), 200);
    let settled = Settled {
        verdict,
        reason: match &waived {
            Some(_) => Some("waived".to_owned()),
            None => report.reason.clone(),
        },
        summary: if waived.is_some() {
            format!("{summary}; waived by {numbers}")
        } else {
            summary
        },
        evidence_digest: Some(digest.clone()),
    };
    let version = store::versions::get(cp.reader(), row.version_id).await?;
    let about = About {
        agent: &agent,
        version: &version,
        row,
    };
    let outcome = Outcome {
        report,
        report_digest: &digest,
        verdict,
        waivers: waived.iter().flatten().map(waivers::called).collect(),
        at: now,
        external,
    };
    let statements = attestations::of_gate(cp, about, run, &outcome).await?;
    cp.transact("gates::settle", ctx, |tx: Tx| {
        let statements = &statements;
        let signature = &signature;
        let settled = &settled;
        let digest = &digest;
        let body = &body;
        let agent = &agent;
        let (waived, numbers) = (&waived, &numbers);
        async move {
            let tx = &tx;
            store::deployments::heartbeat(tx, row.id, row.fence, ctx.now()).await?;
            store::evidence::keep(
                tx,
                digest,
                "application/vnd.clearance.gate-report+json",
                body,
                signature,
                now,
            )
            .await?;
            attestations::keep(tx, statements).await?;
            store::gates::settle(tx, run.id, settled, now).await?;
            for waiver in waived.iter().flatten() {
                store::waivers::lean(tx, waiver.id, row.id, run.gate).await?;
            }
            let event = Event::new(AuditAction::GateSettled, "gate", run.gate.as_str())
                .agent(&agent.slug)
                .deployment(row.number)
                .digest(Some(digest))
                .with("verdict", settled.verdict)
                .with("engine", &report.engine)
                .with("summary", &settled.summary);
            // The last one is our own: outsiders find it in the log by its digest.
            let event = match statements.last() {
                Some(own) => event.with("statement", format!("sha256:{}", own.digest)),
                None => event,
            };
            let event = if numbers.is_empty() {
                event
            } else {
                event.with("waivers", numbers)
            };
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await?;
    metrics::counter!("clearance_gate_runs_total", "gate" => run.gate.as_str(), "verdict" => verdict.as_str()).increment(1);
    Ok(verdict)
}

/// A report for a gate that could not run.
pub(crate) fn errored(gate: domain::gate::Gate, engine: &str, message: &str) -> Report {
    Report {
        gate,
        verdict: Verdict::Errored,
        reason: Some("engine_error".to_owned()),
        summary: domain::text::cut(message, 200),
        engine: engine.to_owned(),
        basis: Vec::new(),
        measures: Vec::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}
