//! Agents and their sources.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::agent::{Framework, Risk};
use domain::environment::Environment;
use domain::form::query::{AgentFilter, Sort, Standing};
use domain::id::{AgentId, ConnectionId, TeamId};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{agent, deployment, live, quarantine};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// An agent.
pub(crate) async fn get(db: &impl ConnectionTrait, id: AgentId) -> Result<agent::Model, Error> {
    agent::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "agent" })
}

/// An agent as it is now, held until the transaction ends: what concerns its deployments as a whole takes turns. SQLite has
/// one writer, so there it is held already. Take it before anything is written.
pub(crate) async fn lock(tx: &Tx, id: AgentId) -> Result<agent::Model, Error> {
    agent::Entity::find_by_id(id)
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or(Error::NotFound { kind: "agent" })
}

/// An agent by slug.
pub(crate) async fn by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<agent::Model, Error> {
    agent::Entity::find()
        .filter(agent::Column::Slug.eq(slug))
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "agent" })
}

/// Several agents by their slugs; those that are not there are left out.
pub(crate) async fn by_slugs(
    db: &impl ConnectionTrait,
    slugs: Vec<String>,
) -> Result<Vec<agent::Model>, Error> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let query = agent::Entity::find().filter(agent::Column::Slug.is_in(slugs));
    Ok(query.all(db).await?)
}

/// The teams of some agents, by slug.
pub(crate) async fn teams_of(
    db: &impl ConnectionTrait,
    slugs: BTreeSet<String>,
) -> Result<Vec<(String, TeamId)>, Error> {
    let query = agent::Entity::find()
        .select_only()
        .column(agent::Column::Slug)
        .column(agent::Column::TeamId)
        .filter(agent::Column::Slug.is_in(slugs));
    Ok(query.into_tuple().all(db).await?)
}

/// Several agents.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<AgentId>,
) -> Result<Vec<agent::Model>, Error> {
    Ok(agent::Entity::find()
        .filter(agent::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// The agents that a push to a repository may concern.
pub(crate) async fn of_repository(
    db: &impl ConnectionTrait,
    connection: ConnectionId,
    repositories: Vec<String>,
) -> Result<Vec<agent::Model>, Error> {
    let query = agent::Entity::find()
        .filter(agent::Column::ConnectionId.eq(connection))
        .filter(agent::Column::RepositoryKey.is_in(repositories))
        .filter(agent::Column::DecommissionedAt.is_null());
    Ok(query.all(db).await?)
}

/// Agents whose source is watched, a page at a time for the poller.
pub(crate) async fn watched(
    db: &impl ConnectionTrait,
    after: &str,
    limit: u64,
) -> Result<Vec<agent::Model>, Error> {
    let query = agent::Entity::find()
        .filter(agent::Column::DecommissionedAt.is_null())
        .filter(agent::Column::Slug.gt(after))
        .order_by_asc(agent::Column::Slug)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Writes an agent.
pub(crate) async fn insert(tx: &Tx, row: agent::Model) -> Result<(), Error> {
    agent::Entity::insert(agent::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves the watched branch's head from what the caller saw. False when somebody was faster.
pub(crate) async fn move_head(tx: &Tx, row: &agent::Model, commit: &str) -> Result<bool, Error> {
    let seen = match &row.head_commit {
        Some(old) => agent::Column::HeadCommit.eq(old.as_str()),
        None => agent::Column::HeadCommit.is_null(),
    };
    let moved = agent::Entity::update_many()
        .col_expr(agent::Column::HeadCommit, Expr::value(commit))
        .filter(agent::Column::Id.eq(row.id))
        .filter(agent::Column::DecommissionedAt.is_null())
        .filter(seen)
        .exec(&**tx)
        .await?;
    Ok(moved.rows_affected == 1)
}

/// Takes over what the newest manifest says of the agent.
pub(crate) async fn describe(
    tx: &Tx,
    id: AgentId,
    description: &str,
    framework: Framework,
    risk: Risk,
) -> Result<(), Error> {
    agent::Entity::update_many()
        .col_expr(agent::Column::Description, Expr::value(description))
        .col_expr(agent::Column::Framework, Expr::value(framework))
        .col_expr(agent::Column::Risk, Expr::value(risk))
        .filter(agent::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Ends an agent, once.
pub(crate) async fn decommission(
    tx: &Tx,
    row: &agent::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ended = agent::Entity::update_many()
        .col_expr(agent::Column::DecommissionedAt, Expr::value(now))
        .col_expr(agent::Column::Revision, Expr::value(row.revision + 1))
        .filter(agent::Column::Id.eq(row.id))
        .filter(agent::Column::Revision.eq(row.revision))
        .filter(agent::Column::DecommissionedAt.is_null())
        .exec(&**tx)
        .await?;
    guarded(&ended)
}

/// Which agents a list shows: of some teams (`None`: all), by the other filters.
fn narrowed(filter: &AgentFilter, teams: Option<&[TeamId]>) -> Condition {
    let mut all = Condition::all();
    if let Some(teams) = teams {
        all = all.add(agent::Column::TeamId.is_in(teams.to_vec()));
    }
    if !filter.part.is_empty() {
        all = all.add(says(&filter.part));
    }
    let any = |parts: Vec<Condition>| parts.into_iter().fold(Condition::any(), Condition::add);
    if !filter.standings.is_empty() {
        all = all.add(any(filter
            .standings
            .iter()
            .map(|one| stands(*one))
            .collect()));
    }
    if !filter.frameworks.is_empty() {
        let one = |framework: &Option<Framework>| match framework {
            Some(framework) => agent::Column::Framework.eq(*framework),
            None => agent::Column::Framework.is_null(),
        };
        all = all.add(
            filter
                .frameworks
                .iter()
                .map(one)
                .fold(Condition::any(), Condition::add),
        );
    }
    if !filter.risks.is_empty() {
        let one = |risk: &Option<Risk>| match risk {
            Some(risk) => agent::Column::Risk.eq(*risk),
            None => agent::Column::Risk.is_null(),
        };
        all = all.add(
            filter
                .risks
                .iter()
                .map(one)
                .fold(Condition::any(), Condition::add),
        );
    }
    all
}

/// By part of slug or description.
fn says(part: &str) -> Condition {
    let escaped = part
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    let like = || LikeExpr::new(format!("%{escaped}%")).escape('\\');
    let lower = Func::lower(Expr::col((agent::Entity, agent::Column::Description)));
    Condition::any()
        .add(agent::Column::Slug.like(like()))
        .add(Expr::expr(lower).like(like()))
}

fn stands(standing: Standing) -> Condition {
    let live = |environment| agent::Column::Id.in_subquery(live_in(environment));
    match standing {
        Standing::Production => Condition::all().add(live(Environment::Production)),
        Standing::NonProdOnly => Condition::all()
            .add(live(Environment::NonProd))
            .add(agent::Column::Id.not_in_subquery(live_in(Environment::Production))),
        Standing::Quarantined => {
            let held = Query::select()
                .column(quarantine::Column::DeploymentId)
                .from(quarantine::Entity)
                .and_where(quarantine::Column::OpenKey.is_not_null())
                .to_owned();
            let agents = Query::select()
                .column(live::Column::AgentId)
                .from(live::Entity)
                .and_where(live::Column::DeploymentId.in_subquery(held))
                .to_owned();
            Condition::all().add(agent::Column::Id.in_subquery(agents))
        }
        Standing::Never => {
            let deployed = Query::select()
                .expr(Expr::val(1))
                .from(deployment::Entity)
                .and_where(
                    Expr::col((deployment::Entity, deployment::Column::AgentId))
                        .equals((agent::Entity, agent::Column::Id)),
                )
                .to_owned();
            Condition::all().add(Expr::exists(deployed).not())
        }
        Standing::Decommissioned => {
            Condition::all().add(agent::Column::DecommissionedAt.is_not_null())
        }
    }
}

/// The agents of which something is live in an environment.
fn live_in(environment: Environment) -> SelectStatement {
    Query::select()
        .column(live::Column::AgentId)
        .from(live::Entity)
        .and_where(live::Column::Environment.eq(environment))
        .to_owned()
}

/// Agents in the order that is asked for, after the cursor, of some teams (`None`: all).
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    filter: &AgentFilter,
    teams: Option<&[TeamId]>,
    cursor: &str,
    limit: u64,
) -> Result<Vec<agent::Model>, Error> {
    let slug = agent::Column::Slug;
    let mut query = agent::Entity::find()
        .filter(narrowed(filter, teams))
        .limit(limit);
    query = match filter.sort {
        Sort::Name => query.order_by_asc(slug),
        Sort::NameDown => query.order_by_desc(slug),
    };
    if !cursor.is_empty() {
        query = query.filter(match filter.sort {
            Sort::Name => slug.gt(cursor),
            Sort::NameDown => slug.lt(cursor),
        });
    }
    Ok(query.all(db).await?)
}

/// How many agents the filters leave, counted up to a bound.
pub(crate) async fn count_up_to(
    db: &impl ConnectionTrait,
    filter: &AgentFilter,
    teams: Option<&[TeamId]>,
    bound: u64,
) -> Result<u64, Error> {
    let first = agent::Entity::find()
        .select_only()
        .column(agent::Column::Id)
        .filter(narrowed(filter, teams))
        .limit(bound)
        .into_tuple::<AgentId>()
        .all(db)
        .await?;
    Ok(u64::try_from(first.len()).unwrap_or(bound))
}
