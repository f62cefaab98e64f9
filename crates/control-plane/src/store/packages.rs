//! Evidence packages: rows that are ordered or being built are the queue of the worker that builds them. Their bytes lie beside them
//! in pieces, under the fence of the claim that wrote them.

use chrono::{DateTime, Utc};
use domain::error::Conflict;
use domain::id::PackageId;
use domain::package::{PackageEvent, PackageState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::claim::{LEASE, fenced};
use super::entity::{package, package_piece};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Pieces that are removed with one statement.
const TOGETHER: i64 = 32;

const WORK: [PackageState; 2] = [PackageState::Ordered, PackageState::Building];

/// The open one that was ordered by the same words.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<package::Model>, Error> {
    let query = package::Entity::find().filter(package::Column::OpenKey.eq(key));
    Ok(query.one(db).await?)
}

/// How many wait or are being built.
pub(crate) async fn at_work(db: &impl ConnectionTrait) -> Result<Vec<package::Model>, Error> {
    let query = package::Entity::find()
        .filter(package::Column::State.is_in(WORK))
        .order_by_asc(package::Column::Number);
    Ok(query.all(db).await?)
}

/// One by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    number: i64,
) -> Result<package::Model, Error> {
    let query = package::Entity::find().filter(package::Column::Number.eq(number));
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "package" })
}

/// Packages, newest first, below a number.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    below: Option<i64>,
    limit: u64,
) -> Result<Vec<package::Model>, Error> {
    let query = package::Entity::find()
        .filter(package::Column::Number.lt(below.unwrap_or(i64::MAX)))
        .order_by_desc(package::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The number after the last one.
pub(crate) async fn next_number(tx: &Tx) -> Result<i64, Error> {
    let query = package::Entity::find().order_by_desc(package::Column::Number);
    Ok(query.one(&**tx).await?.map_or(1, |row| row.number + 1))
}

/// Writes an order.
pub(crate) async fn insert(tx: &Tx, row: package::Model) -> Result<(), Error> {
    package::Entity::insert(package::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Claims the package that is due first, while no other is being built: takes its lease and raises its fence.
pub(crate) async fn claim(
    tx: &Tx,
    owner: &str,
    now: DateTime<Utc>,
) -> Result<Option<package::Model>, Error> {
    use package::Column as C;
    let all = at_work(&**tx).await?;
    if all.iter().any(|row| held(row, now)) {
        return Ok(None);
    }
    let due = all.into_iter().filter(|row| row.next_attempt_at <= now);
    let Some(mut row) = due.min_by_key(|row| row.next_attempt_at) else {
        return Ok(None);
    };
    let next = row.state.apply(PackageEvent::Claimed);
    row.state = next.map_err(|_| Error::conflict(Conflict::WrongState))?;
    let taken = package::Entity::update_many()
        .col_expr(C::State, Expr::value(row.state))
        .col_expr(C::Kept, Expr::value(true))
        .col_expr(C::LeaseOwner, Expr::value(owner))
        .col_expr(C::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(C::Fence, Expr::value(row.fence + 1))
        .col_expr(C::Attempts, Expr::value(row.attempts + 1))
        .filter(C::Id.eq(row.id))
        .filter(C::Fence.eq(row.fence))
        .filter(C::State.is_in(WORK))
        .exec(&**tx)
        .await?;
    if taken.rows_affected != 1 {
        return Ok(None);
    }
    row.fence += 1;
    row.attempts += 1;
    Ok(Some(row))
}

/// Somebody works at it at this moment.
pub(crate) fn held(row: &package::Model, now: DateTime<Utc>) -> bool {
    row.lease_until.is_some_and(|until| until >= now)
}

/// Prolongs the lease of whoever holds this fence, and says what is happening if there is something new to say.
pub(crate) async fn beat(
    tx: &Tx,
    row: &package::Model,
    step: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let mut beat = package::Entity::update_many()
        .col_expr(package::Column::LeaseUntil, Expr::value(now + LEASE));
    if let Some(step) = step {
        beat = beat.col_expr(package::Column::Step, Expr::value(Some(step)));
    }
    let beat = beat
        .filter(package::Column::Id.eq(row.id))
        .filter(package::Column::Fence.eq(row.fence))
        .filter(package::Column::State.eq(PackageState::Building));
    fenced(&beat.exec(&**tx).await?)
}

/// Writes the seed of a scheduled package, which stays the same for every try.
pub(crate) async fn set_seed(tx: &Tx, row: &package::Model, seed: &str) -> Result<(), Error> {
    let set = package::Entity::update_many()
        .col_expr(package::Column::Seed, Expr::value(seed))
        .filter(package::Column::Id.eq(row.id))
        .filter(package::Column::Fence.eq(row.fence))
        .filter(package::Column::State.eq(PackageState::Building));
    fenced(&set.exec(&**tx).await?)
}

/// Writes what a claim came to, under its fence, and gives up the lease.
pub(crate) async fn settle(
    tx: &Tx,
    row: &package::Model,
    after: &package::Model,
) -> Result<(), Error> {
    use package::Column as C;
    let settled = package::Entity::update_many()
        .col_expr(C::State, Expr::value(after.state))
        .col_expr(C::OpenKey, Expr::value(after.open_key.clone()))
        .col_expr(C::Step, Expr::value(after.step.clone()))
        .col_expr(C::Problem, Expr::value(after.problem.clone()))
        .col_expr(C::Events, Expr::value(after.events))
        .col_expr(C::Files, Expr::value(after.files))
        .col_expr(C::Bytes, Expr::value(after.bytes))
        .col_expr(C::Digest, Expr::value(after.digest.clone()))
        .col_expr(C::Signature, Expr::value(after.signature.clone()))
        .col_expr(C::LogSize, Expr::value(after.log_size))
        .col_expr(C::LogRoot, Expr::value(after.log_root.clone()))
        .col_expr(C::EndedAt, Expr::value(after.ended_at))
        .col_expr(C::NextAttemptAt, Expr::value(after.next_attempt_at))
        .col_expr(C::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(C::Id.eq(row.id))
        .filter(C::Fence.eq(row.fence))
        .filter(C::State.eq(row.state))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}

/// Removes a package: its pieces go later, its row and its digest stay.
pub(crate) async fn remove(
    tx: &Tx,
    row: &package::Model,
    (by, reason): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    use package::Column as C;
    let next = row.state.apply(PackageEvent::Removed);
    let next = next.map_err(|_| Error::conflict(Conflict::WrongState))?;
    let moved = package::Entity::update_many()
        .col_expr(C::State, Expr::value(next))
        .col_expr(C::OpenKey, Expr::value(None::<String>))
        .col_expr(C::RemovedBy, Expr::value(Some(by)))
        .col_expr(C::RemovedAt, Expr::value(Some(now)))
        .col_expr(C::RemoveReason, Expr::value(Some(reason)))
        .filter(C::Id.eq(row.id))
        .filter(C::State.eq(row.state))
        .filter(C::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    guarded(&moved)
}

/// Writes one piece.
pub(crate) async fn keep_piece(
    tx: &Tx,
    row: &package::Model,
    piece: i64,
    bytes: Vec<u8>,
) -> Result<(), Error> {
    let piece = package_piece::Model {
        package_id: row.id,
        fence: row.fence,
        piece,
        bytes,
    };
    package_piece::Entity::insert(package_piece::ActiveModel::from(piece))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// One piece of a package; `None` behind the last.
pub(crate) async fn piece(
    db: &impl ConnectionTrait,
    (package, fence): (PackageId, i64),
    piece: i64,
) -> Result<Option<Vec<u8>>, Error> {
    let found = package_piece::Entity::find_by_id((package, fence, piece));
    Ok(found.one(db).await?.map(|row| row.bytes))
}

/// One that ended without bytes, or lost them, and may still have pieces.
pub(crate) async fn littered(db: &impl ConnectionTrait) -> Result<Option<package::Model>, Error> {
    let ended = [PackageState::Failed, PackageState::Removed];
    let query = package::Entity::find()
        .filter(package::Column::State.is_in(ended))
        .filter(package::Column::Kept.eq(true));
    Ok(query.one(db).await?)
}

/// Removes some pieces of a package that were written under a lower fence than this. False when there were none.
pub(crate) async fn forget_pieces(tx: &Tx, package: PackageId, below: i64) -> Result<bool, Error> {
    use package_piece::Column as C;
    let oldest: Option<(i64, i64)> = package_piece::Entity::find()
        .select_only()
        .columns([C::Fence, C::Piece])
        .filter(C::PackageId.eq(package))
        .filter(C::Fence.lt(below))
        .order_by_asc(C::Fence)
        .order_by_asc(C::Piece)
        .limit(1)
        .into_tuple()
        .one(&**tx)
        .await?;
    let Some((fence, first)) = oldest else {
        return Ok(false);
    };
    let some = Condition::all()
        .add(C::PackageId.eq(package))
        .add(C::Fence.eq(fence))
        .add(C::Piece.gte(first))
        .add(C::Piece.lt(first + TOGETHER));
    package_piece::Entity::delete_many()
        .filter(some)
        .exec(&**tx)
        .await?;
    Ok(true)
}

/// Notes that an ended package has no pieces any more.
pub(crate) async fn swept(tx: &Tx, row: &package::Model) -> Result<(), Error> {
    package::Entity::update_many()
        .col_expr(package::Column::Kept, Expr::value(false))
        .filter(package::Column::Id.eq(row.id))
        .filter(package::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    Ok(())
}
