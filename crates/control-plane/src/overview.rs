//! The overview: is the fleet in order, and what needs me? Counts and short lists over what the actor may see.

use std::collections::BTreeSet;

use chrono::{DurationRound as _, TimeDelta};
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::form::query::ApprovalQuery;
use domain::gate::{Gate, Verdict};
use domain::id::{AgentId, TeamId};
use domain::rollback::Readiness;
use domain::view::agent::DeploymentCell;
use domain::view::overview::{AgentNote, Overview};

use crate::ControlPlane;
use crate::approvals;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::incidents;
use crate::reading;
use crate::reviews;
use crate::store;
use crate::store::entity::{agent, break_glass, compliance, deployment, version};

mod approved;
mod ending;

/// Rows of each short list.
const ROWS: u64 = 8;
/// Deployments that are named as the last ones that went live.
const LAST: u64 = 3;
/// Agents that are named as not in order.
const NOTES: u64 = 20;
/// Live production deployments whose way back is looked at.
const LIVE_MAX: u64 = 200;
/// Different scope lists that are put together.
const SCOPE_LISTS: u64 = 5_000;

/// Everything that the overview shows. At most forty statements, whatever the size and age of the fleet.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx) -> Result<Overview, Error> {
    let seen = reading::teams(ctx)?;
    let seen = seen.as_deref();
    let db = cp.reader();
    let lists = Lists::read(cp, seen).await?;
    let back = way_back(cp, &lists).await?;
    let inbox = approvals::inbox(cp, ctx, &ApprovalQuery::default()).await?;
    let since = ctx.now() - TimeDelta::days(7);
    let live = standing(cp, seen).await?;
    let (agents, never_live) = store::fleet::count_in_service(db, seen).await?;
    let both = [Verdict::Failed, Verdict::Inconclusive];
    let verdicts = store::fleet::count_verdicts(db, both, since, seen).await?;
    // Whole days, as the page counts that the number leads to.
    let week = (ctx.now() - TimeDelta::days(6)).duration_trunc(TimeDelta::days(1));
    let week = week.map_err(|e| Error::internal("overview::get", e))?;
    let (changes, alone) = store::fleet::count_went_live(db, week, seen).await?;
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    Ok(Overview {
        live_production: live.production,
        live_non_prod: live.non_prod,
        agents: audit::to_u64(agents)?,
        agents_never_live: audit::to_u64(never_live)?,
        unhealthy: lists.unhealthy(),
        active_identities: store::fleet::count_identities(db, seen).await?,
        distinct_scopes: distinct(&store::fleet::scopes(db, seen, SCOPE_LISTS).await?)?,
        without_approval: store::fleet::count_without_approval(db, seen).await?,
        went_live: approved::last(cp, &lists).await?,
        week_from: week.date_naive().to_string(),
        went_live_7d: audit::to_u64(changes)?,
        broken_glass_7d: audit::to_u64(alone)?,
        chain: audit::chain(cp).await?,
        rollback_ready: back.ready,
        rollback_not_ready: back.not_ready,
        rollback_unchecked: back.unchecked,
        incidents: incidents::notes(cp, seen).await?,
        teams_live: live.teams_live,
        teams_not_complying: live.teams_lacking,
        gates_passed: passed(cp, seen).await?,
        gates_failed_7d: counted(&verdicts, Verdict::Failed)?,
        gates_inconclusive_7d: counted(&verdicts, Verdict::Inconclusive)?,
        cleanup_incomplete: store::fleet::count_in(db, DeploymentState::CleanupIncomplete, seen)
            .await?,
        non_compliant: lists.non_compliant()?,
        non_compliant_count: live.lacking,
        break_glasses: crate::break_glass::marks(db, ctx, seen, ROWS).await?,
        reviews: reviews::marks(cp, ctx).await?,
        waiting_for_others: u64::try_from(inbox.others.len()).unwrap_or(u64::MAX),
        waiting_for_you: inbox.yours.into_iter().take(rows).collect(),
        ending: ending::soon(cp, ctx, seen).await?,
        in_progress: lists.cells(&lists.in_progress),
        recently_ended: lists.cells(&lists.ended),
    })
}

/// The count of one kind; none where the database has none of it.
fn counted<K: PartialEq>(counts: &[(K, i64)], kind: K) -> Result<u64, Error> {
    let found = counts.iter().find(|(of, _)| *of == kind);
    found.map_or(Ok(0), |(_, count)| audit::to_u64(*count))
}

/// How much is live, and where.
#[derive(Default)]
struct Standing {
    production: u64,
    non_prod: u64,
    lacking: u64,
    teams_live: u64,
    teams_lacking: Vec<String>,
}

async fn standing(cp: &ControlPlane, seen: Option<&[TeamId]>) -> Result<Standing, Error> {
    let mut found = Standing::default();
    for (team, environment, live, lacking) in store::fleet::standing(cp.reader(), seen).await? {
        let (live, lacking) = (audit::to_u64(live)?, audit::to_u64(lacking)?);
        found.lacking += lacking;
        match environment {
            Environment::NonProd => found.non_prod += live,
            Environment::Production => {
                found.production += live;
                found.teams_live += 1;
                if lacking > 0 {
                    found.teams_lacking.push(team);
                }
            }
        }
    }
    Ok(found)
}

/// How much of what is live in production passed each gate.
async fn passed(cp: &ControlPlane, seen: Option<&[TeamId]>) -> Result<Vec<(Gate, u64)>, Error> {
    let counts = store::fleet::count_passed(cp.reader(), seen).await?;
    let of = |gate: &Gate| Ok((*gate, counted(&counts, *gate)?));
    Gate::ALL.iter().map(of).collect()
}

/// How many different scopes some lists of them hold.
fn distinct(lists: &[String]) -> Result<u64, Error> {
    let mut scopes = BTreeSet::new();
    for list in lists {
        scopes.extend(store::from_json::<Vec<String>>(list)?);
    }
    Ok(u64::try_from(scopes.len()).unwrap_or(u64::MAX))
}

/// The short lists of deployments, with the agents and versions that they mention.
struct Lists {
    /// Live in production, up to [`LIVE_MAX`].
    live: Vec<deployment::Model>,
    /// In production, the last ones, with how one person let them through.
    went_live: Vec<(deployment::Model, Option<break_glass::Model>)>,
    /// Live and no longer complying.
    lacking: Vec<(compliance::Model, deployment::Model)>,
    unhealthy: Vec<deployment::Model>,
    in_progress: Vec<deployment::Model>,
    ended: Vec<deployment::Model>,
    agents: Vec<agent::Model>,
    versions: Vec<version::Model>,
}

impl Lists {
    async fn read(cp: &ControlPlane, teams: Option<&[TeamId]>) -> Result<Self, Error> {
        let db = cp.reader();
        let production = Environment::Production;
        let live = store::fleet::live_in(db, production, teams, LIVE_MAX).await?;
        let went_live = store::fleet::last_live(db, teams, LAST).await?;
        let lacking = store::compliance::some(db, teams, NOTES).await?;
        let unhealthy = store::fleet::unhealthy(db, teams, NOTES).await?;
        let in_progress = store::fleet::in_progress(db, teams, ROWS).await?;
        let ended = store::fleet::ended(db, teams, ROWS).await?;
        let shown = || {
            let listed = unhealthy.iter().chain(&in_progress).chain(&ended);
            listed.chain(went_live.iter().map(|(row, _)| row))
        };
        let named = shown().chain(&live);
        let named = named.chain(lacking.iter().map(|(_, row)| row));
        let agents = store::agents::many(db, named.map(|row| row.agent_id).collect()).await?;
        let versions = shown().map(|row| row.version_id).collect();
        let versions = store::versions::many(db, versions).await?;
        Ok(Self {
            live,
            went_live,
            lacking,
            unhealthy,
            in_progress,
            ended,
            agents,
            versions,
        })
    }

    fn slug(&self, id: AgentId) -> String {
        self.agents
            .iter()
            .find(|a| a.id == id)
            .map(|a| a.slug.clone())
            .unwrap_or_default()
    }

    fn unhealthy(&self) -> Vec<AgentNote> {
        let note = |row: &deployment::Model| AgentNote {
            agent: self.slug(row.agent_id),
            note: format!(
                "{} in {}",
                row.health.label(),
                row.environment.label().to_lowercase()
            ),
        };
        self.unhealthy.iter().map(note).collect()
    }

    /// Live versions that no longer comply, with the first reason of each.
    fn non_compliant(&self) -> Result<Vec<AgentNote>, Error> {
        let note = |(row, deployment): &(compliance::Model, deployment::Model)| {
            let reasons: Vec<String> = store::from_json(&row.reasons)?;
            let environment = deployment.environment.label().to_lowercase();
            let first = reasons.first().map(String::as_str).unwrap_or_default();
            Ok(AgentNote {
                agent: self.slug(deployment.agent_id),
                note: format!("in {environment}: {first}"),
            })
        };
        self.lacking.iter().map(note).collect()
    }

    fn cells(&self, rows: &[deployment::Model]) -> Vec<(String, DeploymentCell)> {
        rows.iter()
            .map(|row| (self.slug(row.agent_id), reading::cell(row, &self.versions)))
            .collect()
    }
}

/// Which agents in production could go back.
#[derive(Default)]
struct WayBack {
    ready: u64,
    not_ready: Vec<AgentNote>,
    unchecked: u64,
}

/// Who could go back, as the worker found it last: it reads every image whole, which no page does for the fleet.
async fn way_back(cp: &ControlPlane, lists: &Lists) -> Result<WayBack, Error> {
    let live = &lists.live;
    let ids = live.iter().map(|d| d.id).collect();
    let checks = store::rollback_checks::of_many(cp.reader(), ids).await?;
    let mut back = WayBack::default();
    for row in live {
        let check = checks.iter().find(|c| c.deployment_id == row.id);
        let Some(found) = check.map(|c| c.readiness) else {
            back.unchecked += 1;
            continue;
        };
        match found {
            Readiness::Ready => back.ready += 1,
            Readiness::NoTarget => {}
            Readiness::Unchecked => back.unchecked += 1,
            Readiness::ImageMissing
            | Readiness::ImageDamaged
            | Readiness::SecretMissing
            | Readiness::IdentityLost => back.not_ready.push(AgentNote {
                agent: lists.slug(row.agent_id),
                note: found.label().to_owned(),
            }),
        }
    }
    Ok(back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_two_identities_counts_once() {
        let lists = [r#"["crm.read","crm.write"]"#, r#"["crm.read"]"#, "[]"].map(str::to_owned);
        assert_eq!(distinct(&lists).unwrap(), 2);
    }

    #[test]
    fn a_damaged_scope_list_is_an_error_and_not_zero() {
        assert!(distinct(&["{}".to_owned()]).is_err());
    }
}
