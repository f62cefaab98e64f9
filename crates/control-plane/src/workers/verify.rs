//! Verifying: health everywhere, and in non-prod the gates that ask the running agent. Then the version goes live.

mod against_live;

use std::time::Duration;

use domain::agent::Model;
use domain::deployment::{DeploymentKind, LogLevel, Step};
use domain::gate::{Gate, GateRunState, Report, Verdict};
use domain::policy::{Bar, Policy};
use domain::runtime::RuntimeHealth;
use evidence::GateRun;

use super::ask::ask_all;
use super::build::source;
use super::check::{refuse_failed, refuse_unmet, settle, start, step_of};
use super::step::{Job, StepError, alive, say};
use super::{external, go_live, names};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::policies::{self, Whom};
use crate::ports::evaluator::SuiteFile;
use crate::ports::{PortError, PortErrorKind};
use crate::store;
use crate::store::entity::gate_run;
use crate::versions;

/// Healthy answers in a row that make an agent healthy.
const HEALTHY_IN_A_ROW: u32 = 3;
/// Between two looks at a starting agent.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Runs what is pending, then goes live.
pub(crate) async fn verify(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    let whom = Whom::of(cp.reader(), &job.agent, &job.version).await?;
    let policy = policies::of(cp.reader(), job.row.policy_version, &whom).await?;
    let runs = store::gates::of(cp.reader(), job.row.id).await?;
    for run in runs
        .iter()
        .filter(|r| r.gate == Gate::Health && r.state != GateRunState::Settled)
    {
        start(cp, ctx, job, run).await?;
        let report = alive(cp, ctx, job, Step::Health, |_| async move {
            health(cp, job).await
        })
        .await??;
        settle(cp, ctx, job, run, Ok(report)).await?;
    }
    refuse_failed(cp, &store::gates::of(cp.reader(), job.row.id).await?).await?;
    let mut pending: Vec<&gate_run::Model> = runs
        .iter()
        .filter(|r| {
            r.gate != Gate::Health && r.gate.needs_agent() && r.state != GateRunState::Settled
        })
        .collect();
    // What others judge may take its time, so what is judged here comes first.
    pending.sort_by_key(|run| external::is_external(&policy, run.gate));
    for run in pending {
        if external::is_external(&policy, run.gate) {
            external::judge(cp, ctx, job, run, &policy).await?;
        } else {
            run_agent_gate(cp, ctx, job, run, &policy).await?;
        }
    }
    let runs = store::gates::of(cp.reader(), job.row.id).await?;
    refuse_failed(cp, &runs).await?;
    // What restores an earlier version does so whatever ended or grew old since.
    if job.row.environment == domain::environment::Environment::Production
        && job.row.kind != DeploymentKind::Rollback
    {
        refuse_unmet(cp, ctx, job, &policy.production, &runs).await?;
    }
    go_live::go_live(cp, ctx, job).await
}

/// Waits for the agent to answer its health check, a few times in a row, within its start time.
async fn health(cp: &ControlPlane, job: &Job) -> Result<Report, StepError> {
    let name = names::runtime(job.row.number);
    let limit = Duration::from_secs(u64::from(
        versions::manifest(&job.version)?
            .runtime
            .start_timeout_seconds,
    ));
    let clock = cp.clock();
    let began = clock.instant();
    let (mut row, mut last) = (0, "it has not answered yet".to_owned());
    while clock.instant().duration_since(began) < limit {
        match cp.ports().runtime.health(&name).await {
            Ok(RuntimeHealth::Healthy) => {
                row += 1;
                if row >= HEALTHY_IN_A_ROW {
                    let summary = format!("{HEALTHY_IN_A_ROW} healthy answers in a row");
                    return Ok(report(Verdict::Passed, None, summary));
                }
            }
            Ok(RuntimeHealth::Stopped) => {
                return Ok(report(
                    Verdict::Failed,
                    Some("stopped"),
                    format!("The agent stopped.{}", last_words(cp, &name).await),
                ));
            }
            Ok(state) => {
                row = 0;
                last = format!("it is {}", state.label().to_lowercase());
            }
            Err(error) if error.kind == PortErrorKind::NotFound => {
                return Ok(report(
                    Verdict::Failed,
                    Some("gone"),
                    "The runtime is gone.".to_owned(),
                ));
            }
            Err(error) => {
                row = 0;
                last = domain::text::cut(&domain::text::visible(&error.message), 160);
            }
        }
        clock.sleep(LOOK_EVERY).await;
    }
    let summary = format!(
        "Not healthy within {} s: {last}.{}",
        limit.as_secs(),
        last_words(cp, &name).await
    );
    Ok(report(Verdict::Failed, Some("not_healthy"), summary))
}

/// The last line an agent wrote, which most often says why it stopped.
async fn last_words(cp: &ControlPlane, name: &str) -> String {
    let tail = cp
        .ports()
        .runtime
        .log_tail(name, 20)
        .await
        .unwrap_or_default();
    let last = tail.iter().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(String::new, |line| {
        format!(" Its last line: {}", domain::text::cut(line.trim(), 120))
    })
}

fn report(verdict: Verdict, reason: Option<&str>, summary: String) -> Report {
    Report {
        gate: Gate::Health,
        verdict,
        reason: reason.map(str::to_owned),
        summary,
        engine: concat!("clearance-health ", env!("CARGO_PKG_VERSION")).to_owned(),
        basis: vec![(
            "contract".to_owned(),
            "GET /ping answers Healthy".to_owned(),
        )],
        measures: Vec::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}

async fn run_agent_gate(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
    policy: &Policy,
) -> Result<(), StepError> {
    let step = step_of(run.gate);
    let bar = policy.bar(run.gate);
    let suites = suites(cp, ctx, job, run.gate).await?;
    start(cp, ctx, job, run).await?;
    say(
        cp,
        ctx,
        job,
        step,
        LogLevel::Text,
        format!("{} suites", suites.len()),
    )
    .await?;
    // Evidence names what was asked by digest, so that nobody can say afterwards that it was something else.
    let named: Vec<(String, String)> = suites
        .iter()
        .map(|suite| GateRun::suite(&suite.name, &suite.text))
        .collect();
    let outcome = evaluate(cp, ctx, job, (run, bar), &suites).await?;
    // What restores an earlier version is not held against the one that it replaces.
    let live = if job.row.kind == DeploymentKind::Rollback {
        None
    } else {
        against_live::cases(cp, job, run.gate).await?
    };
    let outcome = outcome.map(|mut report| {
        report.basis.extend(named);
        let evaluator = &cp.ports().evaluator;
        let compared =
            live.and_then(|live| evaluator.compare(&report.cases, live, policy.margin()));
        match compared {
            Some(compared) => report.held_against(compared),
            None => report,
        }
    });
    settle(cp, ctx, job, run, outcome).await
}

async fn suites(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    gate: Gate,
) -> Result<Vec<SuiteFile>, StepError> {
    let folder = source(cp, ctx, job).await?;
    let manifest = versions::manifest(&job.version)?;
    let suites = versions::suites(&folder, &manifest, gate).await;
    suites.map_err(|problem| StepError::failed(step_of(gate), problem.message, Vec::new()))
}

/// Asks and judges. Whatever goes wrong with the engine is the gate's outcome; with our records, the step's.
async fn evaluate(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    (run, bar): (&gate_run::Model, Bar),
    suites: &[SuiteFile],
) -> Result<Result<Report, PortError>, StepError> {
    let evaluator = &cp.ports().evaluator;
    let questions = match evaluator.questions(run.gate, bar, suites).await {
        Ok(Ok(questions)) => questions,
        Ok(Err(report)) => return Ok(Ok(report)),
        Err(error) => return Ok(Err(error)),
    };
    let exchanges = ask_all(cp, ctx, job, run, questions, bar.trials).await?;
    let manifest = versions::manifest(&job.version)?;
    let models: Vec<Model> = manifest.config.model.into_iter().collect();
    let judged = alive(cp, ctx, job, step_of(run.gate), |_| {
        evaluator.judge(run.gate, bar, suites, &exchanges, &models)
    });
    Ok(judged.await?)
}
