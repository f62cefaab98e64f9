//! Accounts at sign-in providers, sign-ins that were begun, and notices of sign-outs that were used.

use chrono::{DateTime, Utc};
use domain::id::UserId;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};

use super::entity::{provider_account, provider_flow, provider_logout};
use crate::error::Error;
use crate::transact::Tx;

/// Whose account it is.
pub(crate) async fn account(
    db: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<provider_account::Model>, Error> {
    let query = provider_account::Entity::find()
        .filter(provider_account::Column::Issuer.eq(issuer))
        .filter(provider_account::Column::Subject.eq(subject));
    Ok(query.one(db).await?)
}

/// Whose account a provider's directory calls this. The newest sign-in counts, should there be several.
pub(crate) async fn by_directory_id(
    db: &impl ConnectionTrait,
    provider: &str,
    directory_id: &str,
) -> Result<Option<provider_account::Model>, Error> {
    let query = provider_account::Entity::find()
        .filter(provider_account::Column::Provider.eq(provider))
        .filter(provider_account::Column::DirectoryId.eq(directory_id))
        .order_by_desc(provider_account::Column::LastUsedAt);
    Ok(query.one(db).await?)
}

/// The accounts of one person, oldest first. People have a handful; the bound is a safeguard.
pub(crate) async fn accounts(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<provider_account::Model>, Error> {
    let query = provider_account::Entity::find()
        .filter(provider_account::Column::UserId.eq(user))
        .order_by_asc(provider_account::Column::LinkedAt);
    Ok(query.paginate(db, 100).fetch_page(0).await?)
}

/// Binds an account to a person.
pub(crate) async fn insert_account(tx: &Tx, row: provider_account::Model) -> Result<(), Error> {
    provider_account::Entity::insert(provider_account::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes that an account was used, and what the provider's directory calls it.
pub(crate) async fn used(
    tx: &Tx,
    id: uuid::Uuid,
    directory_id: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let update = provider_account::Entity::update_many()
        .col_expr(
            provider_account::Column::DirectoryId,
            Expr::value(directory_id),
        )
        .col_expr(provider_account::Column::LastUsedAt, Expr::value(now))
        .filter(provider_account::Column::Id.eq(id));
    update.exec(&**tx).await?;
    Ok(())
}

/// How many sign-ins are under way: from one network, and from all.
pub(crate) async fn under_way(
    db: &impl ConnectionTrait,
    network: &str,
    now: i64,
) -> Result<(u64, u64), Error> {
    let open = || provider_flow::Entity::find().filter(provider_flow::Column::ExpiresAt.gt(now));
    let here = open().filter(provider_flow::Column::Network.eq(network));
    Ok((here.count(db).await?, open().count(db).await?))
}

/// Keeps what was begun.
pub(crate) async fn insert_flow(tx: &Tx, row: provider_flow::Model) -> Result<(), Error> {
    provider_flow::Entity::insert(provider_flow::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes what was begun, so that nobody takes it again. `None` when it is not there, or was taken meanwhile.
pub(crate) async fn take_flow(tx: &Tx, id: &str) -> Result<Option<provider_flow::Model>, Error> {
    let Some(row) = provider_flow::Entity::find_by_id(id).one(&**tx).await? else {
        return Ok(None);
    };
    let gone = provider_flow::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok((gone.rows_affected == 1).then_some(row))
}

/// Notes that a notice was used. `false` when it was already.
pub(crate) async fn use_logout(tx: &Tx, id: &str, expires_at: i64) -> Result<bool, Error> {
    let row = provider_logout::ActiveModel {
        id: Set(id.to_owned()),
        expires_at: Set(expires_at),
    };
    let known = OnConflict::column(provider_logout::Column::Id)
        .do_nothing()
        .to_owned();
    let written = provider_logout::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(written == 1)
}

/// Forgets what is over.
pub(crate) async fn sweep(tx: &Tx, now: i64) -> Result<(), Error> {
    provider_flow::Entity::delete_many()
        .filter(provider_flow::Column::ExpiresAt.lte(now))
        .exec(&**tx)
        .await?;
    provider_logout::Entity::delete_many()
        .filter(provider_logout::Column::ExpiresAt.lte(now))
        .exec(&**tx)
        .await?;
    Ok(())
}
