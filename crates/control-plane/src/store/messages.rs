//! Messages: rows in the state `waiting` are the queue of the worker that sends.

use chrono::{DateTime, Utc};
use domain::id::{ChannelId, MessageId, TeamId, UserId};
use domain::notification::{ChannelKind, MessageEvent, MessageState};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::claim::{claimable, fenced};
use super::entity::message;
use crate::error::Error;
use crate::transact::Tx;

claimable!(
    message,
    MessageId,
    message::Column::State.eq(MessageState::Waiting)
);

/// Is there a message to be sent now? Asked before a claim, so that idle workers do not take turns at the writer.
pub(crate) async fn any_due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool, Error> {
    let free = Condition::any()
        .add(message::Column::LeaseUntil.is_null())
        .add(message::Column::LeaseUntil.lt(now));
    let query = message::Entity::find()
        .filter(message::Column::State.eq(MessageState::Waiting))
        .filter(message::Column::NextAttemptAt.lte(now))
        .filter(free);
    Ok(query.one(db).await?.is_some())
}

/// Writes a message; the same event to the same receiver again is no new one.
pub(crate) async fn insert(tx: &Tx, row: message::Model) -> Result<(), Error> {
    let known = OnConflict::column(message::Column::Dedupe)
        .do_nothing()
        .to_owned();
    message::Entity::insert(message::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What an attempt came to.
#[derive(Debug, Clone)]
pub(crate) enum Attempt {
    Taken,
    /// It is tried again.
    Later {
        why: String,
        at: DateTime<Utc>,
    },
    GivenUp {
        why: String,
    },
}

/// Notes what an attempt came to, under the fence that the worker holds.
pub(crate) async fn settle(
    tx: &Tx,
    row: &message::Model,
    attempt: Attempt,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let moved = |event| {
        row.state
            .apply(event)
            .map_err(|e| Error::internal("store::messages::settle", e))
    };
    let (state, error, sent_at, again) = match attempt {
        Attempt::Taken => (moved(MessageEvent::Taken)?, None, Some(now), now),
        Attempt::Later { why, at } => (row.state, Some(why), row.sent_at, at),
        Attempt::GivenUp { why } => (moved(MessageEvent::GivenUp)?, Some(why), row.sent_at, now),
    };
    let settled = message::Entity::update_many()
        .col_expr(message::Column::State, Expr::value(state.as_str()))
        .col_expr(message::Column::LastError, Expr::value(error))
        .col_expr(message::Column::SentAt, Expr::value(sent_at))
        .col_expr(message::Column::NextAttemptAt, Expr::value(again))
        .col_expr(
            message::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(message::Column::Id.eq(row.id))
        .filter(message::Column::Fence.eq(row.fence))
        .filter(message::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    fenced(&settled)
}

/// Lets the other messages over the same channel wait: one probe at a time, and a receiver that is down does not keep the
/// workers from the others. Mail goes to many people over one server, and one full mailbox is no reason to wait.
pub(crate) async fn postpone(
    tx: &Tx,
    row: &message::Model,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(channel) = row.channel_id else {
        return Ok(());
    };
    message::Entity::update_many()
        .col_expr(message::Column::NextAttemptAt, Expr::value(until))
        .filter(message::Column::ChannelId.eq(channel))
        .filter(message::Column::State.eq(MessageState::Waiting))
        .filter(message::Column::LeaseUntil.is_null())
        .filter(message::Column::NextAttemptAt.lt(until))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Puts a message into the queue once more. Its id, by which a receiver knows it, stays.
pub(crate) async fn send_again(
    tx: &Tx,
    row: &message::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let next = row
        .state
        .apply(MessageEvent::SentAgain)
        .map_err(|_| Error::conflict(domain::error::Conflict::WrongState))?;
    let again = message::Entity::update_many()
        .col_expr(message::Column::State, Expr::value(next.as_str()))
        .col_expr(message::Column::Attempts, Expr::value(0))
        .col_expr(message::Column::NextAttemptAt, Expr::value(now))
        .filter(message::Column::Id.eq(row.id))
        .filter(message::Column::State.eq(row.state))
        .filter(message::Column::Fence.eq(row.fence))
        .exec(&**tx)
        .await?;
    super::guarded(&again)
}

/// Whose messages are listed.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `None`: of every team, and those of no team.
    pub(crate) teams: Option<Vec<TeamId>>,
    /// Their own are listed in any case.
    pub(crate) user: Option<UserId>,
}

impl Seen {
    fn condition(&self) -> Condition {
        let Some(teams) = &self.teams else {
            return Condition::all();
        };
        let mut seen = Condition::any().add(message::Column::TeamId.is_in(teams.clone()));
        if let Some(user) = self.user {
            seen = seen.add(message::Column::UserId.eq(user));
        }
        seen
    }
}

/// Over what messages went.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Over {
    Email,
    Channel(ChannelId),
}

/// Messages, newest first, below the cursor.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    seen: &Seen,
    (state, over): (Option<MessageState>, Option<Over>),
    before: Option<MessageId>,
    limit: u64,
) -> Result<Vec<message::Model>, Error> {
    let mut query = message::Entity::find()
        .filter(seen.condition())
        .order_by_desc(message::Column::Id)
        .limit(limit);
    if let Some(state) = state {
        query = query.filter(message::Column::State.eq(state));
    }
    query = match over {
        Some(Over::Email) => query.filter(message::Column::Kind.eq(ChannelKind::Email)),
        Some(Over::Channel(id)) => query.filter(message::Column::ChannelId.eq(id)),
        None => query,
    };
    if let Some(before) = before {
        query = query.filter(message::Column::Id.lt(before));
    }
    Ok(query.all(db).await?)
}

/// One message, if it is among those.
pub(crate) async fn seen(
    db: &impl ConnectionTrait,
    seen: &Seen,
    id: MessageId,
) -> Result<message::Model, Error> {
    message::Entity::find_by_id(id)
        .filter(seen.condition())
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "message" })
}

/// A message that waits from now on.
pub(crate) fn fresh(
    id: MessageId,
    notice: &super::entity::notice::Model,
    kind: ChannelKind,
    dedupe: String,
    now: DateTime<Utc>,
) -> message::Model {
    message::Model {
        id,
        notice_id: notice.id,
        team_id: notice.team_id,
        kind,
        user_id: None,
        channel_id: None,
        dedupe,
        state: MessageState::Waiting,
        last_error: None,
        created_at: now,
        sent_at: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    }
}
