//! Does what is live still comply with the policy in force? A stricter version, a waiver that ended, and evidence that grew
//! old each say no, without a new deployment. When it went live (freeze, time in non-prod) is past and not asked again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::environment::Environment;
use domain::event::AuditAction;
use domain::gate::{Gate, Verdict};
use domain::id::{DeploymentId, UserId};
use domain::policy::{Policy, Shortfall, Taken, shortfalls};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::reading;
use crate::store;
use crate::store::entity::{agent, compliance, deployment, gate_run, team, version, waiver};
use crate::transact::Tx;
use crate::waivers;

/// Live deployments that are looked at together.
const TOGETHER: usize = 200;

/// Why a deployment no longer complies, if it does not.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<Vec<String>>, Error> {
    let rows = store::compliance::of(db, vec![deployment]).await?;
    rows.first()
        .map(|row| store::from_json(&row.reasons))
        .transpose()
}

/// The same for several, by deployment.
pub(crate) async fn of_many(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<BTreeMap<DeploymentId, Vec<String>>, Error> {
    let rows = store::compliance::of(db, deployments).await?;
    let read = |row: compliance::Model| Ok((row.deployment_id, store::from_json(&row.reasons)?));
    rows.into_iter().map(read).collect()
}

/// Looks at everything that is live and notes what changed. Answers how many did.
pub(crate) async fn weigh_all(cp: &ControlPlane, ctx: &OpCtx) -> Result<usize, Error> {
    let db = cp.reader();
    let ids: Vec<DeploymentId> = store::live::all(db)
        .await?
        .iter()
        .map(|l| l.deployment_id)
        .collect();
    let mut changed = forget(cp, ctx, &ids).await?;
    for some in ids.chunks(TOGETHER) {
        let around = Around::read(cp, some.to_vec()).await?;
        for row in &around.deployments {
            let reasons = around.reasons(row, ctx.now()).await?;
            if around.said(row.id)? != reasons {
                note(cp, ctx, &around, row, &reasons).await?;
                changed += 1;
            }
        }
    }
    Ok(changed)
}

/// What is not live any more is not asked whether it complies.
async fn forget(cp: &ControlPlane, ctx: &OpCtx, live: &[DeploymentId]) -> Result<usize, Error> {
    let rows = store::compliance::all(cp.reader()).await?;
    let gone: Vec<DeploymentId> = rows
        .iter()
        .map(|row| row.deployment_id)
        .filter(|id| !live.contains(id))
        .collect();
    if gone.is_empty() {
        return Ok(0);
    }
    let gone = &gone;
    cp.transact("compliance::forget", ctx, |tx: Tx| async move {
        for id in gone {
            store::compliance::clear(&tx, *id).await?;
        }
        Ok(())
    })
    .await?;
    Ok(gone.len())
}

async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    around: &Around,
    row: &deployment::Model,
    reasons: &[String],
) -> Result<(), Error> {
    let slug = around
        .agent(row)
        .map(|a| a.slug.clone())
        .unwrap_or_default();
    let slug = &slug;
    cp.transact("compliance::note", ctx, |tx: Tx| async move {
        let tx = &tx;
        // Another replica may have noted it meanwhile.
        if of(&**tx, row.id).await?.unwrap_or_default() == reasons {
            return Ok(());
        }
        let mut event = Event::new(
            AuditAction::ComplianceChanged,
            "deployment",
            row.number.to_string(),
        )
        .agent(slug)
        .deployment(row.number)
        .digest(row.manifest_digest.as_deref())
        .with("complies", reasons.is_empty())
        .with("policy", around.version);
        if reasons.is_empty() {
            store::compliance::clear(tx, row.id).await?;
        } else {
            let text = store::to_json(&reasons)?;
            store::compliance::set(tx, row.id, text, around.version, ctx.now()).await?;
            event = event.with("reasons", reasons.join("; "));
        }
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// What some deployments are weighed by, read once for all of them.
struct Around {
    deployments: Vec<deployment::Model>,
    agents: Vec<agent::Model>,
    versions: Vec<version::Model>,
    teams: Vec<team::Model>,
    runs: Vec<gate_run::Model>,
    approvals: Vec<(DeploymentId, UserId, String, String)>,
    leans: Vec<(DeploymentId, Gate, waiver::Model)>,
    noted: Vec<compliance::Model>,
    /// The policy in force, overrides and all, and its number.
    policy: Policy,
    version: i32,
    /// The policies that the deployments began with.
    began: BTreeMap<i32, Policy>,
}

impl Around {
    async fn read(cp: &ControlPlane, ids: Vec<DeploymentId>) -> Result<Self, Error> {
        let db = cp.reader();
        let deployments = store::deployments::many(db, ids.clone()).await?;
        let policy = policies::document(db).await?;
        let numbers: BTreeSet<i32> = deployments.iter().map(|d| d.policy_version).collect();
        let mut began = BTreeMap::new();
        for number in numbers {
            began.insert(number, policies::document_of(db, number).await?);
        }
        let agents = deployments.iter().map(|d| d.agent_id).collect();
        let versions = deployments.iter().map(|d| d.version_id).collect();
        Ok(Self {
            agents: store::agents::many(db, agents).await?,
            versions: store::versions::many(db, versions).await?,
            teams: store::people::teams(db).await?,
            runs: store::policies::gate_runs(db, ids.clone()).await?,
            approvals: store::policies::approvals(db, ids.clone()).await?,
            leans: store::waivers::leans(db, ids.clone()).await?,
            noted: store::compliance::of(db, ids).await?,
            version: policies::number(&policy),
            deployments,
            policy,
            began,
        })
    }

    fn agent(&self, row: &deployment::Model) -> Option<&agent::Model> {
        self.agents.iter().find(|a| a.id == row.agent_id)
    }

    /// What was noted of a deployment before.
    fn said(&self, id: DeploymentId) -> Result<Vec<String>, Error> {
        match self.noted.iter().find(|row| row.deployment_id == id) {
            Some(row) => store::from_json(&row.reasons),
            None => Ok(Vec::new()),
        }
    }

    /// Why a deployment does not comply now; empty when it does.
    async fn reasons(
        &self,
        row: &deployment::Model,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, Error> {
        let (Some(agent), Some(version), Some(began)) = (
            self.agent(row),
            self.versions.iter().find(|v| v.id == row.version_id),
            self.began.get(&row.policy_version),
        ) else {
            return Ok(Vec::new());
        };
        let whom = Whom {
            team: reading::team_slug(agent.team_id, &self.teams),
            risk: crate::versions::risk(version),
        };
        let policy = self.policy.effective(&whom.team, whom.risk);
        let judged_by = began.effective(&whom.team, whom.risk);
        let mut reasons: Vec<String> = self
            .leans
            .iter()
            .filter(|(of, _, waiver)| *of == row.id && !waivers::stands(waiver, now))
            .map(|(_, gate, waiver)| {
                format!("{}: {}", gate.label(), waivers::ended_in_words(waiver, now))
            })
            .collect();
        reasons.sort();
        reasons.extend(self.lacking(row, &policy, &judged_by, now));
        if row.environment == Environment::Production
            && let Some(manifest) = &row.manifest
        {
            let judged = policies::judge(&policy.production.conditions, manifest).await?;
            reasons.extend(policies::unmet(&judged));
        }
        Ok(reasons)
    }

    fn lacking(
        &self,
        row: &deployment::Model,
        policy: &Policy,
        judged_by: &Policy,
        now: DateTime<Utc>,
    ) -> Vec<String> {
        let runs = || self.runs.iter().filter(|run| run.deployment_id == row.id);
        let results: Vec<(Gate, Verdict)> = runs()
            .filter_map(|run| Some((run.gate, run.verdict?)))
            .collect();
        // How long ago its health was judged says nothing: it is watched.
        let judged_at: Vec<(Gate, DateTime<Utc>)> = runs()
            .filter(|run| run.gate != Gate::Health)
            .filter_map(|run| Some((run.gate, run.settled_at?)))
            .collect();
        let approvals = policies::given(&self.approvals, row);
        let taken = Taken {
            environment: row.environment,
            kind: row.kind,
            results: &results,
            judged_at: &judged_at,
            weighed_at: now,
            judged_by,
            approvals: &approvals,
            live_at: None,
            proven_at: None,
        };
        let lacking = shortfalls(policy, &taken).into_iter();
        lacking.map(|one: Shortfall| one.to_string()).collect()
    }
}
