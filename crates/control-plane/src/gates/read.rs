//! Gates as pages show them: the boxes of the stage graph, and the evaluation report. Reads stored evidence only.

use domain::gate::{AccuracyFigure, Gate, GateRunState, Report};
use domain::view::deployment::GateBox;
use domain::view::engine::EngineRow;
use domain::view::evaluation::{EvaluationReport, GateReport, LiveMeasures};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::attestations;
use crate::ctx::OpCtx;
use crate::engines;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{deployment, gate_run};

/// The boxes of a deployment's gates, in the order of [`domain::gate::Gate`]. `under_way` tells a gate that waits from
/// one that will never run.
pub(crate) fn boxes(runs: &[gate_run::Model], under_way: bool) -> Vec<GateBox> {
    let mut boxes: Vec<GateBox> = runs.iter().map(|run| gate_box(run, under_way)).collect();
    boxes.sort_by_key(|b| b.gate);
    boxes
}

fn gate_box(run: &gate_run::Model, under_way: bool) -> GateBox {
    let running = run.state == GateRunState::Running && under_way;
    let summary = match run.state {
        GateRunState::Settled => run.summary.clone(),
        GateRunState::Running if under_way && run.summary.is_empty() => "Running".to_owned(),
        GateRunState::Running if under_way => run.summary.clone(),
        GateRunState::Pending if under_way => "Waiting".to_owned(),
        GateRunState::Running => "Stopped".to_owned(),
        GateRunState::Pending => "Not reached".to_owned(),
    };
    GateBox {
        gate: run.gate,
        verdict: run.verdict,
        running,
        summary,
        reason: run.reason.clone(),
        seconds: run
            .started_at
            .zip(run.settled_at)
            .map(|(from, to)| (to - from).num_seconds().max(0)),
        evidence_digest: run.evidence_digest.clone(),
        carried_from: run.carried_from,
    }
}

/// Every settled gate of a deployment with its stored report, beside what the version came to that was live before it. A
/// constant number of statements, whatever the number of gates and cases.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn evaluation(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
) -> Result<EvaluationReport, Error> {
    let db = cp.reader();
    let (row, agent) = reading::deployment(db, ctx, number).await?;
    let version = store::versions::get(db, row.version_id).await?;
    let mut runs = store::gates::of(db, row.id).await?;
    runs.sort_by_key(|r| r.gate);
    let attested = attestations::attested_gates(db, &row, &runs).await?;
    let live = live_before(db, &row).await?;
    let engines = engines::known(db).await?;
    let mut gates = Vec::new();
    let removed = attestations::removal_of(db, &row).await?;
    if removed.is_some() {
        runs.clear();
    }
    for (run, report) in reports(db, runs).await? {
        let (Some(verdict), Some(digest), Some(settled_at)) =
            (run.verdict, run.evidence_digest, run.settled_at)
        else {
            continue;
        };
        let told = attested.iter().find(|(gate, _)| *gate == run.gate);
        gates.push(GateReport {
            verdict,
            evidence_digest: digest,
            settled_at: store::time::text(settled_at),
            carried_from: run.carried_from,
            attested: told.is_some(),
            external: told.and_then(|(_, signer)| signer.clone()),
            live: live
                .iter()
                .find(|(gate, _)| *gate == run.gate)
                .map(|(_, m)| m.clone()),
            accuracy: accuracy(&engines, &report),
            report,
        });
    }
    Ok(EvaluationReport {
        number: row.number,
        agent: agent.slug,
        version: version.number,
        environment: row.environment,
        state: row.state,
        removed,
        gates,
    })
}

/// What the engine of a report was measured to do at its gate.
fn accuracy(engines: &[EngineRow], report: &Report) -> Vec<AccuracyFigure> {
    let its =
        |row: &&EngineRow| report.engine.starts_with(&row.name) && row.gates.contains(&report.gate);
    let figures = engines.iter().filter(its).flat_map(|row| &row.figures);
    figures.cloned().collect()
}

/// Every settled run with its stored report, in the order of the runs.
pub(crate) async fn reports(
    db: &impl ConnectionTrait,
    runs: Vec<gate_run::Model>,
) -> Result<Vec<(gate_run::Model, Report)>, Error> {
    let digests = runs.iter().filter_map(|run| run.evidence_digest.clone());
    let evidence = store::evidence::many(db, digests.collect()).await?;
    let mut found = Vec::new();
    for run in runs.into_iter().filter(|run| run.settled_at.is_some()) {
        let kept = evidence
            .iter()
            .find(|kept| Some(&kept.digest) == run.evidence_digest.as_ref());
        if let Some(kept) = kept {
            found.push((run, store::from_json(&kept.body)?));
        }
    }
    Ok(found)
}

/// The measures of the version that was live in this environment before a deployment, gate by gate.
async fn live_before(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
) -> Result<Vec<(Gate, LiveMeasures)>, Error> {
    let Some(before) = store::deployments::live_before(db, row).await? else {
        return Ok(Vec::new());
    };
    let version = store::versions::get(db, before.version_id).await?;
    let runs = store::gates::of(db, before.id).await?;
    let digests = runs.iter().filter_map(|r| r.evidence_digest.clone());
    let mut all = Vec::new();
    for kept in store::evidence::many(db, digests.collect()).await? {
        let report: Report = store::from_json(&kept.body)?;
        let measures = LiveMeasures {
            version: version.number.clone(),
            number: before.number,
            measures: report.measures,
        };
        all.push((report.gate, measures));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use domain::gate::Verdict;
    use domain::id::{DeploymentId, GateRunId};
    use uuid::Uuid;

    use super::*;

    fn run(gate: Gate, state: GateRunState) -> gate_run::Model {
        gate_run::Model {
            id: GateRunId(Uuid::nil()),
            deployment_id: DeploymentId(Uuid::nil()),
            gate,
            state,
            verdict: (state == GateRunState::Settled).then_some(Verdict::Passed),
            reason: None,
            summary: match state {
                GateRunState::Settled => "0 findings in 14 files".to_owned(),
                GateRunState::Pending | GateRunState::Running => String::new(),
            },
            evidence_digest: None,
            carried_from: None,
            attempts: 1,
            started_at: Some(DateTime::<Utc>::UNIX_EPOCH),
            settled_at: (state == GateRunState::Settled)
                .then_some(DateTime::UNIX_EPOCH + TimeDelta::seconds(41)),
        }
    }

    #[test]
    fn boxes_stand_in_gate_order_with_words_for_what_has_no_result() {
        let runs = [
            run(Gate::Health, GateRunState::Pending),
            run(Gate::ImageScan, GateRunState::Running),
            run(Gate::StaticAnalysis, GateRunState::Settled),
        ];
        let shown = boxes(&runs, true);
        let words: Vec<(&str, bool, Option<i64>)> = shown
            .iter()
            .map(|b| (b.summary.as_str(), b.running, b.seconds))
            .collect();
        assert_eq!(
            words,
            [
                ("0 findings in 14 files", false, Some(41)),
                ("Running", true, None),
                ("Waiting", false, None)
            ]
        );
    }

    #[test]
    fn a_gate_that_asks_says_how_far_it_is() {
        let mut asking = run(Gate::Relevance, GateRunState::Running);
        asking.summary = "132 of 500 answers".to_owned();
        let shown = boxes(&[asking], true);
        assert_eq!(shown[0].summary, "132 of 500 answers");
    }

    #[test]
    fn a_gate_of_a_deployment_that_ended_neither_runs_nor_waits() {
        let shown = boxes(
            &[
                run(Gate::Health, GateRunState::Pending),
                run(Gate::ImageScan, GateRunState::Running),
            ],
            false,
        );
        let words: Vec<(&str, bool)> = shown
            .iter()
            .map(|b| (b.summary.as_str(), b.running))
            .collect();
        assert_eq!(words, [("Stopped", false), ("Not reached", false)]);
    }
}
