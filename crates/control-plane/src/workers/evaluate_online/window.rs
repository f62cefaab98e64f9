//! Holds the newest scored exchanges of each gate against its threshold, and says so where they are shown to lie below.

use domain::deployment::DeploymentState;
use domain::gate::{Gate, Measure, Verdict};
use domain::online::{ExchangeOrigin, ONLINE_GATES, tally};
use domain::policy::OnBreach;

use super::Round;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::rollbacks;
use crate::store;
use crate::store::entity::{deployment, online_exchange, online_window};
use crate::topic::Topic;
use crate::transact::Tx;

/// What the window of a gate came to.
pub(super) struct Judged {
    gate: Gate,
    measure: Measure,
    probes: i32,
    sampled: i32,
    /// Shown to be below the threshold, by as many exchanges as the policy asks for.
    breached: bool,
}

/// What each window comes to with the exchanges of this round. A window that is not full breaches nothing: a few bad answers
/// in a row come by chance. What must not happen needs no full window.
pub(super) async fn hold(
    cp: &ControlPlane,
    round: &Round,
    fresh: &[online_exchange::Model],
) -> Result<Vec<Judged>, Error> {
    let size = usize::try_from(round.rules.window).unwrap_or(usize::MAX);
    let mut judged = Vec::new();
    for gate in ONLINE_GATES {
        let decided = |verdict| matches!(verdict, Verdict::Passed | Verdict::Failed);
        let mut seen: Vec<(String, Verdict, ExchangeOrigin)> = fresh
            .iter()
            .rev()
            .filter(|one| one.gate == gate && decided(one.verdict))
            .map(|one| (one.case_key.clone(), one.verdict, one.origin))
            .collect();
        let limit = u64::from(round.rules.window);
        let before = store::online::scored(cp.reader(), round.row.id, gate, limit).await?;
        seen.extend(before);
        seen.truncate(size);
        if seen.is_empty() {
            continue;
        }
        let threshold = round.policy.online_threshold(gate);
        let hard = threshold >= 1.0;
        let cases = seen
            .iter()
            .map(|(case, verdict, _)| (case.as_str(), *verdict));
        let measure = cp.ports().evaluator.hold(tally(cases, hard), threshold);
        let sampled = seen
            .iter()
            .filter(|(_, _, origin)| *origin == ExchangeOrigin::Traffic)
            .count();
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        judged.push(Judged {
            gate,
            breached: measure.verdict == Verdict::Failed && (hard || seen.len() >= size),
            measure,
            probes: count(seen.len() - sampled),
            sampled: count(sampled),
        });
    }
    Ok(judged)
}

/// Keeps what a window came to; `known` is what the windows came to before. One that was not below its threshold before and is now is a breach.
pub(super) async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    round: &Round,
    (row, known): (&deployment::Model, &[online_window::Model]),
    judged: &Judged,
) -> Result<(), Error> {
    let since = known
        .iter()
        .find(|window| window.gate == judged.gate)
        .and_then(|window| window.breached_since);
    let kept = online_window::Model {
        deployment_id: row.id,
        gate: judged.gate,
        measure: store::to_json(&judged.measure)?,
        probes: judged.probes,
        sampled: judged.sampled,
        judged_at: ctx.now(),
        breached_since: judged.breached.then(|| since.unwrap_or_else(|| ctx.now())),
    };
    store::online::keep_window(tx, kept).await?;
    tx.touch(Topic::new("deployment", row.number.to_string()));
    // What ended while it was asked is nothing to roll back.
    if !judged.breached || since.is_some() || row.state != DeploymentState::Live {
        return Ok(());
    }
    let roll_back = round.rules.on_breach == OnBreach::RollBack;
    rollbacks::breached(tx, ctx, (&round.agent, row), &said(judged), roll_back).await
}

/// The breach in one sentence.
fn said(judged: &Judged) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let measure = &judged.measure;
    format!(
        "{} in production: {} of {} cases passed ({} to {}), below {}.",
        judged.gate.label(),
        measure.passed,
        measure.total,
        percent(measure.low),
        percent(measure.high),
        percent(measure.threshold)
    )
}
