//! What runtimes' providers call identities.

use chrono::{DateTime, Utc};
use domain::binding::BindingProvider;
use domain::id::IdentityId;
use domain::identity::IdentityState;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};

use super::entity::{binding, identity};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most of one identity that are read, with those of before.
const READ_MAX: u64 = 100;

/// What a principal is told apart by while a binding lasts.
pub(crate) fn open_key(provider: BindingProvider, principal: &str) -> String {
    format!("{provider} {principal}")
}

/// Those of an identity, newest first, bounded.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    identity: IdentityId,
) -> Result<Vec<binding::Model>, Error> {
    Ok(binding::Entity::find()
        .filter(binding::Column::IdentityId.eq(identity))
        .order_by_desc(binding::Column::Id)
        .limit(READ_MAX)
        .all(db)
        .await?)
}

/// The one that lasts for a principal.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    provider: BindingProvider,
    principal: &str,
) -> Result<Option<binding::Model>, Error> {
    let key = open_key(provider, principal);
    Ok(binding::Entity::find()
        .filter(binding::Column::OpenKey.eq(key))
        .one(db)
        .await?)
}

/// Every one that these principals had, whenever, newest first.
pub(crate) async fn of_principals(
    db: &impl ConnectionTrait,
    principals: Vec<String>,
) -> Result<Vec<binding::Model>, Error> {
    Ok(binding::Entity::find()
        .filter(binding::Column::Principal.is_in(principals))
        .order_by_desc(binding::Column::Id)
        .all(db)
        .await?)
}

/// Those that last, of identities that were not revoked.
pub(crate) async fn in_force(db: &impl ConnectionTrait) -> Result<Vec<binding::Model>, Error> {
    let standing = Query::select()
        .column(identity::Column::Id)
        .from(identity::Entity)
        .and_where(identity::Column::State.ne(IdentityState::Revoked))
        .to_owned();
    Ok(binding::Entity::find()
        .filter(binding::Column::OpenKey.is_not_null())
        .filter(binding::Column::IdentityId.in_subquery(standing))
        .all(db)
        .await?)
}

/// Writes one.
pub(crate) async fn insert(tx: &Tx, row: binding::Model) -> Result<(), Error> {
    binding::Entity::insert(binding::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Ends one that lasts.
pub(crate) async fn release(
    tx: &Tx,
    row: &binding::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ended = binding::Entity::update_many()
        .col_expr(binding::Column::OpenKey, Expr::value(None::<String>))
        .col_expr(binding::Column::ReleasedAt, Expr::value(now))
        .filter(binding::Column::Id.eq(row.id))
        .filter(binding::Column::OpenKey.is_not_null())
        .exec(&**tx)
        .await?;
    guarded(&ended)
}
