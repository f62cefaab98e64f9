//! Attestations: signed statements about gate runs, SBOMs and decisions, made in the transaction of what they tell of, and
//! the evidence bundle of a deployment.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::gate::{Gate, Report, Verdict};
use domain::id::DeploymentId;
use evidence::{
    Attested, CanonicalError, External, GATE_TYPE, GateRun, Origin, SBOM_TYPE, Statement, Subjects,
};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::error::Error;
use crate::policies;
use crate::store;
use crate::store::entity::{agent, deployment, gate_run, statement, version};
use crate::store::statements::EXTERNAL;
use crate::transact::Tx;

mod bundle;
mod decide;
mod download;
mod hand_in;
mod retain;

pub(crate) use bundle::attested_gates;
pub(crate) use decide::decide;
pub use download::{Download, Form, download};
pub use hand_in::hand_in;
pub(crate) use hand_in::handed_in;
pub(crate) use retain::{removal_of, remove_old};

/// What was judged or built, where: what a statement is kept with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) agent: &'a agent::Model,
    pub(crate) version: &'a version::Model,
    pub(crate) row: &'a deployment::Model,
}

fn failed(error: CanonicalError) -> Error {
    Error::internal("attestations", error)
}

/// The build that a version is now; `None` without an image.
fn subjects(version: &version::Model) -> Option<Subjects> {
    Some(Subjects {
        commit: version.commit_id.clone(),
        image: version.image_digest.clone()?,
        config_bundle: version.config_digest.clone(),
    })
}

/// What a gate came to, beside its report.
#[derive(Debug, Clone)]
pub(crate) struct Outcome<'a> {
    pub(crate) report: &'a Report,
    pub(crate) report_digest: &'a str,
    pub(crate) verdict: Verdict,
    pub(crate) waivers: Vec<String>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) external: Option<External>,
}

/// The two statements of a gate run, signed, to be kept when it settles. None for a version without an image: there is no
/// build yet that they could be about.
pub(crate) async fn of_gate(
    cp: &ControlPlane,
    about: About<'_>,
    run: &gate_run::Model,
    outcome: &Outcome<'_>,
) -> Result<Vec<statement::Model>, Error> {
    let Some(subjects) = subjects(about.version) else {
        return Ok(Vec::new());
    };
    let row = about.row;
    // Reads the policy that the deployment keeps, overrides and all: its digest is what anybody can compare.
    let policy = policies::document_of(cp.reader(), row.policy_version).await?;
    let policy_digest = policies::digest(&policy)?;
    // The run that was handed in was read before it began.
    let begun = store::gates::of(cp.reader(), row.id).await?;
    let begun = begun.iter().find(|one| one.id == run.id);
    let told = GateRun {
        report: outcome.report,
        verdict: outcome.verdict,
        waivers: outcome.waivers.clone(),
        deployment: row.number,
        agent: &about.agent.slug,
        version: &about.version.number,
        environment: row.environment,
        policy_version: policy.version,
        policy_digest: &policy_digest,
        attempts: u32::try_from(begun.map_or(run.attempts, |one| one.attempts)).unwrap_or(0),
        started_on: begun.and_then(|one| one.started_at).map(store::time::text),
        finished_on: store::time::text(outcome.at),
        url: format!(
            "{}/deployments/{}/evaluation#{}",
            cp.settings().base_url,
            row.number,
            run.gate
        ),
        external: outcome.external.clone(),
    };
    let statements = evidence::gate_statements(&subjects, &told).map_err(failed)?;
    statements
        .iter()
        .map(|one| {
            let attested = Attested::sign(cp.checkpoint_key(), one).map_err(failed)?;
            let digest = Some(outcome.report_digest.to_owned());
            Ok(kept(about, Some(run.gate), attested, digest, outcome.at))
        })
        .collect()
}

/// The statement of an SBOM, to be kept when the image is noted.
pub(crate) fn of_sbom(
    cp: &ControlPlane,
    about: About<'_>,
    image: &str,
    (text, digest): (&str, &str),
    at: DateTime<Utc>,
) -> Result<Option<statement::Model>, Error> {
    let subjects = Subjects {
        commit: about.version.commit_id.clone(),
        image: image.to_owned(),
        config_bundle: about.version.config_digest.clone(),
    };
    let Some(statement) = evidence::sbom(&subjects, text) else {
        return Ok(None);
    };
    let attested = Attested::sign(cp.checkpoint_key(), &statement).map_err(failed)?;
    Ok(Some(kept(
        about,
        None,
        attested,
        Some(digest.to_owned()),
        at,
    )))
}

/// Keeps statements in the caller's transaction.
pub(crate) async fn keep(tx: &Tx, rows: &[statement::Model]) -> Result<(), Error> {
    for row in rows {
        store::statements::keep(tx, row.clone()).await?;
    }
    Ok(())
}

fn kept(
    about: About<'_>,
    gate: Option<Gate>,
    attested: Attested,
    report_digest: Option<String>,
    at: DateTime<Utc>,
) -> statement::Model {
    statement::Model {
        digest: attested.digest(),
        deployment_id: about.row.id,
        version_id: about.version.id,
        gate,
        predicate_type: attested.predicate_type,
        origin: word(attested.origin).to_owned(),
        report_digest,
        line: attested.line,
        created_at: at,
    }
}

const fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Clearance => "clearance",
        Origin::External => EXTERNAL,
    }
}

/// A kept statement as a line of a bundle.
fn line(row: &statement::Model) -> Attested {
    Attested {
        line: row.line.clone(),
        predicate_type: row.predicate_type.clone(),
        origin: if row.origin == EXTERNAL {
            Origin::External
        } else {
            Origin::Clearance
        },
    }
}

/// What a kept line says.
fn statement_of(row: &statement::Model) -> Option<Statement> {
    let envelope = evidence::Envelope::parse_line(row.line.as_bytes()).ok()?;
    Statement::parse(envelope.payload()).ok()
}

/// The kept statements that a deployment's bundle is made of, and the deployments that its gates ran in.
#[derive(Debug)]
struct Kept {
    rows: Vec<statement::Model>,
    own: DeploymentId,
    carried: Vec<deployment::Model>,
}

impl Kept {
    async fn read(
        db: &impl ConnectionTrait,
        row: &deployment::Model,
        runs: &[gate_run::Model],
    ) -> Result<Self, Error> {
        let numbers: BTreeSet<i64> = runs.iter().filter_map(|run| run.carried_from).collect();
        let carried = store::deployments::by_numbers(db, numbers.into_iter().collect()).await?;
        let ids = carried.iter().map(|from| from.id).chain([row.id]).collect();
        let rows = store::statements::of(db, ids, (row.version_id, SBOM_TYPE)).await?;
        Ok(Self {
            rows,
            own: row.id,
            carried,
        })
    }

    /// Where a gate ran.
    fn place(&self, run: &gate_run::Model) -> Option<DeploymentId> {
        let Some(number) = run.carried_from else {
            return Some(self.own);
        };
        let from = self.carried.iter().find(|from| from.number == number)?;
        Some(from.id)
    }

    /// The statements of one gate run: made where it ran, about its very report.
    fn of_run<'a>(&'a self, run: &gate_run::Model) -> impl Iterator<Item = &'a statement::Model> {
        let place = self.place(run);
        let (gate, report) = (run.gate, run.evidence_digest.clone());
        self.rows.iter().filter(move |one| {
            one.gate == Some(gate)
                && Some(one.deployment_id) == place
                && one.report_digest.is_some()
                && one.report_digest == report
        })
    }

    /// Our own statement of a gate run.
    fn evidence_of(&self, run: &gate_run::Model) -> Option<&statement::Model> {
        self.of_run(run).find(|one| one.predicate_type == GATE_TYPE)
    }
}
