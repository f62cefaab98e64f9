//! People of companies' directories, what groups gave them, and the directories' tokens.

use chrono::{DateTime, Utc};
use domain::directory::UserTerm;
use domain::id::{DirectoryUserId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::entity::{api_token, directory_member, directory_user, role_grant};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

fn of(provider: &str) -> Select<directory_user::Entity> {
    directory_user::Entity::find().filter(directory_user::Column::Provider.eq(provider))
}

/// A person of this directory.
pub(crate) async fn user(
    db: &impl ConnectionTrait,
    provider: &str,
    id: DirectoryUserId,
) -> Result<Option<directory_user::Model>, Error> {
    let query = of(provider).filter(directory_user::Column::Id.eq(id));
    Ok(query.one(db).await?)
}

/// What any directory tells of one of our people.
pub(crate) async fn of_person(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<directory_user::Model>, Error> {
    let query = directory_user::Entity::find().filter(directory_user::Column::UserId.eq(user));
    Ok(query.one(db).await?)
}

/// Whom a directory knows by its own id.
pub(crate) async fn by_external_id(
    db: &impl ConnectionTrait,
    provider: &str,
    external_id: &str,
) -> Result<Option<directory_user::Model>, Error> {
    let query = of(provider).filter(directory_user::Column::ExternalId.eq(external_id));
    Ok(query.one(db).await?)
}

/// Is this name, or this id of the directory, somebody else's there?
pub(crate) async fn is_taken(
    db: &impl ConnectionTrait,
    provider: &str,
    but: Option<DirectoryUserId>,
    user_key: &str,
    external_id: Option<&str>,
) -> Result<bool, Error> {
    let same = Condition::any()
        .add(directory_user::Column::UserKey.eq(user_key))
        .add_option(external_id.map(|id| directory_user::Column::ExternalId.eq(id)));
    let mut query = of(provider).filter(same);
    if let Some(but) = but {
        query = query.filter(directory_user::Column::Id.ne(but));
    }
    Ok(query.one(db).await?.is_some())
}

/// People of a directory, oldest first: how many fit, and a page of them.
pub(crate) async fn users(
    db: &impl ConnectionTrait,
    provider: &str,
    terms: &[UserTerm],
    skip: u64,
    limit: u64,
) -> Result<(u64, Vec<directory_user::Model>), Error> {
    use directory_user::Column as C;
    let mut query = of(provider);
    for term in terms {
        query = match term {
            UserTerm::Name(name) => query.filter(C::UserKey.eq(name.as_str())),
            UserTerm::ExternalId(id) => query.filter(C::ExternalId.eq(id.as_str())),
            UserTerm::Email(email) => query.filter(C::Address.eq(email.as_str())),
            UserTerm::Active(active) => query.filter(C::Active.eq(*active)),
            UserTerm::Id(id) => match id.parse::<DirectoryUserId>() {
                Ok(id) => query.filter(C::Id.eq(id)),
                Err(_) => return Ok((0, Vec::new())),
            },
        };
    }
    let total = query.clone().count(db).await?;
    let page = query.order_by_asc(C::Id).offset(skip).limit(limit);
    Ok((total, page.all(db).await?))
}

/// People of a directory after an id, for a page.
pub(crate) async fn users_after(
    db: &impl ConnectionTrait,
    provider: &str,
    after: Option<DirectoryUserId>,
    limit: u64,
) -> Result<Vec<directory_user::Model>, Error> {
    let mut query = of(provider);
    if let Some(after) = after {
        query = query.filter(directory_user::Column::Id.gt(after));
    }
    let query = query.order_by_asc(directory_user::Column::Id).limit(limit);
    Ok(query.all(db).await?)
}

/// How many people a directory tells of: all, and those who are active.
pub(crate) async fn count_users(
    db: &impl ConnectionTrait,
    provider: &str,
) -> Result<(u64, u64), Error> {
    let active = of(provider).filter(directory_user::Column::Active.eq(true));
    Ok((of(provider).count(db).await?, active.count(db).await?))
}

/// Everybody of every directory who is active, bounded.
pub(crate) async fn all_active(
    db: &impl ConnectionTrait,
) -> Result<Vec<directory_user::Model>, Error> {
    let query = directory_user::Entity::find()
        .filter(directory_user::Column::Active.eq(true))
        .limit(10_000);
    Ok(query.all(db).await?)
}

/// Writes a person.
pub(crate) async fn insert_user(tx: &Tx, row: directory_user::Model) -> Result<(), Error> {
    directory_user::Entity::insert(directory_user::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Writes what is told of a person now, over the revision that was read.
pub(crate) async fn update_user(
    tx: &Tx,
    row: &directory_user::Model,
    read: i64,
) -> Result<(), Error> {
    use directory_user::Column as C;
    let update = directory_user::Entity::update_many()
        .col_expr(C::UserName, Expr::value(row.user_name.as_str()))
        .col_expr(C::UserKey, Expr::value(row.user_key.as_str()))
        .col_expr(C::ExternalId, Expr::value(row.external_id.clone()))
        .col_expr(C::Address, Expr::value(row.address.as_str()))
        .col_expr(C::Active, Expr::value(row.active))
        .col_expr(C::DisplayName, Expr::value(row.display_name.clone()))
        .col_expr(C::Name, Expr::value(row.name.as_str()))
        .col_expr(C::Emails, Expr::value(row.emails.as_str()))
        .col_expr(C::Revision, Expr::value(row.revision))
        .col_expr(C::ChangedAt, Expr::value(row.changed_at))
        .filter(C::Id.eq(row.id))
        .filter(C::Revision.eq(read));
    guarded(&update.exec(&**tx).await?)
}

/// Forgets a person, and that they were in groups.
pub(crate) async fn remove_user(tx: &Tx, id: DirectoryUserId) -> Result<(), Error> {
    directory_member::Entity::delete_many()
        .filter(directory_member::Column::MemberId.eq(id))
        .exec(&**tx)
        .await?;
    directory_user::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// Which of these ids are people of the directory.
pub(crate) async fn known(
    db: &impl ConnectionTrait,
    provider: &str,
    members: Vec<DirectoryUserId>,
) -> Result<Vec<directory_user::Model>, Error> {
    let query = of(provider).filter(directory_user::Column::Id.is_in(members));
    Ok(query.all(db).await?)
}

/// The roles that providers gave to these people.
pub(crate) async fn roles_given(
    db: &impl ConnectionTrait,
    users: Vec<UserId>,
) -> Result<Vec<role_grant::Model>, Error> {
    let query = role_grant::Entity::find()
        .filter(role_grant::Column::UserId.is_in(users))
        .filter(role_grant::Column::Provider.is_not_null());
    Ok(query.all(db).await?)
}

/// The token of a directory, if it is good at a moment.
pub(crate) async fn token(
    db: &impl ConnectionTrait,
    provider: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<api_token::Model>, Error> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::SecretHash.eq(hash))
        .filter(api_token::Column::Directory.eq(provider))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now));
    Ok(query.one(db).await?)
}

/// The tokens of every directory, newest first.
pub(crate) async fn tokens(db: &impl ConnectionTrait) -> Result<Vec<api_token::Model>, Error> {
    let query = api_token::Entity::find()
        .filter(api_token::Column::Directory.is_not_null())
        .order_by_desc(api_token::Column::CreatedAt)
        .limit(500);
    Ok(query.all(db).await?)
}
