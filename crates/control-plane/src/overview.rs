//! The overview: is the fleet in order, and what needs me? Counts and short lists over what the actor may see.

use chrono::{DurationRound as _, TimeDelta};
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::form::query::{ApprovalQuery, Mark};
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
use crate::identities;
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

/// Everything that the overview shows. At most forty statements, whatever the size and age of the fleet.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx) -> Result<Overview, Error> {
    let seen = reading::teams(ctx)?;
    let seen = seen.as_deref();
    let db = cp.reader();
    let lists = Lists::read(cp, seen).await?;
    let inbox = approvals::inbox(cp, ctx, &ApprovalQuery::default()).await?;
    let live = standing(cp, seen).await?;
    let (agents, never_deployed) = store::fleet::count_in_service(db, seen).await?;
    // Whole days, as the pages count that the numbers lead to.
    let week = (ctx.now() - TimeDelta::days(6)).duration_trunc(TimeDelta::days(1));
    let week = week.map_err(|e| Error::internal("overview::get", e))?;
    let both = [Verdict::Failed, Verdict::Inconclusive];
    let verdicts = store::fleet::count_verdicts(db, both, week, seen).await?;
    let (changes, alone) = store::fleet::count_went_live(db, week, seen).await?;
    let back = store::fleet::count_readiness(db, seen).await?;
    let scopes = identities::scopes_in_use(db, seen).await?;
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    Ok(Overview {
        live_production: live.production,
        live_non_prod: live.non_prod,
        agents: audit::to_u64(agents)?,
        agents_never_deployed: audit::to_u64(never_deployed)?,
        unhealthy: lists.unhealthy(),
        unhealthy_count: live.sick,
        active_identities: store::fleet::count_identities(db, seen).await?,
        distinct_scopes: u64::try_from(scopes.len()).unwrap_or(u64::MAX),
        without_approval: store::fleet::count_marked(db, Mark::WithoutApproval, seen).await?,
        went_live: approved::last(cp, &lists).await?,
        week_from: week.date_naive().to_string(),
        went_live_7d: audit::to_u64(changes)?,
        broken_glass_7d: audit::to_u64(alone)?,
        chain: audit::chain(cp).await?,
        rollback_ready: summed(&back, |found| found == Some(Readiness::Ready))?,
        rollback_not_ready: lists.not_ready(),
        rollback_not_ready_count: summed(&back, |found| found.is_some_and(Readiness::is_trouble))?,
        rollback_unchecked: summed(&back, |found| {
            matches!(found, None | Some(Readiness::Unchecked))
        })?,
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

/// How many ways back came to what is asked for.
fn summed(
    counts: &[(Option<Readiness>, i64)],
    which: impl Fn(Option<Readiness>) -> bool,
) -> Result<u64, Error> {
    let fitting = counts.iter().filter(|(found, _)| which(*found));
    audit::to_u64(fitting.map(|(_, count)| count).sum())
}

/// How much is live, and where.
#[derive(Default)]
struct Standing {
    production: u64,
    non_prod: u64,
    lacking: u64,
    sick: u64,
    teams_live: u64,
    teams_lacking: Vec<String>,
}

async fn standing(cp: &ControlPlane, seen: Option<&[TeamId]>) -> Result<Standing, Error> {
    let mut found = Standing::default();
    for (team, environment, live, lacking, sick) in
        store::fleet::standing(cp.reader(), seen).await?
    {
        let (live, lacking) = (audit::to_u64(live)?, audit::to_u64(lacking)?);
        found.lacking += lacking;
        found.sick += audit::to_u64(sick)?;
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

/// The short lists of deployments, with the agents and versions that they mention.
struct Lists {
    /// Live in production, with what stands in the way back.
    not_ready: Vec<(deployment::Model, Readiness)>,
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
        let not_ready = store::fleet::not_ready(db, teams, NOTES).await?;
        let went_live = store::fleet::last_live(db, teams, LAST).await?;
        let lacking = store::compliance::some(db, teams, NOTES).await?;
        let unhealthy = store::fleet::marked(db, Mark::Unhealthy, None, teams, NOTES).await?;
        let in_progress = store::fleet::in_progress(db, teams, ROWS).await?;
        let ended = store::fleet::ended(db, teams, ROWS).await?;
        let shown = || {
            let listed = unhealthy.iter().chain(&in_progress).chain(&ended);
            listed.chain(went_live.iter().map(|(row, _)| row))
        };
        let named = shown().chain(not_ready.iter().map(|(row, _)| row));
        let named = named.chain(lacking.iter().map(|(_, row)| row));
        let agents = store::agents::many(db, named.map(|row| row.agent_id).collect()).await?;
        let versions = shown().map(|row| row.version_id).collect();
        let versions = store::versions::many(db, versions).await?;
        Ok(Self {
            not_ready,
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

    fn not_ready(&self) -> Vec<AgentNote> {
        let note = |(row, found): &(deployment::Model, Readiness)| AgentNote {
            agent: self.slug(row.agent_id),
            note: found.label().to_owned(),
        };
        self.not_ready.iter().map(note).collect()
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
