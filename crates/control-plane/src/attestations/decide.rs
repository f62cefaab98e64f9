//! The decision to let a version go to production, as a statement.

use domain::environment::Environment;
use domain::event::AuditAction;
use domain::gate::Gate;
use evidence::{
    Attested, Authority, Circumstances, DECISION_TYPE, Decided, DecidedGate, DigestSet, SBOM_TYPE,
    Statement, Subjects,
};

use super::{About, Kept, failed, keep, kept, subjects};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::policies;
use crate::store;
use crate::store::entity::{gate_run, statement};
use crate::transact::Tx;
use crate::waivers;

/// Writes the decision once, in the transaction in which the approval or the permission is used up. It names the statement
/// of every gate that counted.
pub(crate) async fn decide(
    cp: &ControlPlane,
    tx: &Tx,
    ctx: &OpCtx,
    about: About<'_>,
    manifest: &str,
    authority: Authority,
) -> Result<(), Error> {
    let row = about.row;
    let production = row.environment == Environment::Production;
    let Some(subjects) = subjects(about.version).filter(|_| production) else {
        return Ok(());
    };
    let runs = store::gates::of(&**tx, row.id).await?;
    let found = Kept::read(&**tx, row, &runs).await?;
    let made =
        |one: &statement::Model| one.deployment_id == row.id && one.predicate_type == DECISION_TYPE;
    if found.rows.iter().any(made) {
        return Ok(());
    }
    let (gates, mut inputs) = counted(tx, about, &runs, &found).await?;
    inputs.extend(found.sboms(&subjects).map(|one| one.digest.clone()));
    let policy = policies::document_of(&**tx, row.policy_version).await?;
    let digest = policies::digest(&policy)?;
    let decided = Decided {
        deployment: row.number,
        agent: about.agent.slug.clone(),
        version: about.version.number.clone(),
        environment: row.environment,
        manifest: DigestSet::sha256(manifest),
        approval: matches!(authority, Authority::Approval)
            .then(|| identities::approval_number(row))
            .flatten(),
        authority,
        policy_version: policy.version,
        gates,
    };
    let under = Circumstances {
        base_url: &cp.settings().base_url,
        program: env!("CARGO_PKG_VERSION"),
        time: &store::time::text(ctx.now()),
        image: &subjects.image,
        policy_digest: &digest,
        inputs: &inputs,
    };
    let predicate = evidence::decision(&under, decided);
    let statement = Statement::new(&subjects, DECISION_TYPE, predicate.map_err(failed)?);
    let attested = Attested::sign(cp.checkpoint_key(), &statement).map_err(failed)?;
    let made = kept(about, None, attested, None, ctx.now());
    let event = Event::new(
        AuditAction::DecisionSigned,
        "deployment",
        row.number.to_string(),
    )
    .agent(&about.agent.slug)
    .deployment(row.number)
    .digest(Some(manifest))
    .with("statement", format!("sha256:{}", made.digest));
    keep(tx, &[made]).await?;
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// The gates that counted, and the digests of their statements. Health is of the attempt, and judged later.
async fn counted(
    tx: &Tx,
    about: About<'_>,
    runs: &[gate_run::Model],
    found: &Kept,
) -> Result<(Vec<DecidedGate>, Vec<String>), Error> {
    let row = about.row;
    let leans = store::waivers::leans(&**tx, vec![row.id]).await?;
    let leant_on = |gate: Gate| {
        let of = leans.iter().filter(|(_, g, _)| *g == gate);
        of.map(|(_, _, waiver)| waivers::called(waiver)).collect()
    };
    let mut gates = Vec::new();
    let mut inputs = Vec::new();
    for run in runs.iter().filter(|run| run.gate != Gate::Health) {
        let (Some(verdict), Some(report)) = (run.verdict, run.evidence_digest.as_ref()) else {
            continue;
        };
        inputs.extend(found.of_run(run).map(|one| one.digest.clone()));
        gates.push(DecidedGate {
            gate: run.gate,
            verdict,
            report: DigestSet::sha256(report),
            carried_from: run.carried_from,
            waivers: leant_on(run.gate),
            attestation: found
                .evidence_of(run)
                .map(|one| DigestSet::sha256(&one.digest)),
        });
    }
    gates.sort_by_key(|gate| gate.gate);
    Ok((gates, inputs))
}

impl Kept {
    /// The SBOM's statements for one build. The same build may have been made again after its image was removed.
    pub(super) fn sboms<'a>(
        &'a self,
        subjects: &'a Subjects,
    ) -> impl Iterator<Item = &'a statement::Model> {
        self.rows.iter().filter(move |one| {
            one.predicate_type == SBOM_TYPE
                && super::statement_of(one).is_some_and(|found| subjects.are(&found.subject))
        })
    }
}
