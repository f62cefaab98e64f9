//! Service accounts and their trust rules.

use chrono::{DateTime, Utc};
use domain::id::{ServiceAccountId, TeamId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::entity::{service_account, trust_rule};
use crate::error::Error;
use crate::transact::Tx;

/// Most rows of a reading: as many accounts, or rules, as there can be.
const READ_MAX: u64 = domain::service_account::ACCOUNTS_MAX * domain::service_account::RULES_MAX;

/// One account, by its short name.
pub(crate) async fn by_slug(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<service_account::Model>, Error> {
    let query = service_account::Entity::find().filter(service_account::Column::Slug.eq(slug));
    Ok(query.one(db).await?)
}

/// One account.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: ServiceAccountId,
) -> Result<Option<service_account::Model>, Error> {
    Ok(service_account::Entity::find_by_id(id).one(db).await?)
}

/// How many accounts there are.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(service_account::Entity::find().count(db).await?)
}

/// The accounts by short name; those of some teams where they are named.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<Vec<service_account::Model>, Error> {
    let mut query = service_account::Entity::find()
        .order_by_asc(service_account::Column::Slug)
        .limit(READ_MAX);
    if let Some(teams) = teams {
        query = query.filter(service_account::Column::TeamId.is_in(teams.iter().copied()));
    }
    Ok(query.all(db).await?)
}

/// Writes an account.
pub(crate) async fn insert(tx: &Tx, row: service_account::Model) -> Result<(), Error> {
    service_account::Entity::insert(service_account::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The accounts of one owner that are not disabled.
pub(crate) async fn enabled_of(
    db: &impl ConnectionTrait,
    owner: UserId,
) -> Result<Vec<service_account::Model>, Error> {
    let query = service_account::Entity::find()
        .filter(service_account::Column::OwnerId.eq(owner))
        .filter(service_account::Column::DisabledAt.is_null());
    Ok(query.all(db).await?)
}

/// Disables an account, or takes that back.
pub(crate) async fn disable(
    tx: &Tx,
    id: ServiceAccountId,
    at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    service_account::Entity::update_many()
        .col_expr(service_account::Column::DisabledAt, Expr::value(at))
        .filter(service_account::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Takes an account away, with its rules.
pub(crate) async fn remove(tx: &Tx, id: ServiceAccountId) -> Result<(), Error> {
    trust_rule::Entity::delete_many()
        .filter(trust_rule::Column::AccountId.eq(id))
        .exec(&**tx)
        .await?;
    service_account::Entity::delete_by_id(id)
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The rules of an account.
pub(crate) async fn rules_of(
    db: &impl ConnectionTrait,
    accounts: &[ServiceAccountId],
) -> Result<Vec<trust_rule::Model>, Error> {
    let query = trust_rule::Entity::find()
        .filter(trust_rule::Column::AccountId.is_in(accounts.iter().copied()))
        .order_by_asc(trust_rule::Column::CreatedAt)
        .order_by_asc(trust_rule::Column::Id)
        .limit(READ_MAX);
    Ok(query.all(db).await?)
}

/// The rules that trust an issuer.
pub(crate) async fn rules_for(
    db: &impl ConnectionTrait,
    issuer: &str,
) -> Result<Vec<trust_rule::Model>, Error> {
    let query = trust_rule::Entity::find()
        .filter(trust_rule::Column::Issuer.eq(issuer))
        .limit(READ_MAX);
    Ok(query.all(db).await?)
}

/// One rule.
pub(crate) async fn rule(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<trust_rule::Model>, Error> {
    Ok(trust_rule::Entity::find_by_id(id).one(db).await?)
}

/// Writes a rule.
pub(crate) async fn insert_rule(tx: &Tx, row: trust_rule::Model) -> Result<(), Error> {
    trust_rule::Entity::insert(trust_rule::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes a rule away.
pub(crate) async fn remove_rule(tx: &Tx, id: Uuid) -> Result<(), Error> {
    trust_rule::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// Notes that a token was given to an account, by a rule.
pub(crate) async fn used(
    tx: &Tx,
    account: ServiceAccountId,
    rule: Uuid,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    service_account::Entity::update_many()
        .col_expr(service_account::Column::LastUsedAt, Expr::value(now))
        .filter(service_account::Column::Id.eq(account))
        .exec(&**tx)
        .await?;
    trust_rule::Entity::update_many()
        .col_expr(trust_rule::Column::LastUsedAt, Expr::value(now))
        .filter(trust_rule::Column::Id.eq(rule))
        .exec(&**tx)
        .await?;
    Ok(())
}
