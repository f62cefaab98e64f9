//! Agent identities and used assertions.

use chrono::{DateTime, Utc};
use domain::form::query::IdentityQuery;
use domain::id::{AgentId, DeploymentId, IdentityId, TeamId};
use domain::identity::{IdentityEvent, IdentityState};
use domain::name::is_scope;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, Query},
};

use super::entity::{assertion, identity, live};
use super::fleet::{self, within};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// The identity of a deployment.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<Option<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::DeploymentId.eq(deployment))
        .one(db)
        .await?)
}

/// An identity by its id.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: IdentityId,
) -> Result<identity::Model, Error> {
    let found = identity::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Error::NotFound { kind: "identity" })
}

/// An identity by its client id.
pub(crate) async fn by_client(
    db: &impl ConnectionTrait,
    client_id: &str,
) -> Result<Option<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::ClientId.eq(client_id))
        .one(db)
        .await?)
}

/// Writes an identity.
pub(crate) async fn insert(tx: &Tx, row: identity::Model) -> Result<(), Error> {
    identity::Entity::insert(identity::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes the public key once the provider has made the principal.
pub(crate) async fn set_key(tx: &Tx, id: IdentityId, public_jwk: &str) -> Result<(), Error> {
    identity::Entity::update_many()
        .col_expr(identity::Column::PublicJwk, Expr::value(public_jwk))
        .filter(identity::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Writes the scopes that the token endpoint gives.
pub(crate) async fn set_scopes(tx: &Tx, id: IdentityId, scopes: &str) -> Result<(), Error> {
    identity::Entity::update_many()
        .col_expr(identity::Column::Scopes, Expr::value(scopes))
        .filter(identity::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Moves an identity on.
pub(crate) async fn transition(
    tx: &Tx,
    row: &identity::Model,
    event: IdentityEvent,
    now: DateTime<Utc>,
) -> Result<IdentityState, Error> {
    let next = row.state.apply(event)?;
    let revoked = (next == IdentityState::Revoked).then_some(now);
    let moved = identity::Entity::update_many()
        .col_expr(identity::Column::State, Expr::value(next))
        .col_expr(identity::Column::RevokedAt, Expr::value(revoked))
        .filter(identity::Column::Id.eq(row.id))
        .filter(identity::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)?;
    Ok(next)
}

/// Uses an assertion up. False when it was used before.
pub(crate) async fn burn(tx: &Tx, id: &str, expires_at: i64, now: i64) -> Result<bool, Error> {
    assertion::Entity::delete_many()
        .filter(assertion::Column::ExpiresAt.lt(now))
        .exec(&**tx)
        .await?;
    if assertion::Entity::find_by_id(id)
        .one(&**tx)
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let row = assertion::ActiveModel {
        id: Set(id.to_owned()),
        expires_at: Set(expires_at),
    };
    assertion::Entity::insert(row)
        .exec_without_returning(&**tx)
        .await?;
    Ok(true)
}

/// The identities of several deployments.
pub(crate) async fn of_many(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::DeploymentId.is_in(deployments))
        .all(db)
        .await?)
}

/// The identities of several client ids.
pub(crate) async fn by_clients(
    db: &impl ConnectionTrait,
    clients: Vec<String>,
) -> Result<Vec<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::ClientId.is_in(clients))
        .all(db)
        .await?)
}

/// Several identities.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<IdentityId>,
) -> Result<Vec<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// The active identities of an agent.
pub(crate) async fn active_of(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Vec<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::AgentId.eq(agent))
        .filter(identity::Column::State.eq(IdentityState::Active))
        .all(db)
        .await?)
}

/// The revoked identities of what is live, bounded: these agents run and can prove nothing.
pub(crate) async fn revoked_of_live(
    db: &impl ConnectionTrait,
) -> Result<Vec<identity::Model>, Error> {
    let live = Query::select()
        .column(live::Column::DeploymentId)
        .from(live::Entity)
        .to_owned();
    Ok(identity::Entity::find()
        .filter(identity::Column::State.eq(IdentityState::Revoked))
        .filter(identity::Column::DeploymentId.in_subquery(live))
        .limit(1_000)
        .all(db)
        .await?)
}

/// Every identity that was not revoked: those of what runs, and of what is on its way there.
pub(crate) async fn not_revoked(db: &impl ConnectionTrait) -> Result<Vec<identity::Model>, Error> {
    Ok(identity::Entity::find()
        .filter(identity::Column::State.ne(IdentityState::Revoked))
        .all(db)
        .await?)
}

/// Identities of some teams' agents (`None`: all), newest first, below the cursor. A word that is no state finds nothing,
/// rather than everything.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    asked: &IdentityQuery,
    agent: Option<AgentId>,
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<identity::Model>, Error> {
    let mut query = identity::Entity::find()
        .filter(within(identity::Column::AgentId, teams))
        .order_by_desc(identity::Column::Id)
        .limit(limit);
    query = match asked.state.as_str() {
        "" => query.filter(identity::Column::State.ne(IdentityState::Revoked)),
        "any" => query,
        "usable" => query.filter(fleet::can_act()),
        word => query.filter(identity::Column::State.is_in(word.parse::<IdentityState>())),
    };
    if let Some(agent) = agent {
        query = query.filter(identity::Column::AgentId.eq(agent));
    }
    if !asked.scope.is_empty() {
        if !is_scope(&asked.scope) {
            return Ok(Vec::new());
        }
        query = query.filter(fleet::has_scope(&asked.scope));
    }
    if let Ok(cursor) = asked.cursor.parse::<IdentityId>() {
        query = query.filter(identity::Column::Id.lt(cursor));
    }
    Ok(query.all(db).await?)
}
