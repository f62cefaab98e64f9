//! The resource ledger.

use chrono::{DateTime, Utc};
use domain::id::{DeploymentId, ResourceId};
use domain::ledger::{Origin, ResourceEvent, ResourceKind, ResourceState};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::entity::resource;
use super::guarded;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// The ledger of a deployment, in order of writing.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Vec<resource::Model>, Error> {
    let query = resource::Entity::find()
        .filter(resource::Column::DeploymentId.eq(deployment))
        .order_by_asc(resource::Column::Sequence);
    Ok(query.all(db).await?)
}

/// Resources of a name, whatever they are, bounded.
pub(crate) async fn called(
    db: &impl ConnectionTrait,
    name: &str,
    limit: u64,
) -> Result<Vec<resource::Model>, Error> {
    Ok(resource::Entity::find()
        .filter(resource::Column::Kind.is_in(ResourceKind::ALL.iter().copied()))
        .filter(resource::Column::Name.eq(name))
        .limit(limit)
        .all(db)
        .await?)
}

/// Notes an object before it is created. The same object again (after a kill) is the same row.
pub(crate) async fn plan(
    tx: &Tx,
    deployment: DeploymentId,
    kind: ResourceKind,
    name: &str,
    origin: Origin,
    now: DateTime<Utc>,
) -> Result<(resource::Model, bool), Error> {
    let known = of(&**tx, deployment).await?;
    if let Some(row) = known.iter().find(|r| r.kind == kind && r.name == name) {
        return Ok((row.clone(), false));
    }
    let sequence = known.last().map_or(1, |r| r.sequence + 1);
    let row = resource::Model {
        id: ResourceId(ids::new()),
        deployment_id: deployment,
        sequence,
        kind,
        name: name.to_owned(),
        state: if origin == Origin::Referenced {
            ResourceState::Retained
        } else {
            ResourceState::Planned
        },
        origin,
        attempts: 0,
        last_error: None,
        next_attempt_at: now,
        written_at: now,
        settled_at: None,
    };
    resource::Entity::insert(resource::ActiveModel::from(row.clone()))
        .exec_without_returning(&**tx)
        .await?;
    Ok((row, true))
}

/// Moves an object on. Moving it to where it is already is no change.
pub(crate) async fn transition(
    tx: &Tx,
    row: &resource::Model,
    event: ResourceEvent,
    now: DateTime<Utc>,
) -> Result<ResourceState, Error> {
    let next = row.state.apply(event)?;
    let settled = matches!(next, ResourceState::Deleted | ResourceState::Retained).then_some(now);
    let moved = resource::Entity::update_many()
        .col_expr(resource::Column::State, Expr::value(next))
        .col_expr(resource::Column::SettledAt, Expr::value(settled))
        .col_expr(resource::Column::NextAttemptAt, Expr::value(now))
        .filter(resource::Column::Id.eq(row.id))
        .filter(resource::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Notes that a deletion did not work, and when to try again.
pub(crate) async fn postpone(
    tx: &Tx,
    row: &resource::Model,
    error: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    resource::Entity::update_many()
        .col_expr(resource::Column::Attempts, Expr::value(row.attempts + 1))
        .col_expr(
            resource::Column::LastError,
            Expr::value(domain::text::cut(error, 500)),
        )
        .col_expr(resource::Column::NextAttemptAt, Expr::value(at))
        .filter(resource::Column::Id.eq(row.id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Objects to delete that are due.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<resource::Model>, Error> {
    let query = resource::Entity::find()
        .filter(resource::Column::State.eq(ResourceState::DeleteRequested))
        .filter(resource::Column::NextAttemptAt.lte(now))
        .order_by_asc(resource::Column::NextAttemptAt)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Everything the ledger says of one external object.
pub(crate) async fn by_name(
    db: &impl ConnectionTrait,
    kind: ResourceKind,
    name: &str,
) -> Result<Vec<resource::Model>, Error> {
    let query = resource::Entity::find()
        .filter(resource::Column::Kind.eq(kind))
        .filter(resource::Column::Name.eq(name));
    Ok(query.all(db).await?)
}

/// Everything that the ledger does not say is gone, newest first, bounded.
pub(crate) async fn current(db: &impl ConnectionTrait) -> Result<Vec<resource::Model>, Error> {
    let query = resource::Entity::find()
        .filter(resource::Column::State.ne(ResourceState::Deleted))
        .order_by_desc(resource::Column::WrittenAt)
        .limit(20_000);
    Ok(query.all(db).await?)
}

/// What the ledger says of several external objects of a kind.
pub(crate) async fn named(
    db: &impl ConnectionTrait,
    kind: ResourceKind,
    names: Vec<String>,
) -> Result<Vec<resource::Model>, Error> {
    let query = resource::Entity::find()
        .filter(resource::Column::Kind.eq(kind))
        .filter(resource::Column::Name.is_in(names));
    Ok(query.all(db).await?)
}
