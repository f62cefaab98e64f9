//! Legal holds.

use chrono::{DateTime, Utc};
use domain::id::{AgentId, LegalHoldId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::legal_hold;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Most that are listed, with those of before.
const LISTED: u64 = 200;

/// What a hold of everything is told apart by.
const EVERYTHING: &str = "everything";

/// What a hold is told apart by while it lasts.
pub(crate) fn open_key(agent: Option<AgentId>) -> String {
    agent.map_or_else(|| EVERYTHING.to_owned(), |agent| agent.to_string())
}

/// All of them, newest first, bounded.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<legal_hold::Model>, Error> {
    Ok(legal_hold::Entity::find()
        .order_by_desc(legal_hold::Column::Id)
        .limit(LISTED)
        .all(db)
        .await?)
}

/// Those that last.
pub(crate) async fn in_force(db: &impl ConnectionTrait) -> Result<Vec<legal_hold::Model>, Error> {
    Ok(legal_hold::Entity::find()
        .filter(legal_hold::Column::OpenKey.is_not_null())
        .all(db)
        .await?)
}

/// One of them.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: LegalHoldId,
) -> Result<legal_hold::Model, Error> {
    let found = legal_hold::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Error::NotFound { kind: "legal hold" })
}

/// Writes one.
pub(crate) async fn insert(tx: &Tx, row: legal_hold::Model) -> Result<(), Error> {
    legal_hold::Entity::insert(legal_hold::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Ends one that lasts.
pub(crate) async fn release(
    tx: &Tx,
    id: LegalHoldId,
    (by, reason): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    use legal_hold::Column as C;
    let ended = legal_hold::Entity::update_many()
        .col_expr(C::OpenKey, Expr::value(None::<String>))
        .col_expr(C::ReleasedBy, Expr::value(by))
        .col_expr(C::ReleaseReason, Expr::value(reason))
        .col_expr(C::ReleasedAt, Expr::value(now))
        .filter(C::Id.eq(id))
        .filter(C::OpenKey.is_not_null())
        .exec(&**tx)
        .await?;
    guarded(&ended)
}
