//! Claiming work: rows in a work state are the queue. A claim takes a lease and a higher fence; every later write of the
//! worker says which fence it holds, so a worker that slept through its lease changes nothing.

use chrono::{DateTime, Duration, Utc};

/// How long a claim holds without a heartbeat.
pub(crate) const LEASE: Duration = Duration::seconds(30);

/// After how many tries in a row a step that could not run is given up.
pub(crate) const ATTEMPTS_MAX: i32 = 5;

/// After how many tries in a row is given up what nobody would ask for again: a push whose commit cannot be fetched, a tag
/// or status that cannot be written. With the pause below that is about seven hours of a git host that does not answer.
pub(crate) const ATTEMPTS_PATIENT: i32 = 100;

/// When to try again after `attempts` tries: 1 s, 4 s, 9 s, … at most 5 minutes.
pub(crate) fn next_attempt(now: DateTime<Utc>, attempts: i32) -> DateTime<Utc> {
    let step = i64::from(attempts.clamp(0, 17));
    now + Duration::seconds((step * step).clamp(1, 300))
}

/// Writes `claim` and `heartbeat` for a table with the claim columns. `$due` is the filter for rows in a work state.
macro_rules! claimable {
    ($entity:ident, $id:ty, $due:expr) => {
        /// Claims the next due row for `owner`: takes its lease and raises its fence. `None` when nothing is due.
        pub(crate) async fn claim(
            tx: &$crate::transact::Tx,
            owner: &str,
            now: chrono::DateTime<chrono::Utc>,
        ) -> Result<Option<$entity::Model>, $crate::error::Error> {
            use sea_orm::{Condition, QueryOrder, sea_query::Expr};
            let free = Condition::any()
                .add($entity::Column::LeaseUntil.is_null())
                .add($entity::Column::LeaseUntil.lt(now));
            let query = $entity::Entity::find()
                .filter($due)
                .filter(free)
                .filter($entity::Column::NextAttemptAt.lte(now))
                .order_by_asc($entity::Column::NextAttemptAt);
            let Some(mut row) = query.one(&**tx).await? else {
                return Ok(None);
            };
            let taken = $entity::Entity::update_many()
                .col_expr($entity::Column::LeaseOwner, Expr::value(owner))
                .col_expr(
                    $entity::Column::LeaseUntil,
                    Expr::value(now + $crate::store::claim::LEASE),
                )
                .col_expr($entity::Column::Fence, Expr::value(row.fence + 1))
                .col_expr($entity::Column::Attempts, Expr::value(row.attempts + 1))
                .filter($entity::Column::Id.eq(row.id))
                .filter($entity::Column::Fence.eq(row.fence))
                .exec(&**tx)
                .await?;
            if taken.rows_affected != 1 {
                return Ok(None);
            }
            row.fence += 1;
            row.attempts += 1;
            Ok(Some(row))
        }

        /// Prolongs the lease. [`crate::Error::Fenced`] when another worker holds it by now.
        #[allow(dead_code, reason = "short steps finish within one lease")]
        pub(crate) async fn heartbeat(
            tx: &$crate::transact::Tx,
            id: $id,
            fence: i64,
            now: chrono::DateTime<chrono::Utc>,
        ) -> Result<(), $crate::error::Error> {
            use sea_orm::sea_query::Expr;
            let held = $entity::Entity::update_many()
                .col_expr(
                    $entity::Column::LeaseUntil,
                    Expr::value(now + $crate::store::claim::LEASE),
                )
                .filter($entity::Column::Id.eq(id))
                .filter($entity::Column::Fence.eq(fence))
                .exec(&**tx)
                .await?;
            $crate::store::claim::fenced(&held)
        }

        /// Gives the row back for another try at `at`.
        #[allow(
            dead_code,
            reason = "some rows are given back by the statement that settles them"
        )]
        pub(crate) async fn release(
            tx: &$crate::transact::Tx,
            id: $id,
            fence: i64,
            at: chrono::DateTime<chrono::Utc>,
        ) -> Result<(), $crate::error::Error> {
            use sea_orm::sea_query::Expr;
            let held = $entity::Entity::update_many()
                .col_expr(
                    $entity::Column::LeaseUntil,
                    Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None),
                )
                .col_expr($entity::Column::NextAttemptAt, Expr::value(at))
                .filter($entity::Column::Id.eq(id))
                .filter($entity::Column::Fence.eq(fence))
                .exec(&**tx)
                .await?;
            $crate::store::claim::fenced(&held)
        }
    };
}

pub(crate) use claimable;

/// A write under a fence hit its row, or the lease is somebody else's by now.
pub(crate) fn fenced(result: &sea_orm::UpdateResult) -> Result<(), crate::error::Error> {
    if result.rows_affected == 1 {
        Ok(())
    } else {
        Err(crate::error::Error::Fenced)
    }
}
