//! Evaluation suites: those that an agent was last judged by, and what a file would be worth before it is committed. The
//! repository keeps them; nothing is changed here.

use domain::environment::Environment;
use domain::form::suite::SuiteForm;
use domain::gate::{Gate, Report, Verdict};
use domain::policy::Policy;
use domain::view::suite::{AgentSuites, GateSuites, SuiteAdvice, SuiteCheck, SuiteFileRow};
use evidence::GateRun;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::policies::{self, Whom};
use crate::ports::evaluator::SuiteFile;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, deployment, version};

/// Deployments that are looked at for one whose gates asked the agent.
const LAST: u64 = 12;

/// The suites that an agent's newest judged version has, gate by gate, with what they can show under the policy in force.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn of(cp: &ControlPlane, ctx: &OpCtx, slug: &str) -> Result<AgentSuites, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let found = newest(db, &agent).await?;
    let policy = match &found {
        Some((_, version, _)) => {
            policies::current(db, &Whom::of(db, &agent, version).await?).await?
        }
        None => policies::document(db).await?,
    };
    let told = found.as_ref().map_or(&[][..], |(_, _, told)| told);
    let gates = Gate::ALL.iter().copied().filter(|gate| gate.has_suites());
    Ok(AgentSuites {
        agent: agent.slug.clone(),
        judged: found
            .as_ref()
            .map(|(row, version, _)| (version.number.clone(), row.number)),
        gates: gates.map(|gate| suites(cp, &policy, gate, told)).collect(),
    })
}

type Told = (Report, Verdict);

/// The newest deployment to non-prod with a report of a gate that has suites.
async fn newest(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
) -> Result<Option<(deployment::Model, version::Model, Vec<Told>)>, Error> {
    let environment = Some(Environment::NonProd);
    let rows = store::deployments::history(db, agent.id, environment, LAST).await?;
    let runs = store::policies::gate_runs(db, rows.iter().map(|row| row.id).collect()).await?;
    let judged = |row: &&deployment::Model| {
        let its = runs.iter().filter(|run| run.deployment_id == row.id);
        its.clone()
            .any(|run| run.gate.has_suites() && run.settled_at.is_some())
    };
    let Some(row) = rows.iter().find(judged) else {
        return Ok(None);
    };
    let its = runs
        .into_iter()
        .filter(|run| run.deployment_id == row.id && run.gate.has_suites());
    let told = gates::reports(db, its.collect()).await?.into_iter();
    let told = told
        .filter_map(|(run, report)| Some((report, run.verdict?)))
        .collect();
    let version = store::versions::get(db, row.version_id).await?;
    Ok(Some((row.clone(), version, told)))
}

fn suites(cp: &ControlPlane, policy: &Policy, gate: Gate, told: &[Told]) -> GateSuites {
    let report = told.iter().find(|(report, _)| report.gate == gate);
    let files = report.map_or_else(Vec::new, |(report, _)| files(report));
    let cases = files.iter().filter_map(|file| file.cases).sum();
    GateSuites {
        gate,
        advice: advice(cp, policy, gate, cases),
        files,
        verdict: report.map(|(_, verdict)| *verdict),
    }
}

/// The suites that a report names: the engine with the number of their cases, we with their digest.
fn files(report: &Report) -> Vec<SuiteFileRow> {
    let mut rows: Vec<SuiteFileRow> = Vec::new();
    for (name, value) in &report.basis {
        let digest = GateRun::suite_of(name);
        let Some(file) = digest.or_else(|| name.strip_prefix("suite ")) else {
            continue;
        };
        let at = rows.iter().position(|row| row.file == file);
        let at = at.unwrap_or_else(|| {
            rows.push(SuiteFileRow {
                file: file.to_owned(),
                cases: None,
                digest: None,
            });
            rows.len() - 1
        });
        let Some(row) = rows.get_mut(at) else {
            continue;
        };
        if digest.is_some() {
            row.digest = Some(value.clone());
        } else {
            let number = value.split(' ').next();
            row.cases = number.and_then(|number| number.parse().ok());
        }
    }
    rows
}

fn advice(cp: &ControlPlane, policy: &Policy, gate: Gate, cases: u32) -> SuiteAdvice {
    let bar = policy.bar(gate);
    SuiteAdvice {
        cases,
        threshold: bar.threshold,
        needed: cp.ports().evaluator.needed(gate, bar),
    }
}

/// What a file is worth as a suite under the policy in force: its cases, its problems with their places, what is in it and
/// not judged, and the same as rows of ours. Nothing is kept.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unauthenticated`], [`Error::Forbidden`].
pub async fn check(cp: &ControlPlane, ctx: &OpCtx, form: &SuiteForm) -> Result<SuiteCheck, Error> {
    reading::teams(ctx)?;
    let asked = form.parse()?;
    let policy = policies::document(cp.reader()).await?;
    let file = SuiteFile {
        name: asked.name,
        text: asked.text,
    };
    let examined = cp.ports().evaluator.examine(asked.gate, &file).await;
    let examined = examined.map_err(|error| Error::internal("suites::check", error))?;
    Ok(SuiteCheck {
        format: examined.format,
        advice: advice(cp, &policy, asked.gate, examined.cases),
        problems: examined.problems,
        unsupported: examined.unsupported,
        rows: examined.rows,
    })
}
