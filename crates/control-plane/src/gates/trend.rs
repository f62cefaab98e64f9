//! How an agent's scores moved: the measures of its last versions in non-prod, where they are judged.

use std::collections::BTreeMap;

use domain::environment::Environment;
use domain::gate::{Gate, Report};
use domain::view::evaluation::{Point, Series, Trend};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// Deployments that are looked at.
const LAST: u64 = 12;
/// Characters of a report that is looked at. A page must not read hundreds of megabytes of answers for twelve numbers.
const REPORT: i32 = 1_000_000;

/// The scores of an agent's last deployments to non-prod, measure by measure, oldest first. A constant number of statements.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn trend(cp: &ControlPlane, ctx: &OpCtx, slug: &str) -> Result<Trend, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let environment = Some(Environment::NonProd);
    let mut rows = store::deployments::history(db, agent.id, environment, LAST).await?;
    rows.reverse();
    let versions = rows.iter().map(|row| row.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let runs = store::policies::gate_runs(db, rows.iter().map(|row| row.id).collect()).await?;
    let judged = runs
        .iter()
        .filter(|run| run.gate.needs_agent() && run.gate != Gate::Health);
    let digests = judged.clone().filter_map(|run| run.evidence_digest.clone());
    let reports = store::evidence::short(db, digests.collect(), REPORT).await?;
    let mut series: BTreeMap<(Gate, String), Vec<Point>> = BTreeMap::new();
    for row in &rows {
        let version = versions.iter().find(|v| v.id == row.version_id);
        for run in judged.clone().filter(|run| run.deployment_id == row.id) {
            let kept = reports
                .iter()
                .find(|one| Some(&one.digest) == run.evidence_digest.as_ref());
            let (Some(kept), Some(at)) = (kept, run.settled_at) else {
                continue;
            };
            let report: Report = store::from_json(&kept.body)?;
            for measure in report.measures {
                let key = (run.gate, measure.name.clone());
                series.entry(key).or_default().push(Point {
                    version: version.map(|v| v.number.clone()).unwrap_or_default(),
                    number: row.number,
                    at: store::time::text(at),
                    measure,
                });
            }
        }
    }
    let series = series.into_iter().map(|((gate, measure), points)| Series {
        gate,
        measure,
        points,
    });
    Ok(Trend {
        agent: agent.slug,
        series: series.collect(),
    })
}
