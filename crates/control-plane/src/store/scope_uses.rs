//! How scopes are used.

use domain::id::IdentityId;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::entity::scope_use;
use crate::error::Error;
use crate::transact::Tx;

/// Adds uses to what is known, two at once included: the calls add up, and the later time stays.
pub(crate) async fn add(tx: &Tx, rows: Vec<scope_use::Model>) -> Result<(), Error> {
    use scope_use::Column as C;
    if rows.is_empty() {
        return Ok(());
    }
    let more = OnConflict::columns([C::IdentityId, C::Scope])
        .value(
            C::Calls,
            Expr::col((scope_use::Entity, C::Calls)).add(Expr::cust("excluded.calls")),
        )
        .value(
            C::LastAt,
            Expr::cust(
                "CASE WHEN excluded.last_at > scope_uses.last_at THEN excluded.last_at ELSE scope_uses.last_at END",
            ),
        )
        .to_owned();
    let rows = rows.into_iter().map(scope_use::ActiveModel::from);
    scope_use::Entity::insert_many(rows)
        .on_conflict(more)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The uses of several identities. An identity has at most as many scopes as a manifest may ask for.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    identities: Vec<IdentityId>,
) -> Result<Vec<scope_use::Model>, Error> {
    let query = scope_use::Entity::find().filter(scope_use::Column::IdentityId.is_in(identities));
    Ok(query.all(db).await?)
}
