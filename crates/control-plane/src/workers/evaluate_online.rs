//! Evaluates what is live in production, as the policy in force says: asks the running agent some cases of its own suites in
//! turn, scores the traffic that it sent, and holds the newest scored exchanges of each gate against their threshold. A
//! breach opens an incident, and asks for a rollback where the policy says so.
//!
//! All of a round is written in one transaction under the fence of its lease: a kill leaves nothing, and the round is run
//! again. An agent that does not answer is not judged: its health is watched by [`super::watch_runtimes`].

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::id::DeploymentId;
use domain::policy::{OnlineRules, Policy};
use domain::text::{cut, visible};

use super::step::beating;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::{agent, deployment, online_exchange, online_watch, version};
use crate::transact::Tx;

mod probe;
mod traffic;
mod window;

use window::Judged;

/// How often traffic is looked at, where some of it is sampled.
const TRAFFIC_EVERY: TimeDelta = TimeDelta::minutes(1);
/// Characters of a question, an answer or a reason that are kept, as in the evidence of a gate.
const KEPT: usize = 2_000;
/// How long exchanges and traces are kept.
const KEPT_DAYS: i64 = 30;

/// The worker.
#[derive(Debug)]
pub(crate) struct EvaluateOnline;

/// A claimed watch with what a round needs.
struct Round {
    watch: online_watch::Model,
    row: deployment::Model,
    agent: agent::Model,
    version: version::Model,
    policy: Policy,
    rules: OnlineRules,
}

/// What a round found.
#[derive(Default)]
struct Found {
    exchanges: Vec<online_exchange::Model>,
    /// Traces that were scored.
    traces: Vec<domain::id::OnlineTraceId>,
    /// How many cases were asked.
    asked: i64,
}

#[async_trait]
impl Worker for EvaluateOnline {
    fn name(&self) -> &'static str {
        "evaluate_online"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    // Rounds come by the clock.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        // The same for everybody, so a document without it costs one read.
        if policies::document(cp.reader())
            .await?
            .production
            .online
            .is_none()
        {
            return Ok(Status::Idle);
        }
        watch_all(cp, &ctx).await?;
        let claimed = cp
            .transact("online::claim", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::online::claim(tx, ctx.request_id(), ctx.now()).await
                }
            })
            .await?;
        let Some(watch) = claimed else {
            return Ok(Status::Idle);
        };
        match begin(cp, watch.clone()).await? {
            Some(round) => run(cp, &ctx, &round).await?,
            None => forget(cp, &ctx, &watch).await?,
        }
        Ok(Status::Worked)
    }
}

/// Begins to watch what went live in production.
async fn watch_all(cp: &ControlPlane, ctx: &OpCtx) -> Result<(), Error> {
    let db = cp.reader();
    let live = store::live::all(db).await?;
    let ids: Vec<DeploymentId> = live
        .iter()
        .filter(|live| live.environment == Environment::Production)
        .map(|live| live.deployment_id)
        .collect();
    let known = store::online::watched(db, ids.clone()).await?;
    for id in ids {
        if known.iter().any(|watch| watch.id == id) {
            continue;
        }
        cp.transact("online::watch", ctx, |tx: Tx| async move {
            let tx = &tx;
            store::online::watch(tx, id, ctx.now()).await
        })
        .await?;
    }
    Ok(())
}

/// What a round needs; `None` where the deployment is not live any more, or the policy does not ask for it.
async fn begin(cp: &ControlPlane, watch: online_watch::Model) -> Result<Option<Round>, Error> {
    let db = cp.reader();
    let row = store::deployments::get(db, watch.id).await?;
    if row.state != DeploymentState::Live {
        return Ok(None);
    }
    let agent = store::agents::get(db, row.agent_id).await?;
    let version = store::versions::get(db, row.version_id).await?;
    let whom = Whom::of(db, &agent, &version).await?;
    let policy = policies::current(db, &whom).await?;
    Ok(policy.production.online.map(|rules| Round {
        watch,
        row,
        agent,
        version,
        policy,
        rules,
    }))
}

async fn forget(cp: &ControlPlane, ctx: &OpCtx, watch: &online_watch::Model) -> Result<(), Error> {
    cp.transact("online::forget", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::online::forget(tx, watch).await
    })
    .await
}

async fn run(cp: &ControlPlane, ctx: &OpCtx, round: &Round) -> Result<(), Error> {
    let now = ctx.now();
    // What is in quarantine is stopped on purpose.
    let stopped = store::quarantines::of(cp.reader(), round.row.id)
        .await?
        .is_some();
    let mut found = alive(cp, ctx, round, traffic::score(cp, round, now)).await??;
    let mut again = None;
    if round.watch.probe_at <= now && !stopped {
        match alive(cp, ctx, round, probe::ask(cp, round, now)).await? {
            Ok(probed) => {
                found.exchanges.extend(probed.exchanges);
                found.asked = probed.asked;
            }
            // Its suites could not be had, which says nothing about the agent.
            Err(error) => {
                tracing::warn!(deployment = round.row.number, error = %error, "a live agent could not be probed");
                again = Some(next_attempt(now, round.watch.attempts));
            }
        }
    }
    let judged = window::hold(cp, round, &found.exchanges).await?;
    let probe_at = next_probe(round, now);
    let next = again.unwrap_or_else(|| next_look(&round.rules, probe_at, now));
    let probe_at = again.map_or(probe_at, |_| round.watch.probe_at);
    settle(cp, ctx, round, (found, judged), (probe_at, next)).await
}

/// When the next round of probes is due, given that one is over now if it was.
fn next_probe(round: &Round, now: DateTime<Utc>) -> DateTime<Utc> {
    if round.watch.probe_at > now {
        return round.watch.probe_at;
    }
    now + TimeDelta::minutes(i64::from(round.rules.probe_minutes))
}

fn next_look(rules: &OnlineRules, probe_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if rules.sampled() > 0 {
        probe_at.min(now + TRAFFIC_EVERY)
    } else {
        probe_at
    }
}

/// Runs a long call while keeping the lease.
async fn alive<T>(
    cp: &ControlPlane,
    ctx: &OpCtx,
    round: &Round,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    beating(|| heartbeat(cp, ctx, &round.watch), work).await
}

async fn heartbeat(
    cp: &ControlPlane,
    ctx: &OpCtx,
    watch: &online_watch::Model,
) -> Result<(), Error> {
    cp.transact("online::heartbeat", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::online::heartbeat(tx, watch.id, watch.fence, ctx.now()).await
    })
    .await
}

/// A text as it is kept: PostgreSQL keeps no zero character in one.
fn kept(text: &str) -> String {
    cut(&visible(text), KEPT)
}

/// Writes a round down, all of it or nothing.
async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    round: &Round,
    (found, judged): (Found, Vec<Judged>),
    (probe_at, next): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), Error> {
    let (found, judged) = (&found, &judged);
    cp.transact("online::settle", ctx, |tx: Tx| async move {
        let tx = &tx;
        let next_case = round.watch.next_case.saturating_add(found.asked);
        store::online::settle(tx, &round.watch, (next_case, probe_at), next).await?;
        store::online::keep(tx, found.exchanges.clone()).await?;
        store::online::scored_traces(tx, found.traces.clone()).await?;
        let row = store::deployments::get(&**tx, round.row.id).await?;
        let known = store::online::windows(&**tx, row.id).await?;
        for one in judged {
            window::note(tx, ctx, round, (&row, &known), one).await?;
        }
        Ok(())
    })
    .await
}

/// Forgets what was scored long ago.
pub(super) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let ctx = deployments::worker(cp, "sweep");
    let ctx = &ctx;
    cp.transact("online::sweep", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::online::sweep(tx, ctx.now() - TimeDelta::days(KEPT_DAYS)).await
    })
    .await
}
