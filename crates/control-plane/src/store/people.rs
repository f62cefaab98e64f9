//! People, teams and roles.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::actor::{Grant, Role};
use domain::id::{TeamId, UserId};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{role_grant, team, user};
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// Is there anybody yet?
pub(crate) async fn any(db: &impl ConnectionTrait) -> Result<bool, Error> {
    Ok(user::Entity::find().one(db).await?.is_some())
}

/// A person by sign-in address, lower case.
pub(crate) async fn by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<user::Model>, Error> {
    Ok(user::Entity::find()
        .filter(user::Column::Email.eq(email))
        .one(db)
        .await?)
}

/// A person by sign-in address, lower case, unless they left.
pub(crate) async fn here(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<user::Model>, Error> {
    let query = user::Entity::find()
        .filter(user::Column::Email.eq(email))
        .filter(user::Column::DeactivatedAt.is_null());
    Ok(query.one(db).await?)
}

/// How many people there are, with those who left.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(user::Entity::find().count(db).await?)
}

/// A person.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<user::Model>, Error> {
    Ok(user::Entity::find_by_id(id).one(db).await?)
}

/// Everybody, by name. Installations have tens to hundreds; the bound is a safeguard.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<user::Model>, Error> {
    Ok(user::Entity::find()
        .order_by_asc(user::Column::Name)
        .paginate(db, 1_000)
        .fetch_page(0)
        .await?)
}

/// Names of some people.
pub(crate) async fn names(
    db: &impl ConnectionTrait,
    ids: Vec<UserId>,
) -> Result<BTreeMap<UserId, String>, Error> {
    let rows: Vec<(UserId, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .filter(user::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Every grant, in one statement.
pub(crate) async fn all_grants(db: &impl ConnectionTrait) -> Result<Vec<role_grant::Model>, Error> {
    Ok(role_grant::Entity::find()
        .paginate(db, 10_000)
        .fetch_page(0)
        .await?)
}

/// The grants of one person.
pub(crate) async fn grants(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Grant>, Error> {
    let rows = role_grant::Entity::find()
        .filter(role_grant::Column::UserId.eq(user))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|g| Grant {
            role: g.role,
            team: g.team_id,
        })
        .collect())
}

/// The rows of one person's grants.
pub(crate) async fn held(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<role_grant::Model>, Error> {
    let query = role_grant::Entity::find().filter(role_grant::Column::UserId.eq(user));
    Ok(query.all(db).await?)
}

/// Writes a person.
pub(crate) async fn insert(tx: &Tx, row: user::Model) -> Result<(), Error> {
    user::Entity::insert(user::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Gives a role.
pub(crate) async fn grant(
    tx: &Tx,
    user: UserId,
    role: Role,
    team: Option<TeamId>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    grant_by(tx, user, (role, team), None, now).await
}

/// Gives a role in the name of a sign-in provider, which takes it back, or of a person.
pub(crate) async fn grant_by(
    tx: &Tx,
    user: UserId,
    (role, team): (Role, Option<TeamId>),
    provider: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = role_grant::ActiveModel {
        id: Set(ids::new()),
        user_id: Set(user),
        role: Set(role),
        team_id: Set(team),
        granted_at: Set(now),
        provider: Set(provider.map(str::to_owned)),
    };
    role_grant::Entity::insert(row)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes a role away.
pub(crate) async fn take_away(tx: &Tx, id: uuid::Uuid) -> Result<(), Error> {
    role_grant::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// "Has a standing role for this team", for the rows of `user`; of what belongs to no team, a role in every team.
fn holding(team: Option<TeamId>) -> SelectStatement {
    let of_team = Condition::any()
        .add(role_grant::Column::TeamId.is_null())
        .add_option(team.map(|team| role_grant::Column::TeamId.eq(team)));
    Query::select()
        .column(role_grant::Column::UserId)
        .from(role_grant::Entity)
        .cond_where(of_team)
        .to_owned()
}

/// Everybody with a standing role for a team, by name, bounded; of what belongs to no team everybody with a role in every team.
pub(crate) async fn members(
    db: &impl ConnectionTrait,
    team: Option<TeamId>,
) -> Result<Vec<user::Model>, Error> {
    Ok(user::Entity::find()
        .filter(user::Column::Id.in_subquery(holding(team)))
        .order_by_asc(user::Column::Name)
        .order_by_asc(user::Column::Id)
        .limit(1_000)
        .all(db)
        .await?)
}

/// One person, if they have a standing role for a team.
pub(crate) async fn member(
    db: &impl ConnectionTrait,
    user: UserId,
    team: Option<TeamId>,
) -> Result<Option<user::Model>, Error> {
    Ok(user::Entity::find_by_id(user)
        .filter(user::Column::Id.in_subquery(holding(team)))
        .one(db)
        .await?)
}

/// Every team, by slug.
pub(crate) async fn teams(db: &impl ConnectionTrait) -> Result<Vec<team::Model>, Error> {
    Ok(team::Entity::find()
        .order_by_asc(team::Column::Slug)
        .paginate(db, 1_000)
        .fetch_page(0)
        .await?)
}

/// A team by slug.
pub(crate) async fn team_by_slug(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<Option<team::Model>, Error> {
    Ok(team::Entity::find()
        .filter(team::Column::Slug.eq(slug))
        .one(db)
        .await?)
}

/// A team.
pub(crate) async fn team(
    db: &impl ConnectionTrait,
    id: TeamId,
) -> Result<Option<team::Model>, Error> {
    Ok(team::Entity::find_by_id(id).one(db).await?)
}

/// Writes a team.
pub(crate) async fn insert_team(tx: &Tx, row: team::Model) -> Result<(), Error> {
    team::Entity::insert(team::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes the addresses that git knows a person by.
pub(crate) async fn set_git_emails(tx: &Tx, id: UserId, emails: &str) -> Result<(), Error> {
    let update = user::Entity::update_many()
        .col_expr(user::Column::GitEmails, Expr::value(emails))
        .filter(user::Column::Id.eq(id));
    update.exec(&**tx).await?;
    Ok(())
}

/// Notes what a person is called, and their addresses.
pub(crate) async fn rename(
    tx: &Tx,
    id: UserId,
    name: &str,
    email: &str,
    git_emails: &str,
) -> Result<(), Error> {
    let update = user::Entity::update_many()
        .col_expr(user::Column::Name, Expr::value(name))
        .col_expr(user::Column::Email, Expr::value(email))
        .col_expr(user::Column::GitEmails, Expr::value(git_emails))
        .filter(user::Column::Id.eq(id));
    update.exec(&**tx).await?;
    Ok(())
}

/// Notes that a person left at a moment, or (`None`) that they are here again.
pub(crate) async fn deactivate(
    tx: &Tx,
    id: UserId,
    at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let update = user::Entity::update_many()
        .col_expr(user::Column::DeactivatedAt, Expr::value(at))
        .filter(user::Column::Id.eq(id));
    update.exec(&**tx).await?;
    Ok(())
}
