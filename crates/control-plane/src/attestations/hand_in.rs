//! Results of others: signed statements that are handed in for gates which the policy has somebody else judge.

use audit_log::VerifierKey;
use domain::authz::{Action, Facts};
use domain::canonical;
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::gate::{Gate, GateRunState, Report, Verdict};
use domain::policy::{Policy, Signer};
use domain::view::evaluation::HandedIn;
use evidence::{Attested, DigestSet, External, ExternalError, Handed, Origin, open_external};

use super::{About, kept, subjects};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::entity::{deployment, version};
use crate::transact::Tx;

/// Takes a result for a deployment that waits for it. The same envelope again changes nothing; another one for the same
/// gate is refused.
///
/// # Errors
/// [`Error::Invalid`] on `envelope` says what is wrong with it: no envelope, an unknown signer, another build or
/// deployment, a gate that the signer is not trusted for. [`Conflict::NotAwaited`] when the gate does not wait for one.
pub async fn hand_in(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
    envelope: &[u8],
) -> Result<HandedIn, Error> {
    ctx.signed_in()?;
    let db = cp.reader();
    let row = store::deployments::by_number(db, number).await?;
    let agent = store::agents::get(db, row.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    let may = ctx.authorize_on(Action::Deploy, facts, "deployment");
    cp.noted("attestations::hand_in", ctx, may).await?;
    let version = store::versions::get(db, row.version_id).await?;
    let whom = Whom::of(db, &agent, &version).await?;
    let policy = policies::of(db, row.policy_version, &whom).await?;
    let (handed, signer) = open(&policy, &version, number, envelope)?;
    let gate = handed.report.gate;
    if !signer.gates.contains(&gate) {
        return Err(wrong(FieldProblem::NotTheirGate));
    }
    if !reaches(&handed.report, policy.threshold(gate)) {
        return Err(wrong(FieldProblem::BelowThreshold));
    }
    let report = canonical::digest_of(&handed.report)
        .map_err(|e| Error::internal("attestations::hand_in", e))?;
    let attested = attested(&handed);
    let told = HandedIn {
        number,
        gate,
        verdict: handed.report.verdict,
        signer: signer.signer.clone(),
        envelope: format!("sha256:{}", attested.digest()),
    };
    let about = About {
        agent: &agent,
        version: &version,
        row: &row,
    };
    let line = kept(about, Some(gate), attested, Some(report), ctx.now());
    cp.transact("attestations::hand_in", ctx, |tx: Tx| {
        let (line, agent, told) = (&line, &agent, &told);
        async move {
            let tx = &tx;
            // Two at once take turns; the second sees the first.
            store::agents::lock(tx, agent.id).await?;
            let row = store::deployments::get(&**tx, line.deployment_id).await?;
            let known = store::statements::handed_in(&**tx, row.id, gate).await?;
            if let Some(known) = known {
                return if known.digest == line.digest {
                    Ok(told.clone())
                } else {
                    Err(Error::conflict(Conflict::NotAwaited))
                };
            }
            awaited(tx, &row, gate).await?;
            store::statements::keep(tx, line.clone()).await?;
            store::deployments::hurry(tx, row.id, ctx.now()).await?;
            let event = Event::new(AuditAction::ResultHandedIn, "gate", gate.as_str())
                .agent(&agent.slug)
                .deployment(row.number)
                .digest(line.report_digest.as_deref())
                .with("signer", &told.signer)
                .with("verdict", told.verdict)
                .with("envelope", &told.envelope);
            audit::append(tx, ctx, event).await?;
            Ok(told.clone())
        }
    })
    .await
}

fn wrong(problem: FieldProblem) -> Error {
    Error::Invalid(ValidationErrors::one("envelope", problem))
}

/// The keys of a policy's signers. Only what parses was taken when the policy was proposed.
fn keys(signers: &[Signer]) -> Vec<VerifierKey> {
    signers
        .iter()
        .filter_map(|one| one.key.parse().ok())
        .collect()
}

/// What was handed in, with who signed it.
fn open<'a>(
    policy: &'a Policy,
    version: &version::Model,
    number: i64,
    envelope: &[u8],
) -> Result<(Handed, &'a Signer), Error> {
    let subjects = subjects(version).ok_or(Error::conflict(Conflict::NotAwaited))?;
    let keys = keys(&policy.external_results);
    let handed = open_external(envelope, &keys, &subjects, number).map_err(|error| {
        wrong(match error {
            ExternalError::TooLarge | ExternalError::Malformed => FieldProblem::BadEnvelope,
            ExternalError::Signer => FieldProblem::UnknownSigner,
            ExternalError::Subject => FieldProblem::OtherBuild,
            ExternalError::Deployment => FieldProblem::OtherDeployment,
            ExternalError::Contradiction => FieldProblem::Contradiction,
        })
    })?;
    let key = keys.get(handed.signer).map(ToString::to_string);
    // Two names may hold one key; the one that is trusted for the gate counts.
    let named = || {
        let all = policy.external_results.iter();
        all.filter(|one| Some(&one.key) == key.as_ref())
    };
    let signer = named()
        .find(|one| one.gates.contains(&handed.report.gate))
        .or_else(|| named().next())
        .ok_or_else(|| wrong(FieldProblem::UnknownSigner))?;
    Ok((handed, signer))
}

/// A pass shows scores that reach what the policy asks for. Scans have findings and no scores.
fn reaches(report: &Report, threshold: f64) -> bool {
    let scans = matches!(report.gate, Gate::StaticAnalysis | Gate::ImageScan);
    report.verdict != Verdict::Passed
        || scans
        || (!report.measures.is_empty() && report.measures.iter().all(|m| m.value >= threshold))
}

fn attested(handed: &Handed) -> Attested {
    Attested {
        line: handed.line.clone(),
        predicate_type: evidence::RESULT_TYPE.to_owned(),
        origin: Origin::External,
    }
}

/// Refuses what nobody waits for.
async fn awaited(tx: &Tx, row: &deployment::Model, gate: Gate) -> Result<(), Error> {
    let runs = store::gates::of(&**tx, row.id).await?;
    let open = runs
        .iter()
        .any(|run| run.gate == gate && run.state != GateRunState::Settled);
    if open && row.state.in_progress() {
        Ok(())
    } else {
        Err(Error::conflict(Conflict::NotAwaited))
    }
}

/// The result that was handed in for a gate of a deployment, checked once more against the policy that it keeps.
pub(crate) async fn handed_in(
    cp: &ControlPlane,
    about: About<'_>,
    gate: Gate,
    policy: &Policy,
) -> Result<Option<(Report, External)>, Error> {
    let row = about.row;
    let Some(kept) = store::statements::handed_in(cp.reader(), row.id, gate).await? else {
        return Ok(None);
    };
    let (handed, signer) = open(policy, about.version, row.number, kept.line.as_bytes())?;
    let external = External {
        signer: signer.signer.clone(),
        key: signer.key.clone(),
        envelope: DigestSet::sha256(&kept.digest),
    };
    Ok(Some((handed.report, external)))
}
