//! Where there is one writer, those who wait for the disk at the same time share one wait: each has a savepoint of its own in a
//! transaction that all of them commit together. Nobody is told that something was done before the shared commit is on the disk.
//!
//! Whoever is through with their own part queues again, behind all who waited already, and commits when their turn comes: a group is
//! whoever waited meanwhile, and somebody alone waits for nobody. There is no timer and no task that could be missing.
//!
//! What goes wrong in the middle ends the whole group: a caller that is dropped, an error of the database, after which nobody can know
//! what is left of the shared transaction. The others then run again, as after a commit that failed.

use std::sync::Arc;

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;

use crate::Database;
use crate::audit::Edge;
use crate::error::Error;

/// The writer's queue.
#[derive(Debug, Default)]
pub(crate) struct GroupCommit {
    open: Arc<Mutex<Option<Group>>>,
}

/// A shared transaction, and whom to tell of its commit. Dropped, it is rolled back, and they learn that it is lost.
#[derive(Debug)]
struct Group {
    shared: DatabaseTransaction,
    members: Vec<oneshot::Sender<()>>,
    /// The right edge of the log after the parts that are whole, once one of them wrote an entry.
    edge: Option<Edge>,
}

/// The shared transaction did not come to the disk; everything of it is undone.
#[derive(Debug, thiserror::Error)]
#[error("a shared commit was lost")]
pub(crate) struct Lost;

/// The right to write, for one caller at a time. Dropped before it was handed on, it ends the group.
pub(crate) struct Turn {
    group: OwnedMutexGuard<Option<Group>>,
    whole: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.whole {
            *self.group = None;
        }
    }
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
            && group.as_ref().is_some_and(Group::is_deserted)
        {
            *group = None;
        }
    }
}

impl Group {
    fn is_deserted(&self) -> bool {
        self.members.iter().all(oneshot::Sender::is_closed)
    }
}

impl GroupCommit {
    /// Waits for the turn, and begins a part of its own in the shared transaction.
    ///
    /// # Errors
    /// What the database says, or that the turn did not come within [`Database::PATIENCE`].
    #[expect(
        clippy::disallowed_methods,
        reason = "beside `transact`, this is the place that opens transactions"
    )]
    pub(crate) async fn begin(
        &self,
        writer: &DatabaseConnection,
    ) -> Result<(Turn, DatabaseTransaction), DbErr> {
        let turn = Arc::clone(&self.open).lock_owned();
        let mut turn = Turn {
            group: timeout(Database::PATIENCE, turn)
                .await
                .map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?,
            whole: false,
        };
        let group = match turn.group.take() {
            Some(group) => group,
            None => Group {
                shared: begin_immediate(writer).await?,
                members: Vec::new(),
                edge: None,
            },
        };
        let own = turn.group.insert(group).shared.begin().await?;
        Ok((turn, own))
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
        self.group.as_ref()?.edge.clone()
    }

    /// Adds a part that is whole to what is committed together; `edge` is that of the log after it, where it is known.
    ///
    /// # Errors
    /// What the database says; then the group is ended.
    pub(crate) async fn keep(
        mut self,
        own: DatabaseTransaction,
        edge: Option<Edge>,
    ) -> Result<Written, DbErr> {
        own.commit().await?;
        let (tell, told) = oneshot::channel();
        if let Some(group) = self.group.as_mut() {
            group.members.push(tell);
            group.edge = edge;
        }
        self.whole = true;
        let open = Arc::clone(OwnedMutexGuard::mutex(&self.group));
        Ok(Written { told, open })
    }

    /// Undoes a part, and leaves those of others.
    ///
    /// # Errors
    /// What the database says; then the group is ended.
    pub(crate) async fn undo(mut self, own: DatabaseTransaction) -> Result<(), DbErr> {
        own.rollback().await?;
        // A group of nobody would keep the database locked.
        self.whole = self
            .group
            .as_ref()
            .is_some_and(|group| !group.is_deserted());
        Ok(())
    }

    /// Ends the group: what went wrong may have undone more than one part.
    pub(crate) fn end(self, own: DatabaseTransaction) {
        drop(own);
        drop(self);
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
        let Some(Group {
            shared, members, ..
        }) = group.take()
        else {
            return Err(lost());
        };
        shared.commit().await?;
        for member in members {
            // Who is gone needs no word.
            let _ = member.send(());
        }
        Ok(())
    });
    committed.await.unwrap_or_else(|_| Err(lost()))
}
