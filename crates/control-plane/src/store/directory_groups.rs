//! Groups of companies' directories, and who is in which.

use domain::directory::GroupTerm;
use domain::id::{DirectoryGroupId, DirectoryUserId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::entity::{directory_group, directory_member, directory_user};
use super::guarded;
use crate::error::Error;
use crate::ids;
use crate::transact::Tx;

/// Most members that are read at once: every person in every group of one page, as far as sane directories go.
const MEMBERS_READ: u64 = 50_000;

fn groups_of(provider: &str) -> Select<directory_group::Entity> {
    directory_group::Entity::find().filter(directory_group::Column::Provider.eq(provider))
}

/// A group of this directory.
pub(crate) async fn group(
    db: &impl ConnectionTrait,
    provider: &str,
    id: DirectoryGroupId,
) -> Result<Option<directory_group::Model>, Error> {
    let query = groups_of(provider).filter(directory_group::Column::Id.eq(id));
    Ok(query.one(db).await?)
}

/// Is this name, or this id of the directory, another group's there?
pub(crate) async fn is_group_taken(
    db: &impl ConnectionTrait,
    provider: &str,
    but: Option<DirectoryGroupId>,
    name_key: &str,
    external_id: Option<&str>,
) -> Result<bool, Error> {
    let same = Condition::any()
        .add(directory_group::Column::NameKey.eq(name_key))
        .add_option(external_id.map(|id| directory_group::Column::ExternalId.eq(id)));
    let mut query = groups_of(provider).filter(same);
    if let Some(but) = but {
        query = query.filter(directory_group::Column::Id.ne(but));
    }
    Ok(query.one(db).await?.is_some())
}

/// Groups of a directory, oldest first: how many fit, and a page of them.
pub(crate) async fn groups(
    db: &impl ConnectionTrait,
    provider: &str,
    terms: &[GroupTerm],
    skip: u64,
    limit: u64,
) -> Result<(u64, Vec<directory_group::Model>), Error> {
    use directory_group::Column as C;
    let mut query = groups_of(provider);
    for term in terms {
        query = match term {
            GroupTerm::Name(name) => query.filter(C::NameKey.eq(name.as_str())),
            GroupTerm::ExternalId(id) => query.filter(C::ExternalId.eq(id.as_str())),
            GroupTerm::Id(id) => match id.parse::<DirectoryGroupId>() {
                Ok(id) => query.filter(C::Id.eq(id)),
                Err(_) => return Ok((0, Vec::new())),
            },
            GroupTerm::Member(id) => match id.parse::<DirectoryUserId>() {
                Ok(id) => query.filter(C::Id.in_subquery(having(id))),
                Err(_) => return Ok((0, Vec::new())),
            },
        };
    }
    let total = query.clone().count(db).await?;
    let page = query.order_by_asc(C::Id).offset(skip).limit(limit);
    Ok((total, page.all(db).await?))
}

/// The groups that somebody is in.
fn having(member: DirectoryUserId) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(directory_member::Column::GroupId)
        .from(directory_member::Entity)
        .and_where(directory_member::Column::MemberId.eq(member))
        .to_owned()
}

/// Groups of a directory after an id, for a page.
pub(crate) async fn groups_after(
    db: &impl ConnectionTrait,
    provider: &str,
    after: Option<DirectoryGroupId>,
    limit: u64,
) -> Result<Vec<directory_group::Model>, Error> {
    let mut query = groups_of(provider);
    if let Some(after) = after {
        query = query.filter(directory_group::Column::Id.gt(after));
    }
    let query = query.order_by_asc(directory_group::Column::Id).limit(limit);
    Ok(query.all(db).await?)
}

/// How many groups a directory tells of.
pub(crate) async fn count_groups(db: &impl ConnectionTrait, provider: &str) -> Result<u64, Error> {
    Ok(groups_of(provider).count(db).await?)
}

/// Writes a group.
pub(crate) async fn insert_group(tx: &Tx, row: directory_group::Model) -> Result<(), Error> {
    directory_group::Entity::insert(directory_group::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Writes what is told of a group now, over the revision that was read.
pub(crate) async fn update_group(
    tx: &Tx,
    row: &directory_group::Model,
    read: i64,
) -> Result<(), Error> {
    use directory_group::Column as C;
    let update = directory_group::Entity::update_many()
        .col_expr(C::Name, Expr::value(row.name.as_str()))
        .col_expr(C::NameKey, Expr::value(row.name_key.as_str()))
        .col_expr(C::ExternalId, Expr::value(row.external_id.clone()))
        .col_expr(C::Revision, Expr::value(row.revision))
        .col_expr(C::ChangedAt, Expr::value(row.changed_at))
        .filter(C::Id.eq(row.id))
        .filter(C::Revision.eq(read));
    guarded(&update.exec(&**tx).await?)
}

/// Forgets a group, and who was in it.
pub(crate) async fn remove_group(tx: &Tx, id: DirectoryGroupId) -> Result<(), Error> {
    directory_member::Entity::delete_many()
        .filter(directory_member::Column::GroupId.eq(id))
        .exec(&**tx)
        .await?;
    directory_group::Entity::delete_by_id(id)
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Who is in these groups, with the name that the directory has for each. One statement.
pub(crate) async fn members(
    db: &impl ConnectionTrait,
    groups: &[DirectoryGroupId],
) -> Result<Vec<(DirectoryGroupId, DirectoryUserId, String)>, Error> {
    let person = directory_member::Entity::belongs_to(directory_user::Entity)
        .from(directory_member::Column::MemberId)
        .to(directory_user::Column::Id)
        .into();
    let query = directory_member::Entity::find()
        .select_only()
        .column(directory_member::Column::GroupId)
        .column(directory_member::Column::MemberId)
        .column(directory_user::Column::UserName)
        .join(JoinType::InnerJoin, person)
        .filter(directory_member::Column::GroupId.is_in(groups.to_vec()))
        .order_by_asc(directory_member::Column::MemberId)
        .limit(MEMBERS_READ);
    Ok(query.into_tuple().all(db).await?)
}

/// How many are in each of these groups.
pub(crate) async fn count_members(
    db: &impl ConnectionTrait,
    groups: &[DirectoryGroupId],
) -> Result<Vec<(DirectoryGroupId, i64)>, Error> {
    let query = directory_member::Entity::find()
        .select_only()
        .column(directory_member::Column::GroupId)
        .column_as(directory_member::Column::Id.count(), "members")
        .filter(directory_member::Column::GroupId.is_in(groups.to_vec()))
        .group_by(directory_member::Column::GroupId);
    Ok(query.into_tuple().all(db).await?)
}

/// The groups that these people are in. Two statements.
pub(crate) async fn memberships(
    db: &impl ConnectionTrait,
    members: &[DirectoryUserId],
) -> Result<Vec<(DirectoryUserId, directory_group::Model)>, Error> {
    let rows = directory_member::Entity::find()
        .filter(directory_member::Column::MemberId.is_in(members.to_vec()))
        .limit(MEMBERS_READ)
        .all(db)
        .await?;
    let ids: Vec<DirectoryGroupId> = rows.iter().map(|row| row.group_id).collect();
    let groups = directory_group::Entity::find()
        .filter(directory_group::Column::Id.is_in(ids))
        .all(db)
        .await?;
    let of = |row: directory_member::Model| {
        let group = groups.iter().find(|group| group.id == row.group_id)?;
        Some((row.member_id, group.clone()))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}

/// Puts somebody into a group.
pub(crate) async fn add_member(
    tx: &Tx,
    group: DirectoryGroupId,
    member: DirectoryUserId,
) -> Result<(), Error> {
    let row = directory_member::ActiveModel {
        id: Set(ids::new()),
        group_id: Set(group),
        member_id: Set(member),
    };
    directory_member::Entity::insert(row)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Takes somebody out of a group.
pub(crate) async fn remove_member(
    tx: &Tx,
    group: DirectoryGroupId,
    member: DirectoryUserId,
) -> Result<(), Error> {
    directory_member::Entity::delete_many()
        .filter(directory_member::Column::GroupId.eq(group))
        .filter(directory_member::Column::MemberId.eq(member))
        .exec(&**tx)
        .await?;
    Ok(())
}
