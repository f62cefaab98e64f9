//! The report on separation of duties: it reads events of the audit log, and `domain::segregation` works it out.

use std::collections::BTreeSet;

use audit_log::LeafEvent;
use chrono::{DateTime, Utc};
use domain::authz::{Access, Action, Facts, can};
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::query::SegregationQuery;
use domain::segregation::{self, ABOUT_DEPLOYMENTS, ACTS, Asked, HISTORY, Read, Told};
use domain::view::segregation::SegregationReport;

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{audit_leaf, team};

/// Most events that one report reads.
const EVENTS_MAX: usize = 100_000;
/// Deployments that are asked about together.
const TOGETHER: usize = 500;

/// Who could approve what in a period, who did, and where that touches the rules. Of every team, or of one.
///
/// # Errors
/// [`Error::Forbidden`] for who may not export evidence there, [`Error::NotFound`] for a team that is none or not to be seen,
/// [`Error::Invalid`] for a period that cannot be read, and [`FieldProblem::TooWide`] for more events than a report takes.
pub async fn report(
    cp: &ControlPlane,
    ctx: &OpCtx,
    query: &SegregationQuery,
) -> Result<SegregationReport, Error> {
    ctx.signed_in()?;
    let teams = store::people::teams(cp.reader()).await?;
    let scope = scope(ctx, &teams, query.team.trim());
    let team = cp.noted("segregation::report", ctx, scope).await?;
    let (from, to) = query.period(ctx.now())?;
    let asked = Asked { from, to, team };
    let read = read(cp, &asked).await?;
    let mut report = segregation::report(&read, &asked);
    report.teams = allowed(ctx, &teams).map(|team| team.slug.clone()).collect();
    Ok(report)
}

fn allowed<'t>(ctx: &OpCtx, teams: &'t [team::Model]) -> impl Iterator<Item = &'t team::Model> {
    teams.iter().filter(|team| {
        let facts = Facts {
            team: Some(team.id),
        };
        can(ctx.actor(), Action::Export, facts) == Access::Allowed
    })
}

/// The team that is asked for. Who may export of some teams alone, and names none, gets the first of them.
fn scope(ctx: &OpCtx, teams: &[team::Model], slug: &str) -> Result<Option<String>, Error> {
    if slug.is_empty() {
        let everywhere = ctx.authorize(Action::Export, Facts::default());
        return match (everywhere, allowed(ctx, teams).next()) {
            (Ok(()), _) => Ok(None),
            (Err(_), Some(team)) => Ok(Some(team.slug.clone())),
            (Err(refused), None) => Err(refused),
        };
    }
    let missing = Error::NotFound { kind: "team" };
    let team = teams.iter().find(|team| team.slug == slug);
    let team = team.ok_or(missing)?;
    let facts = Facts {
        team: Some(team.id),
    };
    ctx.authorize_on(Action::Export, facts, "team")?;
    Ok(Some(team.slug.clone()))
}

/// The events of a report, each list oldest first.
async fn read(cp: &ControlPlane, asked: &Asked) -> Result<Read, Error> {
    let (from, to) = (audit::spelled(asked.from), audit::spelled(asked.to));
    let mut left = EVENTS_MAX;
    let history = of(cp, HISTORY, None, &mut left).await?;
    let acts = of(cp, ACTS, Some((&from, &to)), &mut left).await?;
    let numbers: BTreeSet<i64> = acts.iter().filter_map(|event| event.deployment).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let mut around = Vec::new();
    for some in numbers.chunks(TOGETHER) {
        around.extend(about(cp, some, &mut left).await?);
    }
    around.sort_by_key(|event| event.index);
    Ok(Read {
        history,
        acts,
        around,
    })
}

async fn of(
    cp: &ControlPlane,
    actions: &[AuditAction],
    period: Option<(&str, &str)>,
    left: &mut usize,
) -> Result<Vec<Told>, Error> {
    let mut all = Vec::new();
    // One look at the index for each: a list of actions would be looked for from the end of the log.
    for action in actions {
        let rows = store::audit::of_action(cp.reader(), *action, period, most(*left)).await?;
        all.extend(taken(rows, left)?);
    }
    all.sort_by_key(|event| event.index);
    Ok(all)
}

/// What some deployments came from, and what was let through of them.
async fn about(cp: &ControlPlane, numbers: &[i64], left: &mut usize) -> Result<Vec<Told>, Error> {
    let db = cp.reader();
    let mut all = Vec::new();
    for action in ABOUT_DEPLOYMENTS {
        let numbers = numbers.to_vec();
        let rows =
            store::audit::of_deployments(db, *action, numbers, i64::MAX, most(*left)).await?;
        all.extend(taken(rows, left)?);
    }
    let requested = all
        .iter()
        .filter(|event| event.action == AuditAction::DeploymentRequested);
    let (mut agents, mut versions) = (BTreeSet::new(), BTreeSet::new());
    for event in requested {
        agents.extend(event.agent.clone());
        versions.extend(event.detail.get("version").cloned());
    }
    let (agents, versions) = (agents.into_iter().collect(), versions.into_iter().collect());
    let rows = store::audit::cuts(db, agents, versions, most(*left)).await?;
    all.extend(taken(rows, left)?);
    Ok(all)
}

/// One more than may be taken, so that too much is noticed.
fn most(left: usize) -> u64 {
    u64::try_from(left).map_or(u64::MAX, |left| left + 1)
}

fn taken(rows: Vec<audit_leaf::Model>, left: &mut usize) -> Result<Vec<Told>, Error> {
    let too_wide = || ValidationErrors::one("from", FieldProblem::TooWide);
    *left = left.checked_sub(rows.len()).ok_or_else(too_wide)?;
    rows.iter().map(told).collect()
}

fn told(row: &audit_leaf::Model) -> Result<Told, Error> {
    let internal = |e: String| Error::internal("segregation::told", e);
    let LeafEvent {
        time,
        actor,
        action,
        object,
        agent,
        deployment,
        reason,
        detail,
        ..
    } = audit::parsed(row)?;
    let at = DateTime::parse_from_rfc3339(&time).map_err(|e| internal(e.to_string()))?;
    Ok(Told {
        index: audit::to_u64(row.idx)?,
        at: at.with_timezone(&Utc),
        actor_kind: actor.kind,
        actor_id: actor.id,
        actor_name: actor.name,
        action: action
            .parse()
            .map_err(|_| internal(format!("no action is called {action}")))?,
        object_id: object.id,
        agent,
        deployment: deployment.and_then(|number| i64::try_from(number).ok()),
        reason,
        detail,
    })
}
