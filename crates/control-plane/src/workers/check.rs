//! Checking: runs the gates that need only files, then asks people or goes on.

use domain::approval::Parties;
use domain::canonical;
use domain::deployment::{DeploymentEvent, LogLevel, Step};
use domain::environment::Environment;
use domain::gate::{Gate, GateRunState, Report, Verdict};
use domain::policy::{EnvironmentPolicy, Policy, unmet};
use domain::view::diff::VersionDiff;
use evidence::External;

use self::diff::AgainstLive;
use super::build::source;
use super::external;
use super::step::{Job, StepError, alive, say};
use crate::ControlPlane;
use crate::approvals::{self, Question};
use crate::break_glass;
use crate::catalogue;
use crate::ctx::OpCtx;
use crate::deployments::{self, manifest};
use crate::error::Error;
use crate::gates;
use crate::outgoing::{self, Said};
use crate::policies::{self, Whom};
use crate::ports::PortError;
use crate::ports::image_builder::Package;
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{deployment, gate_run};
use crate::transact::Tx;
use crate::waivers;

mod baseline;
mod diff;

/// How often an engine that errs is tried before its gate is errored.
const GATE_ATTEMPTS: i32 = 3;

/// Runs what is pending, then moves on.
pub(crate) async fn check(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    let whom = Whom::of(cp.reader(), &job.agent, &job.version).await?;
    let policy = policies::of(cp.reader(), job.row.policy_version, &whom).await?;
    let mut pending = store::gates::of(cp.reader(), job.row.id).await?;
    pending.retain(|run| !run.gate.needs_agent() && run.state != GateRunState::Settled);
    // What others judge may take its time, so what is judged here comes first.
    pending.sort_by_key(|run| external::is_external(&policy, run.gate));
    for run in pending {
        if external::is_external(&policy, run.gate) {
            external::judge(cp, ctx, job, &run, &policy).await?;
        } else {
            run_file_gate(cp, ctx, job, &run).await?;
        }
    }
    let runs = store::gates::of(cp.reader(), job.row.id).await?;
    refuse_failed(cp, &runs).await?;
    let rules = policy.of(job.row.environment);
    if job.row.environment == Environment::Production {
        refuse_unmet(cp, ctx, job, rules, &runs).await?;
        refuse_unknown_scopes(cp, job, &policy).await?;
        refuse_conditions(cp, ctx, job, &policy, &runs).await?;
    }
    if rules.quorum == 0 {
        go_on(cp, ctx, job, &runs).await
    } else {
        ask(cp, ctx, job, &runs).await
    }
}

/// The log step of a gate.
pub(crate) const fn step_of(gate: Gate) -> Step {
    match gate {
        Gate::StaticAnalysis => Step::StaticAnalysis,
        Gate::ImageScan => Step::ImageScan,
        Gate::ResponsibleAi => Step::ResponsibleAi,
        Gate::Hallucination => Step::Hallucination,
        Gate::Relevance => Step::Relevance,
        Gate::Health => Step::Health,
    }
}

/// Production begins with results that count now: waivers that they lean on may have ended, and evidence grows old.
pub(crate) async fn refuse_unmet(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    rules: &EnvironmentPolicy,
    runs: &[gate_run::Model],
) -> Result<(), StepError> {
    let counted = gates::counted(cp.reader(), &job.row, runs).await?;
    let open = unmet(
        &rules.gates_but_health(),
        &counted.counting(rules, ctx.now()),
    );
    let Some(gate) = open.first() else {
        return Ok(());
    };
    let why = counted.why_not(*gate, rules, ctx.now());
    Err(StepError::failed(
        step_of(*gate),
        format!(
            "{} is not satisfied, and production needs it.{}",
            gate.label(),
            why.map(|why| format!(" {why}.")).unwrap_or_default()
        ),
        Vec::new(),
    ))
}

/// Where the policy asks for it, nobody is asked about a scope that nobody described.
async fn refuse_unknown_scopes(
    cp: &ControlPlane,
    job: &Job,
    policy: &Policy,
) -> Result<(), StepError> {
    if !policy.scopes.is_some_and(|rules| rules.catalogued) {
        return Ok(());
    }
    let scopes: Vec<String> = store::from_json(&job.version.scopes)?;
    let unknown = catalogue::undescribed(cp.reader(), &scopes).await?;
    if unknown.is_empty() {
        return Ok(());
    }
    let message = format!(
        "The policy takes only scopes that the catalogue describes, and it lacks {}. Ask the owner of the resource, or an administrator, to describe them.",
        unknown.join(", ")
    );
    Err(StepError::failed(Step::Approval, message, Vec::new()))
}

/// Conditions over the manifest are judged once for a deployment, before people are asked. One that is not met, or that
/// says neither, ends it.
async fn refuse_conditions(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    policy: &Policy,
    runs: &[gate_run::Model],
) -> Result<(), StepError> {
    if policy.production.conditions.is_empty() {
        return Ok(());
    }
    let sealed = manifest::seal(&manifest::of(&job.agent, &job.version, &job.row, runs)?)?;
    let judged = policies::judge(&policy.production.conditions, &sealed.text).await?;
    gates::keep_conditions(cp, ctx, &job.row, &job.agent, &sealed.digest, &judged).await?;
    match policies::unmet(&judged).first() {
        None => Ok(()),
        Some(message) => Err(StepError::failed(Step::Approval, message, Vec::new())),
    }
}

/// A failed gate ends the deployment, with its findings.
pub(crate) async fn refuse_failed(
    cp: &ControlPlane,
    runs: &[gate_run::Model],
) -> Result<(), StepError> {
    let Some(bad) = runs.iter().find(|r| r.verdict == Some(Verdict::Failed)) else {
        return Ok(());
    };
    let digests = bad.evidence_digest.iter().cloned().collect();
    let evidence = store::evidence::many(cp.reader(), digests).await?;
    let findings = match evidence.first() {
        Some(row) => store::from_json::<Report>(&row.body)?
            .findings
            .into_iter()
            .take(10)
            .collect(),
        None => Vec::new(),
    };
    Err(StepError::failed(
        step_of(bad.gate),
        format!("{}: {}", bad.gate.label(), bad.summary),
        findings,
    ))
}

async fn run_file_gate(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
) -> Result<(), StepError> {
    let step = step_of(run.gate);
    start(cp, ctx, job, run).await?;
    let outcome = match run.gate {
        Gate::StaticAnalysis => {
            let folder = source(cp, ctx, job).await?;
            let against = baseline::against(cp, ctx, job, run.gate).await?;
            alive(cp, ctx, job, step, |_| async move {
                cp.ports().scanner.static_analysis(&folder, &against).await
            })
            .await?
        }
        Gate::ImageScan => image_scan(cp, ctx, job).await?,
        Gate::ResponsibleAi | Gate::Hallucination | Gate::Relevance | Gate::Health => return Ok(()),
    };
    settle(cp, ctx, job, run, outcome).await
}

/// Notes that a gate has begun.
pub(crate) async fn start(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
) -> Result<(), Error> {
    cp.transact("gates::start", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::deployments::heartbeat(tx, job.row.id, job.row.fence, ctx.now()).await?;
        store::gates::start(tx, run, ctx.now()).await?;
        tx.touch(crate::topic::Topic::new(
            "deployment",
            job.row.number.to_string(),
        ));
        Ok(())
    })
    .await
}

/// Settles a gate with what its engine came to. An engine that errs is tried again, then its gate is *errored*.
pub(crate) async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
    outcome: Result<Report, PortError>,
) -> Result<(), StepError> {
    let step = step_of(run.gate);
    let report = match outcome {
        Ok(report) => report,
        Err(error) if error.retryable() && run.attempts + 1 < GATE_ATTEMPTS => {
            return Err(StepError::Trouble {
                step,
                message: error.message,
            });
        }
        Err(error) => gates::errored(run.gate, "clearance", &error.message),
    };
    settle_as(cp, ctx, job, run, &report, None).await
}

/// Settles a gate with a report, of our engine or of somebody else, and says so in the log.
pub(crate) async fn settle_as(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    run: &gate_run::Model,
    report: &Report,
    external: Option<External>,
) -> Result<(), StepError> {
    let step = step_of(run.gate);
    let by = external
        .as_ref()
        .map_or_else(String::new, |from| format!(", judged by {}", from.signer));
    let verdict = gates::settle(cp, ctx, &job.row, run, report, external).await?;
    let level = match verdict {
        Verdict::Passed | Verdict::Waived => LogLevel::Good,
        Verdict::Failed => LogLevel::Bad,
        Verdict::Inconclusive | Verdict::Errored => LogLevel::Warn,
    };
    let mut lines = vec![(
        level,
        format!("{}: {}{by}", verdict.label(), report.summary),
    )];
    lines.extend(report.findings.iter().take(50).map(|f| {
        let place = f.place();
        (
            LogLevel::Warn,
            format!("{} {} {place} {}", f.severity, f.rule, f.message),
        )
    }));
    super::step::say_all(cp, ctx, job, step, &lines).await?;
    Ok(())
}

async fn image_scan(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
) -> Result<Result<Report, PortError>, StepError> {
    let digest = job
        .version
        .image_digest
        .clone()
        .ok_or_else(|| Error::internal("check", "the version has no image"))?;
    let packages: Vec<Package> = match &job.version.packages {
        Some(text) => store::from_json(text)?,
        None => Vec::new(),
    };
    let against = baseline::against(cp, ctx, job, Gate::ImageScan).await?;
    let scan = async {
        let layout = cp.ports().image_builder.layout(&digest).await?;
        let scanner = &cp.ports().scanner;
        scanner
            .image_scan(&layout, &digest, &packages, &against)
            .await
    };
    Ok(alive(cp, ctx, job, Step::ImageScan, |_| scan).await?)
}

/// The policy asks nobody: what was checked is what is authorised.
async fn go_on(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    runs: &[gate_run::Model],
) -> Result<(), StepError> {
    let sealed = manifest::seal(&manifest::of(&job.agent, &job.version, &job.row, runs)?)?;
    cp.transact("check::passed", ctx, |tx: Tx| {
        let sealed = &sealed;
        async move {
            let tx = &tx;
            let learnt = Learnt {
                manifest: Some((sealed.text.clone(), sealed.digest.clone())),
                authorised_digest: Some(sealed.digest.clone()),
                ..Learnt::default()
            };
            store::deployments::learn(tx, &job.row, &learnt).await?;
            deployments::advance(tx, ctx, &job.row, DeploymentEvent::ChecksPassed)
                .await
                .map(|_| ())
        }
    })
    .await?;
    Ok(())
}

/// The policy asks people: freezes what changes and who may not answer, and opens the approval.
async fn ask(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    runs: &[gate_run::Model],
) -> Result<(), StepError> {
    let sealed = manifest::seal(&manifest::of(&job.agent, &job.version, &job.row, runs)?)?;
    let against = diff::against_live(cp, ctx, job).await?;
    let parties = parties(cp, job, &against).await?;
    let roster = approvals::Roster::read(cp.reader(), ctx.now()).await?;
    let candidates = roster.candidates(job.agent.team_id);
    let able = candidates
        .iter()
        .filter(|c| domain::approval::may_decide(c, &parties).is_ok())
        .count();
    say(
        cp,
        ctx,
        job,
        Step::Approval,
        LogLevel::Text,
        format!(
            "Asking for approval of {}; {able} {} can give it",
            sealed.digest,
            if able == 1 { "person" } else { "people" }
        ),
    )
    .await?;
    let question = Question {
        sealed,
        parties,
        diff: against.diff,
    };
    cp.transact("check::ask", ctx, |tx: Tx| {
        let question = &question;
        async move {
            let tx = &tx;
            let sealed = &question.sealed;
            let learnt = Learnt {
                manifest: Some((sealed.text.clone(), sealed.digest.clone())),
                ..Learnt::default()
            };
            store::deployments::learn(tx, &job.row, &learnt).await?;
            // Who breaks the glass takes the same lock: one of the two sees what the other did.
            store::agents::lock(tx, job.agent.id).await?;
            approvals::open(tx, ctx, &job.agent, &job.row, question).await?;
            let moved =
                deployments::advance(tx, ctx, &job.row, DeploymentEvent::ChecksPassedAsk).await?;
            if let_through(tx, ctx, job, &moved, &sealed.digest).await? {
                return Ok(());
            }
            outgoing::status(
                tx,
                ctx,
                &job.agent,
                &job.version,
                &moved,
                Said::AwaitingApproval,
            )
            .await
        }
    })
    .await?;
    Ok(())
}

/// Somebody broke the glass before people were asked: what they would have been asked is kept, and nobody waits for it.
async fn let_through(
    tx: &Tx,
    ctx: &OpCtx,
    job: &Job,
    moved: &deployment::Model,
    digest: &str,
) -> Result<bool, Error> {
    let permission = break_glass::permission(&**tx, moved, ctx.now()).await?;
    let permission = permission.filter(|p| p.manifest_digest == digest);
    let asked = store::approvals::of(&**tx, moved.id).await?;
    let (Some(permission), Some(asked)) = (permission, asked) else {
        return Ok(false);
    };
    break_glass::let_through(tx, ctx, &job.agent, moved, &asked, &permission).await?;
    Ok(true)
}

/// Whom separation of duties keeps out (invariant 2). For a promotion that a policy opened, nobody is the requester.
async fn parties(cp: &ControlPlane, job: &Job, against: &AgainstLive) -> Result<Parties, Error> {
    // A person who promoted non-prod's deployment by hand requested this one too.
    let earlier = match job.row.promotes {
        Some(number) => {
            store::deployments::by_number(cp.reader(), number)
                .await?
                .requested_by_user
        }
        None => None,
    };
    Ok(Parties {
        requester: job.row.requested_by_user.or(earlier),
        author_email: job.version.author_email.clone(),
        committer_email: job.version.committer_email.clone(),
        author_emails: against.contributors.authors.clone(),
        committer_emails: against.contributors.committers.clone(),
        config_editor_emails: against.editors.clone(),
        waiver_givers: waivers::givers(cp.reader(), &job.row).await?,
        breaker: None,
        decided: Vec::new(),
    })
}

/// The digest of what would be deployed now, for the comparison with what was approved.
pub(crate) async fn current_digest(
    cp: &ControlPlane,
    job: &Job,
) -> Result<(domain::manifest::ReleaseManifest, String), Error> {
    let runs = store::gates::of(cp.reader(), job.row.id).await?;
    let now = manifest::of(&job.agent, &job.version, &job.row, &runs)?;
    let digest = canonical::digest_of(&now).map_err(|e| Error::internal("check", e))?;
    Ok((now, digest))
}

/// What a version diff says when there is nothing to compare with.
pub(crate) fn first(job: &Job, scopes: Vec<String>) -> VersionDiff {
    VersionDiff {
        live_version: None,
        live_number: None,
        proposed_version: job.version.number.clone(),
        added_scopes: scopes,
        removed_scopes: Vec::new(),
        kept_scopes: Vec::new(),
        config: Vec::new(),
        live_commit: None,
        proposed_commit: job.version.commit_id.clone(),
        commits: Vec::new(),
        files: Vec::new(),
        live_image: None,
        proposed_image: job.version.image_digest.clone().unwrap_or_default(),
        packages: Vec::new(),
    }
}
