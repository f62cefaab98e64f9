//! Where there is one writer, those who wait for the disk at the same time share one wait: each writes a part of a transaction that all
//! of them commit together. Nobody is told that something was done before the shared commit is on the disk.
//!
//! Whoever is through with their own part queues again, behind all who waited already, and commits when their turn comes: a group is
//! whoever waited meanwhile, and somebody alone waits for nobody. There is no timer and no task that could be missing.
//!
//! A part that is undone leaves those of others: each but the first begins with a savepoint, and the one before it is released in the
//! same trip to the database. Undoing the first undoes the transaction, of which it is all there is.
//!
//! What goes wrong in the middle ends the whole group: a caller that is dropped, an error of the database, after which nobody can know
//! what is left of the shared transaction. The others then run again, as after a commit that failed.

use std::sync::Arc;

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;

use crate::Database;
use crate::audit::Edge;
use crate::error::Error;

const SAVEPOINT: &str = "SAVEPOINT part";
const NEXT_SAVEPOINT: &str = "RELEASE part; SAVEPOINT part";
const UNDO: &str = "ROLLBACK TO part";

/// The writer's queue.
#[derive(Debug, Default)]
pub(crate) struct GroupCommit {
    open: Arc<Mutex<Option<Group>>>,
}

/// A shared transaction between two parts, with somebody who waits for its commit. Dropped, it is rolled back, and they learn that it
/// is lost.
#[derive(Debug)]
struct Group {
    shared: DatabaseTransaction,
    members: Members,
}

/// What is known of the parts that are whole.
#[derive(Debug, Default)]
struct Members {
    /// Whom to tell of the commit.
    waiting: Vec<oneshot::Sender<()>>,
    /// The right edge of the log after them, once one of them wrote an entry.
    edge: Option<Edge>,
    /// Whether one of them began with a savepoint, which stays until the next or the commit.
    savepoint: bool,
}

/// The shared transaction did not come to the disk; everything of it is undone.
#[derive(Debug, thiserror::Error)]
#[error("a shared commit was lost")]
pub(crate) struct Lost;

/// The right to write, for one caller at a time, who has the shared transaction meanwhile. Dropped before it was handed back, it ends
/// the group.
pub(crate) struct Turn {
    /// Empty until the transaction is handed back.
    place: OwnedMutexGuard<Option<Group>>,
    members: Members,
}

/// A part that was written and waits for its commit. When everybody who waited is gone, nobody would commit: the group is ended.
pub(crate) struct Written {
    told: oneshot::Receiver<()>,
    open: Arc<Mutex<Option<Group>>>,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.told.close();
        // Whoever holds it now is of the group too, or ends it.
        if let Ok(mut group) = self.open.try_lock()
            && group.as_ref().is_some_and(|group| group.members.are_gone())
        {
            *group = None;
        }
    }
}

impl Members {
    fn are_gone(&self) -> bool {
        self.waiting.iter().all(oneshot::Sender::is_closed)
    }
}

impl GroupCommit {
    /// Waits for the turn, and begins a part of its own in the shared transaction.
    ///
    /// # Errors
    /// What the database says, or that the turn did not come within [`Database::PATIENCE`].
    pub(crate) async fn begin(
        &self,
        writer: &DatabaseConnection,
    ) -> Result<(Turn, DatabaseTransaction), DbErr> {
        let turn = Arc::clone(&self.open).lock_owned();
        let mut place = timeout(Database::PATIENCE, turn)
            .await
            .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let Some(Group {
            shared,
            mut members,
        }) = place.take()
        else {
            let members = Members::default();
            return Ok((Turn { place, members }, begin_immediate(writer).await?));
        };
        let begin = if members.savepoint {
            NEXT_SAVEPOINT
        } else {
            SAVEPOINT
        };
        shared.execute_unprepared(begin).await?;
        members.savepoint = true;
        Ok((Turn { place, members }, shared))
    }

    /// Waits until what was written is on the disk.
    ///
    /// # Errors
    /// What the database says to the one who commits, and [`Lost`] for all others of the group.
    pub(crate) async fn commit(&self, mut written: Written) -> Result<(), Error> {
        tokio::select! {
            biased;
            told = &mut written.told => told.map_err(|_| lost()),
            group = Arc::clone(&self.open).lock_owned() => match written.told.try_recv() {
                Ok(()) => Ok(()),
                Err(TryRecvError::Closed) => Err(lost()),
                Err(TryRecvError::Empty) => to_its_end(group).await,
            },
        }
    }
}

fn lost() -> Error {
    Error::Unavailable {
        dependency: "database",
        source: Lost.into(),
    }
}

impl Turn {
    /// The right edge of the log, where a part before this one wrote an entry.
    pub(crate) fn edge(&self) -> Option<Edge> {
        self.members.edge.clone()
    }

    /// Hands the transaction back with a part that is whole; `edge` is that of the log after it, where it is known.
    pub(crate) fn keep(mut self, shared: DatabaseTransaction, edge: Option<Edge>) -> Written {
        let (tell, told) = oneshot::channel();
        self.members.waiting.push(tell);
        self.members.edge = edge;
        let open = Arc::clone(OwnedMutexGuard::mutex(&self.place));
        self.hand_back(shared);
        Written { told, open }
    }

    /// Undoes a part, and leaves those of others.
    ///
    /// # Errors
    /// What the database says; then the group is ended.
    pub(crate) async fn undo(self, shared: DatabaseTransaction) -> Result<(), DbErr> {
        // Without a savepoint it is the first, and a group of nobody would keep the database locked.
        if !self.members.savepoint || self.members.are_gone() {
            return shared.rollback().await;
        }
        shared.execute_unprepared(UNDO).await?;
        self.hand_back(shared);
        Ok(())
    }

    fn hand_back(mut self, shared: DatabaseTransaction) {
        let members = self.members;
        *self.place = Some(Group { shared, members });
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "beside `transact`, this is the place that opens transactions"
)]
async fn begin_immediate(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    writer.begin_with_options(options).await
}

/// Commits, and tells everybody. In a task of its own, so that it is never cut off: those who heard nothing would run again, and what
/// they did could have been committed all the same.
#[expect(
    clippy::disallowed_methods,
    reason = "it ends with the commit, which is short"
)]
async fn to_its_end(mut group: OwnedMutexGuard<Option<Group>>) -> Result<(), Error> {
    let committed = tokio::spawn(async move {
        let Some(Group { shared, members }) = group.take() else {
            return Err(lost());
        };
        shared.commit().await?;
        for member in members.waiting {
            // Who is gone needs no word.
            let _ = member.send(());
        }
        Ok(())
    });
    committed.await.unwrap_or_else(|_| Err(lost()))
}
