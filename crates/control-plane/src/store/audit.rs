//! The append-only log's tables.

use std::collections::BTreeMap;

use audit_log::{Hash, Row};
use chrono::{DateTime, Utc};
use domain::controls::{Counted, Counts};
use domain::event::AuditAction;
use domain::id::TeamId;
use domain::view::controls::Scope;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Statement,
};

use super::audit_trail::about;
use super::audit_words;
use super::entity::{audit_hash, audit_leaf, audit_tree, checkpoint};
use crate::error::Error;
use crate::transact::Tx;

/// Number of events.
pub(crate) async fn size(db: &impl ConnectionTrait) -> Result<i64, Error> {
    let row = audit_tree::Entity::find_by_id(1).one(db).await?;
    Ok(row.map_or(0, |r| r.size))
}

/// Number of events, with the log locked for this transaction: appends take turns.
pub(crate) async fn lock_size(tx: &Tx) -> Result<i64, Error> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_raw(Statement::from_string(
            DbBackend::Postgres,
            "SELECT size FROM audit_tree WHERE id = 1 FOR UPDATE",
        ))
        .await?;
    }
    size(&**tx).await
}

/// Stored hashes by their index.
pub(crate) async fn hashes(
    db: &impl ConnectionTrait,
    indexes: &[u64],
) -> Result<BTreeMap<u64, Hash>, Error> {
    if indexes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let wanted: Vec<i64> = indexes
        .iter()
        .filter_map(|i| i64::try_from(*i).ok())
        .collect();
    let rows = audit_hash::Entity::find()
        .filter(audit_hash::Column::Idx.is_in(wanted))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let hash = Hash::from_slice(&row.hash)
                .map_err(|e| Error::internal("store::audit::hashes", e))?;
            Ok((crate::audit::to_u64(row.idx)?, hash))
        })
        .collect()
}

/// Writes a leaf with its index and row, its stored hashes (from index `first` on), the new size, and the words that it is found by.
pub(crate) async fn insert(
    tx: &Tx,
    (index, leaf, row): (i64, Vec<u8>, Row),
    (first, new): (u64, &[Hash]),
    words: &[String],
) -> Result<(), Error> {
    let backend = tx.get_database_backend();
    let projected = audit_leaf::ActiveModel {
        idx: Set(index),
        leaf: Set(leaf),
        leaf_hash: Set(row.leaf_hash.to_hex()),
        time: Set(row.time),
        actor_kind: Set(row.actor_kind),
        actor_id: Set(row.actor_id),
        actor_name: Set(row.actor_name),
        action: Set(row.action),
        object_type: Set(row.object_type),
        object_id: Set(row.object_id),
        agent: Set(row.agent),
        deployment: Set(row.deployment.and_then(|n| i64::try_from(n).ok())),
        outcome: Set(row.outcome),
    };
    let stored = new.iter().zip(first..).filter_map(|(hash, at)| {
        let idx = i64::try_from(at).ok()?;
        Some(audit_hash::ActiveModel {
            idx: Set(idx),
            hash: Set(hash.as_bytes().to_vec()),
        })
    });
    let grown = audit_tree::Entity::update_many()
        .col_expr(audit_tree::Column::Size, Expr::value(index + 1))
        .filter(audit_tree::Column::Size.eq(index));
    let rows = new.len() + 3;
    let statements = [
        audit_leaf::Entity::insert(projected).build(backend),
        audit_hash::Entity::insert_many(stored).build(backend),
        grown.build(backend),
        audit_words::inserting(backend, index, words),
    ];
    super::in_one_go(tx, statements, rows).await
}

/// One event, if it is about an agent of some teams (`None`: about anything).
pub(crate) async fn leaf(
    db: &impl ConnectionTrait,
    index: i64,
    teams: Option<&[TeamId]>,
) -> Result<Option<audit_leaf::Model>, Error> {
    let query = audit_leaf::Entity::find_by_id(index).filter(about(teams));
    Ok(query.one(db).await?)
}

/// Several events.
pub(crate) async fn leaves(
    db: &impl ConnectionTrait,
    indexes: Vec<i64>,
) -> Result<Vec<audit_leaf::Model>, Error> {
    Ok(audit_leaf::Entity::find()
        .filter(audit_leaf::Column::Idx.is_in(indexes))
        .all(db)
        .await?)
}

/// Events of one action, oldest first, bounded: those of a period (as the log spells times; from the first, before the second),
/// or of the whole log.
pub(crate) async fn of_action(
    db: &impl ConnectionTrait,
    action: AuditAction,
    period: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<audit_leaf::Model>, Error> {
    let mut query = audit_leaf::Entity::find()
        .filter(audit_leaf::Column::Action.eq(action.as_str()))
        .order_by_asc(audit_leaf::Column::Idx)
        .limit(limit);
    if let Some((from, to)) = period {
        query = query
            .filter(audit_leaf::Column::Time.gte(from))
            .filter(audit_leaf::Column::Time.lt(to));
    }
    Ok(query.all(db).await?)
}

/// The cutting of versions, by their numbers, of some agents, bounded.
pub(crate) async fn cuts(
    db: &impl ConnectionTrait,
    agents: Vec<String>,
    versions: Vec<String>,
    limit: u64,
) -> Result<Vec<audit_leaf::Model>, Error> {
    Ok(audit_leaf::Entity::find()
        .filter(audit_leaf::Column::Action.eq(AuditAction::VersionCut.as_str()))
        .filter(audit_leaf::Column::Agent.is_in(agents))
        .filter(audit_leaf::Column::ObjectId.is_in(versions))
        .order_by_asc(audit_leaf::Column::Idx)
        .limit(limit)
        .all(db)
        .await?)
}

/// What of one kind happened to some deployments among the first so many events, oldest first, bounded.
pub(crate) async fn of_deployments(
    db: &impl ConnectionTrait,
    action: AuditAction,
    numbers: Vec<i64>,
    events: i64,
    limit: u64,
) -> Result<Vec<audit_leaf::Model>, Error> {
    Ok(audit_leaf::Entity::find()
        .filter(audit_leaf::Column::Deployment.is_in(numbers))
        .filter(audit_leaf::Column::Action.eq(action.as_str()))
        .filter(audit_leaf::Column::Idx.lt(events))
        .order_by_asc(audit_leaf::Column::Idx)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many events of each action a period and scope has, of those about agents of some teams (`None`: about anything).
pub(crate) async fn counts(
    db: &impl ConnectionTrait,
    scope: &Scope,
    teams: Option<&[TeamId]>,
) -> Result<Counts, Error> {
    let mut query = audit_leaf::Entity::find()
        .select_only()
        .column(audit_leaf::Column::Action)
        .column_as(audit_leaf::Column::Idx.count(), "count")
        .column_as(audit_leaf::Column::Idx.max(), "newest")
        .filter(about(teams))
        .filter(audit_leaf::Column::Time.gte(scope.from.as_str()))
        .filter(audit_leaf::Column::Time.lt(scope.to.as_str()))
        .group_by(audit_leaf::Column::Action);
    if let Some(agent) = &scope.agent {
        query = query.filter(audit_leaf::Column::Agent.eq(agent.as_str()));
    }
    let rows: Vec<(String, i64, i64)> = query.into_tuple().all(db).await?;
    let mut counts = Counts::new();
    for (action, count, newest) in rows {
        // A word of a later version supports nothing that this one knows.
        if let Ok(action) = action.parse() {
            let found = Counted {
                count: crate::audit::to_u64(count)?,
                newest: crate::audit::to_u64(newest)?,
            };
            counts.insert(action, found);
        }
    }
    Ok(counts)
}

/// Events from an index on, oldest first.
pub(crate) async fn leaves_from(
    db: &impl ConnectionTrait,
    from: i64,
    limit: u64,
) -> Result<Vec<audit_leaf::Model>, Error> {
    let query = audit_leaf::Entity::find()
        .filter(audit_leaf::Column::Idx.gte(from))
        .order_by_asc(audit_leaf::Column::Idx)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// The newest signed tree head.
pub(crate) async fn last_checkpoint(
    db: &impl ConnectionTrait,
) -> Result<Option<checkpoint::Model>, Error> {
    Ok(checkpoint::Entity::find()
        .order_by_desc(checkpoint::Column::Size)
        .one(db)
        .await?)
}

/// The signed tree head of this size.
pub(crate) async fn checkpoint(
    db: &impl ConnectionTrait,
    size: i64,
) -> Result<Option<checkpoint::Model>, Error> {
    Ok(checkpoint::Entity::find_by_id(size).one(db).await?)
}

/// The oldest signed tree head that is larger than this.
pub(crate) async fn first_checkpoint_beyond(
    db: &impl ConnectionTrait,
    size: i64,
) -> Result<Option<checkpoint::Model>, Error> {
    let query = checkpoint::Entity::find()
        .filter(checkpoint::Column::Size.gt(size))
        .order_by_asc(checkpoint::Column::Size);
    Ok(query.one(db).await?)
}

/// The first signed tree head of a moment or after it.
pub(crate) async fn first_checkpoint_since(
    db: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<Option<checkpoint::Model>, Error> {
    let query = checkpoint::Entity::find()
        .filter(checkpoint::Column::At.gte(at))
        .order_by_asc(checkpoint::Column::At)
        .order_by_asc(checkpoint::Column::Size);
    Ok(query.one(db).await?)
}

/// Index of the newest event of one of these actions, with the action.
pub(crate) async fn last_of(
    db: &impl ConnectionTrait,
    actions: &[AuditAction],
) -> Result<Option<(i64, String)>, Error> {
    let mut last = None;
    // One look at the index for each: a list of actions would be looked for from the end of the log.
    for action in actions {
        let query = audit_leaf::Entity::find()
            .select_only()
            .columns([audit_leaf::Column::Idx, audit_leaf::Column::Action])
            .filter(audit_leaf::Column::Action.eq(action.as_str()))
            .order_by_desc(audit_leaf::Column::Idx);
        last = last.max(query.into_tuple().one(db).await?);
    }
    Ok(last)
}

/// Index of the newest event of an action about a deployment.
pub(crate) async fn last_about(
    db: &impl ConnectionTrait,
    deployment: i64,
    action: AuditAction,
) -> Result<Option<i64>, Error> {
    let query = audit_leaf::Entity::find()
        .select_only()
        .column(audit_leaf::Column::Idx)
        .filter(audit_leaf::Column::Deployment.eq(deployment))
        .filter(audit_leaf::Column::Action.eq(action.as_str()))
        .order_by_desc(audit_leaf::Column::Idx);
    Ok(query.into_tuple().one(db).await?)
}

/// Keeps a signed tree head; one of the same size may be there already.
pub(crate) async fn insert_checkpoint(
    tx: &Tx,
    size: i64,
    root: String,
    note: String,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    if checkpoint::Entity::find_by_id(size)
        .one(&**tx)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let row = checkpoint::ActiveModel {
        size: Set(size),
        root: Set(root),
        note: Set(note),
        at: Set(at),
    };
    checkpoint::Entity::insert(row)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
