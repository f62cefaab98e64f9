//! Which gate results count now: a waived one only while every waiver it leans on stands, and none that is too old.

use chrono::{DateTime, Utc};
use domain::environment::Environment;
use domain::gate::{Gate, Report, Verdict};
use domain::policy::EnvironmentPolicy;
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, deployment, gate_run, waiver};
use crate::transact::Tx;
use crate::waivers;

/// Gate runs with the waivers that they lean on.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) runs: Vec<gate_run::Model>,
    pub(crate) leans: Vec<(Gate, waiver::Model)>,
}

impl Counted {
    /// The verdicts that count now.
    pub(crate) fn counting(
        &self,
        rules: &EnvironmentPolicy,
        now: DateTime<Utc>,
    ) -> Vec<(Gate, Verdict)> {
        self.runs
            .iter()
            .filter_map(|run| {
                let verdict = run.verdict?;
                let ended = self.ended(run.gate, now).is_some();
                let verdict = if ended { Verdict::Failed } else { verdict };
                let fresh = run.settled_at.is_none_or(|at| rules.is_fresh(at, now));
                (run.gate == Gate::Health || fresh).then_some((run.gate, verdict))
            })
            .collect()
    }

    /// A waiver that a gate leans on and that stands no more.
    pub(crate) fn ended(&self, gate: Gate, now: DateTime<Utc>) -> Option<&waiver::Model> {
        self.leans
            .iter()
            .find(|(of, waiver)| *of == gate && !waivers::stands(waiver, now))
            .map(|(_, waiver)| waiver)
    }

    /// Why a gate does not count any more, if it did.
    pub(crate) fn why_not(
        &self,
        gate: Gate,
        rules: &EnvironmentPolicy,
        now: DateTime<Utc>,
    ) -> Option<String> {
        if let Some(waiver) = self.ended(gate, now) {
            return Some(waivers::ended_in_words(waiver, now));
        }
        let run = self.runs.iter().find(|r| r.gate == gate)?;
        let hours = rules.evidence_hours?;
        let old = !rules.is_fresh(run.settled_at?, now);
        old.then(|| format!("Its evidence is older than {hours} hours; push again to judge anew"))
    }

    /// Notes the waivers that a deployment's gates lean on.
    pub(crate) async fn lean(
        &self,
        tx: &Tx,
        row: &deployment::Model,
        gates: &[Gate],
    ) -> Result<(), Error> {
        for (gate, waiver) in self.leans.iter().filter(|(gate, _)| gates.contains(gate)) {
            store::waivers::lean(tx, waiver.id, row.id, *gate).await?;
        }
        Ok(())
    }
}

/// A deployment's gate runs with the waivers that they lean on. One statement.
pub(crate) async fn counted(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
    runs: &[gate_run::Model],
) -> Result<Counted, Error> {
    let leans = store::waivers::leans(db, vec![row.id]).await?;
    Ok(Counted {
        runs: runs.to_vec(),
        leans: leans.into_iter().map(|(_, gate, w)| (gate, w)).collect(),
    })
}

/// Gate runs of non-prod as production would take them over: what failed there, or was waived for there alone, counts in
/// production by waivers for production.
pub(crate) async fn for_production(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
    runs: &[gate_run::Model],
    now: DateTime<Utc>,
) -> Result<Counted, Error> {
    let judged_bad =
        |run: &&gate_run::Model| matches!(run.verdict, Some(Verdict::Failed | Verdict::Waived));
    let digests: Vec<String> = runs
        .iter()
        .filter(judged_bad)
        .filter_map(|run| run.evidence_digest.clone())
        .collect();
    let mut counted = Counted {
        runs: runs.to_vec(),
        leans: Vec::new(),
    };
    if digests.is_empty() {
        return Ok(counted);
    }
    let evidence = store::evidence::many(db, digests).await?;
    for run in &mut counted.runs {
        if !judged_bad(&&*run) {
            continue;
        }
        run.verdict = Some(Verdict::Failed);
        let kept = evidence
            .iter()
            .find(|e| Some(&e.digest) == run.evidence_digest.as_ref());
        let Some(kept) = kept else { continue };
        let report: Report = store::from_json(&kept.body)?;
        let covering = waivers::covering(db, agent, Environment::Production, &report, now).await?;
        if let Some(waived) = covering {
            run.verdict = Some(Verdict::Waived);
            run.reason = Some("waived".to_owned());
            let summary = domain::text::cut(&domain::text::visible(&report.summary), 200);
            run.summary = format!("{summary}; waived by {}", waivers::named(&waived));
            counted
                .leans
                .extend(waived.into_iter().map(|w| (run.gate, w)));
        }
    }
    Ok(counted)
}
