//! What a policy would have stopped: live deployments, and those that went live lately, measured against another version.

use std::time::Instant;

use chrono::{DateTime, Duration, Utc};
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::id::{DeploymentId, UserId};
use domain::policy::{Policy, PolicyState, Taken, shortfalls};
use domain::view::policy::{DryRun, DryRunRow};

use super::{Whom, parsed, standard};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{deployment, gate_run};

/// How far back it looks, days.
const DAYS: i64 = 90;
/// Deployments that are looked at.
const CHECKED_MAX: u64 = 500;

/// Seconds for the conditions of all of them.
const CONDITION_SECONDS: u64 = 5;

/// What of the deployments that the actor may see would not satisfy a version. Eight statements, whatever there is.
///
/// # Errors
/// [`Error::NotFound`] for a number that no version has.
pub async fn dry_run(cp: &ControlPlane, ctx: &OpCtx, version: i32) -> Result<DryRun, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let policies = policies(cp).await?;
    let policy = by_number(&policies, version).ok_or(Error::NotFound { kind: "policy" })?;
    let since = ctx.now() - Duration::days(DAYS);
    let mut rows = store::policies::went_live(db, seen.as_deref(), since, CHECKED_MAX + 1).await?;
    let bound = usize::try_from(CHECKED_MAX).unwrap_or(usize::MAX);
    let more = rows.len() > bound;
    rows.truncate(bound);
    let around = Around::read(cp, &rows).await?;
    let agents = store::agents::many(db, rows.iter().map(|d| d.agent_id).collect()).await?;
    let versions = store::versions::many(db, rows.iter().map(|d| d.version_id).collect()).await?;
    let teams = store::people::teams(db).await?;
    let mut clock = Clock::start();
    let mut stopped = Vec::new();
    for row in &rows {
        let (Some(judged_by), Some(version), Some(agent)) = (
            by_number(&policies, row.policy_version),
            versions.iter().find(|v| v.id == row.version_id),
            agents.iter().find(|a| a.id == row.agent_id),
        ) else {
            continue;
        };
        let whom = Whom {
            team: reading::team_slug(agent.team_id, &teams),
            risk: crate::versions::risk(version),
        };
        let policy = policy.effective(&whom.team, whom.risk);
        let judged_by = judged_by.effective(&whom.team, whom.risk);
        let mut lacks = around.lacks(&policy, &judged_by, row);
        lacks.extend(clock.unmet(&policy, row).await?);
        if lacks.is_empty() {
            continue;
        }
        stopped.push(DryRunRow {
            number: row.number,
            agent: agent.slug.clone(),
            version: reading::version_number(row, &versions),
            environment: row.environment,
            live: row.state == DeploymentState::Live,
            lacks,
        });
    }
    Ok(DryRun {
        checked: rows.len(),
        more,
        stopped,
    })
}

/// Conditions take time, and a page has little: after some seconds the rest is not judged, and says so.
struct Clock {
    began: Instant,
}

impl Clock {
    fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// What the conditions over a deployment's manifest say that is not met.
    async fn unmet(
        &mut self,
        policy: &Policy,
        row: &deployment::Model,
    ) -> Result<Vec<String>, Error> {
        let conditions = &policy.production.conditions;
        let production = row.environment == Environment::Production;
        let Some(manifest) = row.manifest.as_deref().filter(|_| production) else {
            return Ok(Vec::new());
        };
        if !conditions.is_empty() && self.began.elapsed().as_secs() >= CONDITION_SECONDS {
            return Ok(vec!["Its conditions were not judged in time".to_owned()]);
        }
        let judged = super::judge(conditions, manifest).await?;
        Ok(super::unmet(&judged))
    }
}

async fn policies(cp: &ControlPlane) -> Result<Vec<Policy>, Error> {
    let mut rows = store::policies::all(cp.reader()).await?;
    rows.push(standard(PolicyState::Active)?);
    rows.iter().map(parsed).collect()
}

fn by_number(policies: &[Policy], version: i32) -> Option<&Policy> {
    policies.iter().find(|p| super::number(p) == version)
}

/// What the rows of deployments do not say themselves, read once for all of them.
struct Around {
    runs: Vec<gate_run::Model>,
    approvals: Vec<(DeploymentId, UserId, String, String)>,
    promoted: Vec<deployment::Model>,
}

impl Around {
    async fn read(cp: &ControlPlane, rows: &[deployment::Model]) -> Result<Self, Error> {
        let db = cp.reader();
        let ids: Vec<_> = rows.iter().map(|d| d.id).collect();
        let promoted: Vec<i64> = rows.iter().filter_map(|d| d.promotes).collect();
        Ok(Self {
            runs: store::policies::gate_runs(db, ids.clone()).await?,
            approvals: store::policies::approvals(db, ids).await?,
            promoted: store::deployments::by_numbers(db, promoted).await?,
        })
    }

    fn lacks(&self, policy: &Policy, judged_by: &Policy, row: &deployment::Model) -> Vec<String> {
        let results: Vec<(Gate, Verdict)> = self
            .runs
            .iter()
            .filter(|run| run.deployment_id == row.id)
            .filter_map(|run| run.verdict.map(|verdict| (run.gate, verdict)))
            .collect();
        let approvals = given(&self.approvals, row);
        let promoted = row
            .promotes
            .and_then(|n| self.promoted.iter().find(|d| d.number == n));
        let judged_at: Vec<(Gate, DateTime<Utc>)> = self
            .runs
            .iter()
            .filter(|run| run.deployment_id == row.id)
            .filter_map(|run| run.settled_at.map(|at| (run.gate, at)))
            .collect();
        let taken = Taken {
            environment: row.environment,
            kind: row.kind,
            results: &results,
            judged_at: &judged_at,
            // As old as it was when it went live: what it would have been stopped for.
            weighed_at: row.live_at.unwrap_or(row.updated_at),
            judged_by,
            approvals: &approvals,
            live_at: row.live_at,
            proven_at: promoted.and_then(|d| d.live_at),
        };
        let lacking = shortfalls(policy, &taken);
        lacking.iter().map(ToString::to_string).collect()
    }
}

/// The approvals that a deployment's manifest was given, one for each person, with the groups that it counts for.
pub(crate) fn given(
    approvals: &[(DeploymentId, UserId, String, String)],
    row: &deployment::Model,
) -> Vec<Vec<String>> {
    let of = approvals
        .iter()
        .filter(|(of, _, digest, _)| *of == row.id && row.manifest_digest.as_ref() == Some(digest));
    let groups = |json: &str| store::from_json(json).unwrap_or_default();
    let mut given: Vec<(UserId, Vec<String>)> =
        of.map(|(_, user, _, json)| (*user, groups(json))).collect();
    given.sort_unstable();
    given.dedup_by_key(|(user, _)| *user);
    given.into_iter().map(|(_, groups)| groups).collect()
}
