//! The only way to a transaction: named, retried, announced after commit, and audited when it is refused.

use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::actor::Actor;
use domain::directory::ProblemKind;
use domain::event::AuditAction;
use sea_orm::{DatabaseTransaction, DbBackend, DbErr, RuntimeErr, TransactionTrait};
use tokio::sync::SemaphorePermit;

use crate::ControlPlane;
use crate::audit::{self, Edge, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::group_commit::{Lost, Turn};
use crate::topic::Topic;

/// Attempts before a busy or serialization error is given to the caller.
const ATTEMPTS: u32 = 5;

/// What those who look need written: it goes on while changes are refused, and tells of nothing that changed.
const OF_READERS: [&str; 3] = ["sessions::renew", "sessions::delete", "tokens::note_use"];

/// An open transaction. Writers take it; readers take any connection, so a write outside a transaction does not compile.
///
/// It is handed over by value, cheap to clone: a future that borrowed it could not be proven `Send` by today's compiler
/// where the closure borrows too.
#[derive(Debug, Clone)]
pub struct Tx {
    inner: Arc<Open>,
}

#[derive(Debug)]
struct Open {
    transaction: DatabaseTransaction,
    topics: Mutex<Vec<Topic>>,
    concern: Concerned,
    edge: Mutex<Option<Edge>>,
}

/// What a refusal is about, shared by the attempts of one call.
type Concerned = Arc<Mutex<Option<Concern>>>;

/// The deployment of an agent that a refusal is about.
#[derive(Debug, Clone)]
struct Concern {
    agent: String,
    deployment: i64,
}

impl Tx {
    /// Notes what pages to wake after commit.
    pub(crate) fn touch(&self, topic: Topic) {
        if let Ok(mut topics) = self.inner.topics.lock()
            && !topics.contains(&topic)
        {
            topics.push(topic);
        }
    }

    /// The right edge of the log, where it is known in this transaction.
    pub(crate) fn edge(&self) -> Option<Edge> {
        self.inner.edge.lock().ok()?.clone()
    }

    /// Notes the edge after an entry.
    pub(crate) fn set_edge(&self, grown: Edge) {
        if let Ok(mut edge) = self.inner.edge.lock() {
            *edge = Some(grown);
        }
    }

    /// Notes what a refusal from here on is about. Only once the actor may read it: its event is seen by everybody who may.
    pub(crate) fn concerns(&self, agent: &str, deployment: i64) {
        if let Ok(mut concern) = self.inner.concern.lock() {
            *concern = Some(Concern {
                agent: agent.to_owned(),
                deployment,
            });
        }
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.inner.transaction
    }
}

impl ControlPlane {
    /// Runs `body` in one transaction. It may run again, so it must not do anything outside the database.
    ///
    /// A refusal (`Forbidden`, `Excluded`) is itself a fact: it is audited in a short transaction of its own.
    ///
    /// # Errors
    /// What `body` came to, [`Error::Unavailable`] when the database does not take it, or [`Error::Recovery`] while it is not the
    /// one whose log was signed.
    pub async fn transact<T, F, R>(
        &self,
        name: &'static str,
        ctx: &OpCtx,
        body: F,
    ) -> Result<T, Error>
    where
        F: Fn(Tx) -> R,
        R: Future<Output = Result<T, Error>>,
    {
        if let Some(recovery) = self.recovery()
            && !OF_READERS.contains(&name)
        {
            return Err(recovery.error());
        }
        let concern = Concerned::default();
        let outcome = self.tried(name, ctx, &body, &concern).await;
        if let Err(error) = &outcome {
            self.note_refusal(name, ctx, error, &concern).await;
        }
        outcome
    }

    /// Writes the event of a refusal down in a transaction of its own, for `audit::refusals` alone.
    pub(crate) async fn tell_refusal(&self, ctx: &OpCtx, event: Event) -> Result<(), Error> {
        if let Some(recovery) = self.recovery() {
            return Err(recovery.error());
        }
        let event = &event;
        let append = |tx: Tx| async move {
            let tx = &tx;
            audit::append(tx, ctx, event.clone()).await.map(|_| ())
        };
        self.tried("refusal", ctx, &append, &Concerned::default())
            .await
    }

    /// One transaction that makes the log whole again, for `audit::recovery` alone.
    pub(crate) async fn transact_in_recovery<T, F, R>(
        &self,
        ctx: &OpCtx,
        body: F,
    ) -> Result<T, Error>
    where
        F: Fn(Tx) -> R,
        R: Future<Output = Result<T, Error>>,
    {
        self.attempt(ctx, &body, &Concerned::default()).await
    }

    /// Attempts, until the database takes it or says no for good.
    async fn tried<T, F, R>(
        &self,
        name: &'static str,
        ctx: &OpCtx,
        body: &F,
        concern: &Concerned,
    ) -> Result<T, Error>
    where
        F: Fn(Tx) -> R,
        R: Future<Output = Result<T, Error>>,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt(ctx, body, concern).await {
                Err(error) if attempt < ATTEMPTS && is_transient(&error) => {
                    tracing::debug!(transaction = name, attempt, "transaction is tried again");
                    metrics::counter!("clearance_transaction_retries_total", "transaction" => name)
                        .increment(1);
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt) * 7))
                        .await;
                }
                outcome => return outcome,
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that opens transactions, with `group_commit`"
    )]
    async fn attempt<T, F, R>(&self, ctx: &OpCtx, body: &F, concern: &Concerned) -> Result<T, Error>
    where
        F: Fn(Tx) -> R,
        R: Future<Output = Result<T, Error>>,
    {
        let _background = self.background_turn(ctx).await;
        let (turn, transaction) = if self.has_one_writer() {
            let (turn, shared) = self.group_commit().begin(self.writer()).await?;
            (Some(turn), shared)
        } else {
            (None, self.writer().begin().await?)
        };
        let edge = turn.as_ref().and_then(Turn::edge);
        let tx = Tx {
            inner: Arc::new(Open {
                transaction,
                topics: Mutex::new(Vec::new()),
                concern: Arc::clone(concern),
                edge: Mutex::new(edge),
            }),
        };
        let outcome = body(tx.clone()).await;
        // The body's clone went with its future, so the transaction is ours alone again.
        let open = Arc::into_inner(tx.inner)
            .ok_or_else(|| Error::internal("transact", "the transaction was kept"))?;
        match outcome {
            Ok(value) => {
                let topics = open.topics.into_inner().unwrap_or_default();
                if let Some(turn) = turn {
                    let edge = open.edge.into_inner().unwrap_or_default();
                    let written = turn.keep(open.transaction, edge);
                    self.group_commit().commit(written).await?;
                } else {
                    open.transaction.commit().await?;
                }
                self.announce(topics);
                Ok(value)
            }
            Err(error) => {
                match turn {
                    // Both are dropped, which ends the group.
                    Some(_) if is_of_the_database(&error) => {}
                    Some(turn) => turn.undo(open.transaction).await?,
                    None => open.transaction.rollback().await?,
                }
                Err(error)
            }
        }
    }

    /// SQLite has one writer at a time.
    fn has_one_writer(&self) -> bool {
        self.writer().get_database_backend() == DbBackend::Sqlite
    }

    /// Where there is one writer, workers queue here first and only one of them waits for it at a time: a person or a git
    /// host that waits for an answer stands behind two transactions at the most, however many deployments run.
    async fn background_turn(&self, ctx: &OpCtx) -> Option<SemaphorePermit<'_>> {
        if self.has_one_writer() && matches!(ctx.actor(), Actor::System { .. }) {
            // It is never closed, so there is always a permit.
            self.background().acquire().await.ok()
        } else {
            None
        }
    }

    /// Passes on what a check before any transaction came to, and records it where it is a refusal.
    pub(crate) async fn noted<T>(
        &self,
        name: &'static str,
        ctx: &OpCtx,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        if let Err(error) = &outcome {
            self.note_refusal(name, ctx, error, &Concerned::default())
                .await;
        }
        outcome
    }

    async fn note_refusal(
        &self,
        name: &'static str,
        ctx: &OpCtx,
        error: &Error,
        concern: &Concerned,
    ) {
        let reason = match error {
            Error::Forbidden { action } => action.as_str(),
            Error::Excluded { rule } => rule.as_str(),
            Error::Directory(problem) if problem.kind == ProblemKind::LastAdministrator => {
                problem.kind.as_str()
            }
            Error::NotFound { .. }
            | Error::Unauthenticated
            | Error::SignInTooOld { .. }
            | Error::WrongCredentials
            | Error::TooMany
            | Error::Invalid(_)
            | Error::Policy(_)
            | Error::Conflict { .. }
            | Error::Directory(_)
            | Error::Unavailable { .. }
            | Error::Fenced
            | Error::Recovery { .. }
            | Error::Internal { .. } => return,
        };
        if self.recovery().is_some() {
            return;
        }
        let mut event = Event::new(AuditAction::Refused, "operation", name).reason(reason);
        let concern = concern.lock().ok().and_then(|concern| concern.clone());
        if let Some(concern) = concern {
            event = event.agent(&concern.agent).deployment(concern.deployment);
        }
        if let Err(error) = audit::note_refusal(self, ctx, event).await {
            tracing::error!(error = %error.chain(), "a refusal could not be audited yet");
        }
    }
}

/// After what the database says itself, or what nobody foresaw, it is not known what is left of a shared transaction.
const fn is_of_the_database(error: &Error) -> bool {
    matches!(error, Error::Unavailable { .. } | Error::Internal { .. })
}

/// Busy databases, serialization failures, racing unique keys and lost groups go away when tried again.
fn is_transient(error: &Error) -> bool {
    let Error::Unavailable { source, .. } = error else {
        return false;
    };
    if source.is::<Lost>() {
        return true;
    }
    let Some(error) = source.downcast_ref::<DbErr>() else {
        return false;
    };
    let (DbErr::Exec(RuntimeErr::SqlxError(source))
    | DbErr::Query(RuntimeErr::SqlxError(source))
    | DbErr::Conn(RuntimeErr::SqlxError(source))) = error
    else {
        return false;
    };
    let Some(database) = source.as_database_error() else {
        return false;
    };
    let busy = database.message().contains("database is locked");
    let code = database.code();
    busy || matches!(code.as_deref(), Some("5" | "6" | "517" | "40001" | "40P01"))
        || database.is_unique_violation()
}
