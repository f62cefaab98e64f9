//! Readings over all agents at once, for the overview and for lists. Nothing here writes, and each function is one
//! statement. `teams` narrows to the agents of these teams; `None` stands for every team.

use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::form::query::Mark;
use domain::gate::{Gate, Verdict};
use domain::id::TeamId;
use domain::identity::IdentityState;
use domain::rollback::Readiness;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait as _, RelationDef,
};

use super::entity::{
    agent, break_glass, compliance, deployment, gate_run, identity, rollback_check, team,
};
use crate::error::Error;

pub(crate) mod marks;

/// The ids of the agents of some teams.
fn agents_of(teams: &[TeamId]) -> SelectStatement {
    Query::select()
        .column(agent::Column::Id)
        .from(agent::Entity)
        .and_where(agent::Column::TeamId.is_in(teams.to_vec()))
        .to_owned()
}

/// "Belongs to an agent of these teams", for any table with an agent's id.
pub(crate) fn within(column: impl ColumnTrait, teams: Option<&[TeamId]>) -> Condition {
    match teams {
        None => Condition::all(),
        Some(teams) => Condition::all().add(column.in_subquery(agents_of(teams))),
    }
}

fn live(
    environment: Option<Environment>,
    teams: Option<&[TeamId]>,
) -> sea_orm::Select<deployment::Entity> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::State.eq(DeploymentState::Live))
        .filter(within(deployment::Column::AgentId, teams));
    match environment {
        Some(environment) => query.filter(deployment::Column::Environment.eq(environment)),
        None => query,
    }
}

/// How much is live of each team in each environment: the team's slug, how much there is, how much of it does not comply, and how
/// much is not healthy.
pub(crate) async fn standing(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<Vec<(String, Environment, i64, i64, i64)>, Error> {
    let agents = deployment::Entity::belongs_to(agent::Entity)
        .from(deployment::Column::AgentId)
        .to(agent::Column::Id);
    let of = agent::Entity::belongs_to(team::Entity)
        .from(agent::Column::TeamId)
        .to(team::Column::Id);
    let lacking = deployment::Entity::belongs_to(compliance::Entity)
        .from(deployment::Column::Id)
        .to(compliance::Column::DeploymentId);
    let sick = Expr::case(marks::of(Mark::Unhealthy), 1);
    let query = live(None, teams)
        .join(JoinType::InnerJoin, agents.into())
        .join(JoinType::InnerJoin, of.into())
        .join(JoinType::LeftJoin, lacking.into())
        .select_only()
        .column(team::Column::Slug)
        .column(deployment::Column::Environment)
        .column_as(deployment::Column::Id.count(), "live")
        .column_as(compliance::Column::Id.count(), "lacking")
        .column_as(Expr::Case(Box::new(sick)).count(), "sick")
        .group_by(team::Column::Slug)
        .group_by(deployment::Column::Environment)
        .order_by_asc(team::Column::Slug);
    Ok(query.into_tuple().all(db).await?)
}

/// Live deployments with a mark, newest first, bounded.
pub(crate) async fn marked(
    db: &impl ConnectionTrait,
    mark: Mark,
    environment: Option<Environment>,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let query = live(environment, teams)
        .filter(marks::of(mark))
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// How many deployments are live in production with a mark.
pub(crate) async fn count_marked(
    db: &impl ConnectionTrait,
    mark: Mark,
    teams: Option<&[TeamId]>,
) -> Result<u64, Error> {
    let query = live(Some(Environment::Production), teams).filter(marks::of(mark));
    Ok(query.count(db).await?)
}

/// How many deployments are live in production with each readiness of their way back; `None` for what nobody looked at.
pub(crate) async fn count_readiness(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<Vec<(Option<Readiness>, i64)>, Error> {
    let checks = deployment::Entity::belongs_to(rollback_check::Entity)
        .from(deployment::Column::Id)
        .to(rollback_check::Column::DeploymentId);
    let query = live(Some(Environment::Production), teams)
        .join(JoinType::LeftJoin, checks.into())
        .select_only()
        .column(rollback_check::Column::Readiness)
        .column_as(deployment::Column::Id.count(), "count")
        .group_by(rollback_check::Column::Readiness);
    Ok(query.into_tuple().all(db).await?)
}

/// What is live in production and has something to go back to that is not ready, newest first, bounded.
pub(crate) async fn not_ready(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(deployment::Model, Readiness)>, Error> {
    let checks = deployment::Entity::belongs_to(rollback_check::Entity)
        .from(deployment::Column::Id)
        .to(rollback_check::Column::DeploymentId);
    let query = live(Some(Environment::Production), teams)
        .filter(marks::of(Mark::RollbackNotReady))
        .join(JoinType::InnerJoin, checks.into())
        .select_also(rollback_check::Entity)
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    let rows = query.all(db).await?.into_iter();
    Ok(rows
        .filter_map(|(row, check)| Some((row, check?.readiness)))
        .collect())
}

fn went_live(teams: Option<&[TeamId]>) -> sea_orm::Select<deployment::Entity> {
    deployment::Entity::find()
        .filter(deployment::Column::Environment.eq(Environment::Production))
        .filter(deployment::Column::LiveAt.is_not_null())
        .filter(within(deployment::Column::AgentId, teams))
}

/// With who let it through alone, where somebody did.
fn broken_glass() -> RelationDef {
    deployment::Entity::belongs_to(break_glass::Entity)
        .from(deployment::Column::Id)
        .to(break_glass::Column::DeploymentId)
        .on_condition(|_, glass| {
            let used = Expr::col((glass, break_glass::Column::UsedAt)).is_not_null();
            Condition::all().add(used)
        })
        .into()
}

/// What went live in production last, newest first, bounded; each with how one person let it through alone, where somebody did.
pub(crate) async fn last_live(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(deployment::Model, Option<break_glass::Model>)>, Error> {
    let query = went_live(teams)
        .join(JoinType::LeftJoin, broken_glass())
        .select_also(break_glass::Entity)
        .order_by_desc(deployment::Column::LiveAt)
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// How many changes went live in production since, and how many of them because one person let them through. What only puts an
/// earlier state back is no change.
pub(crate) async fn count_went_live(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    teams: Option<&[TeamId]>,
) -> Result<(i64, i64), Error> {
    let query = went_live(teams)
        .filter(deployment::Column::LiveAt.gte(since))
        .filter(deployment::Column::Kind.ne(DeploymentKind::Rollback))
        .join(JoinType::LeftJoin, broken_glass())
        .select_only()
        .column_as(deployment::Column::Id.count(), "changes")
        .column_as(break_glass::Column::Id.count(), "alone");
    Ok(query.into_tuple().one(db).await?.unwrap_or_default())
}

/// The deployments in which a gate passed.
pub(crate) fn passing(gate: Gate) -> SelectStatement {
    Query::select()
        .column(gate_run::Column::DeploymentId)
        .from(gate_run::Entity)
        .and_where(gate_run::Column::Verdict.eq(Verdict::Passed))
        .and_where(gate_run::Column::Gate.eq(gate))
        .to_owned()
}

/// Of what is live in production, how much passed each gate.
pub(crate) async fn count_passed(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<Vec<(Gate, i64)>, Error> {
    let live = live(Some(Environment::Production), teams)
        .select_only()
        .column(deployment::Column::Id)
        .into_query();
    let query = gate_run::Entity::find()
        .select_only()
        .column(gate_run::Column::Gate)
        .column_as(gate_run::Column::DeploymentId.count(), "count")
        .filter(gate_run::Column::Verdict.eq(Verdict::Passed))
        .filter(gate_run::Column::DeploymentId.in_subquery(live))
        .group_by(gate_run::Column::Gate);
    Ok(query.into_tuple().all(db).await?)
}

/// How many agents are in service.
pub(crate) async fn count_agents(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<u64, Error> {
    Ok(in_service(teams).count(db).await?)
}

/// How many agents are in service, and of how many of them no deployment was ever asked for.
pub(crate) async fn count_in_service(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<(i64, i64), Error> {
    let deployed = Query::select()
        .expr(Expr::val(1))
        .from(deployment::Entity)
        .and_where(
            Expr::col((deployment::Entity, deployment::Column::AgentId))
                .equals((agent::Entity, agent::Column::Id)),
        )
        .to_owned();
    let never = Expr::case(Expr::exists(deployed).not(), 1);
    let query = in_service(teams)
        .select_only()
        .column_as(agent::Column::Id.count(), "agents")
        .column_as(Expr::Case(Box::new(never)).count(), "never");
    Ok(query.into_tuple().one(db).await?.unwrap_or_default())
}

fn in_service(teams: Option<&[TeamId]>) -> sea_orm::Select<agent::Entity> {
    let query = agent::Entity::find().filter(agent::Column::DecommissionedAt.is_null());
    match teams {
        Some(teams) => query.filter(agent::Column::TeamId.is_in(teams.to_vec())),
        None => query,
    }
}

fn usable(teams: Option<&[TeamId]>) -> sea_orm::Select<identity::Entity> {
    identity::Entity::find()
        .filter(can_act())
        .filter(within(identity::Column::AgentId, teams))
}

/// "May act now", of an identity.
pub(crate) fn can_act() -> Condition {
    let entitled: Vec<DeploymentState> = DeploymentState::ALL
        .iter()
        .copied()
        .filter(|s| s.entitles_identity())
        .collect();
    let deployments = Query::select()
        .column(deployment::Column::Id)
        .from(deployment::Entity)
        .and_where(deployment::Column::State.is_in(entitled))
        .to_owned();
    Condition::all()
        .add(identity::Column::State.eq(IdentityState::Active))
        .add(identity::Column::DeploymentId.in_subquery(deployments))
}

/// "Has this scope", of an identity. Scopes are lower-case letters, digits and a few signs, of which `_` is one of a pattern.
pub(crate) fn has_scope(scope: &str) -> SimpleExpr {
    let quoted = scope.replace('_', "\\_");
    let pattern = LikeExpr::new(format!("%\"{quoted}\"%")).escape('\\');
    Expr::col((identity::Entity, identity::Column::Scopes)).like(pattern)
}

/// How many identities may act now.
pub(crate) async fn count_identities(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<u64, Error> {
    Ok(usable(teams).count(db).await?)
}

/// The scope lists of the identities that may act now, each list once, with how many identities have it; bounded.
pub(crate) async fn scopes(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<(String, i64)>, Error> {
    let query = usable(teams)
        .select_only()
        .column(identity::Column::Scopes)
        .column_as(identity::Column::Id.count(), "identities")
        .group_by(identity::Column::Scopes)
        .limit(limit);
    Ok(query.into_tuple().all(db).await?)
}

/// Identities that can act now and whose scopes begin with a resource, by client id, bounded. The caller looks again: in a
/// pattern `_` stands for any character.
pub(crate) async fn reaching(
    db: &impl ConnectionTrait,
    resource: &str,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<identity::Model>, Error> {
    let query = usable(teams)
        .filter(identity::Column::Scopes.contains(format!("\"{resource}:")))
        .order_by_asc(identity::Column::ClientId)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// How many gate runs came to each of some verdicts since a time. Results that were carried over count where they were made.
pub(crate) async fn count_verdicts(
    db: &impl ConnectionTrait,
    verdicts: [Verdict; 2],
    since: DateTime<Utc>,
    teams: Option<&[TeamId]>,
) -> Result<Vec<(Verdict, i64)>, Error> {
    let mut query = gate_run::Entity::find()
        .select_only()
        .column(gate_run::Column::Verdict)
        .column_as(gate_run::Column::Id.count(), "count")
        .filter(gate_run::Column::Verdict.is_in(verdicts))
        .filter(gate_run::Column::SettledAt.gte(since))
        .filter(gate_run::Column::CarriedFrom.is_null())
        .group_by(gate_run::Column::Verdict);
    if teams.is_some() {
        let theirs = Query::select()
            .column(deployment::Column::Id)
            .from(deployment::Entity)
            .cond_where(within(deployment::Column::AgentId, teams))
            .to_owned();
        query = query.filter(gate_run::Column::DeploymentId.in_subquery(theirs));
    }
    Ok(query.into_tuple().all(db).await?)
}

/// How many deployments are in a state.
pub(crate) async fn count_in(
    db: &impl ConnectionTrait,
    state: DeploymentState,
    teams: Option<&[TeamId]>,
) -> Result<u64, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::State.eq(state))
        .filter(within(deployment::Column::AgentId, teams));
    Ok(query.count(db).await?)
}

fn on_their_way(teams: Option<&[TeamId]>) -> sea_orm::Select<deployment::Entity> {
    let states: Vec<DeploymentState> = DeploymentState::ALL
        .iter()
        .copied()
        .filter(|s| s.in_progress())
        .collect();
    deployment::Entity::find()
        .filter(deployment::Column::State.is_in(states))
        .filter(within(deployment::Column::AgentId, teams))
}

/// How many deployments are on their way.
pub(crate) async fn count_in_progress(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<u64, Error> {
    Ok(on_their_way(teams).count(db).await?)
}

/// Deployments on their way, newest first, bounded.
pub(crate) async fn in_progress(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let query = on_their_way(teams)
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The newest deployments that have ended, bounded.
pub(crate) async fn ended(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let query = deployment::Entity::find()
        .filter(deployment::Column::EndedAt.is_not_null())
        .filter(within(deployment::Column::AgentId, teams))
        .order_by_desc(deployment::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}
