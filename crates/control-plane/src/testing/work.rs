//! Letting the workers work, without the driver's tasks and timers: a test says when, and how late it is. An activation
//! whose call to the outside hangs is dropped on the spot, which is what a kill does to it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use chrono::{DateTime, Duration, Utc};
use domain::delivery::{DeliveryState, PushState};
use domain::deployment::DeploymentState;
use domain::incident::QuarantineState;
use domain::ledger::ResourceState;
use futures::FutureExt as _;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::TestPlane;
use super::database::CutOff;
use crate::error::Error;
use crate::store;
use crate::store::entity::{delivery, deployment, message, outbox, push, resource, revert};
use crate::workers::{self, Status, Worker};

/// Rounds of all workers after which a test is told that work does not end.
const ROUNDS: usize = 60;
/// Activations of one worker in one round.
const ACTIVATIONS: usize = 200;
/// How often the clock is moved on to the next retry.
const RETRIES: usize = 300;

impl TestPlane {
    /// Lets every worker work until nothing is due now. The clock stands still. Returns the errors of workers, which are
    /// no failures of a test by themselves.
    pub async fn settle(&self) -> Vec<String> {
        let mut errors = Vec::new();
        let all = workers::all();
        // How many in a row had nothing to do since the last one that had.
        let mut idle = 0;
        for worker in all.iter().cycle().take(ROUNDS * all.len()) {
            let worked = self
                .until_idle(worker.as_ref(), &mut errors, &mut || None)
                .await;
            idle = if worked { 0 } else { idle + 1 };
            if idle == all.len() {
                return errors;
            }
        }
        panic!("there is always something due: {errors:?}");
    }

    /// One round in which `polls` says, for each activation, after how often being polled it is killed.
    pub async fn settle_killing(&self, mut polls: impl FnMut() -> Option<u32>) {
        let mut errors = Vec::new();
        self.round(&mut errors, &mut polls).await;
    }

    /// The same, moving the clock on to whatever is due later, until there is no work left.
    pub async fn settle_all(&self) -> Vec<String> {
        let mut errors = Vec::new();
        for _ in 0..RETRIES {
            errors.extend(self.settle().await);
            match self.next_due().await {
                Some(at) => self.clock.advance_to(at),
                None => return errors,
            }
        }
        panic!("work does not end: {errors:?}");
    }

    /// One activation of the worker of this name.
    ///
    /// # Errors
    /// What the worker came to.
    pub async fn activate(&self, name: &str) -> Result<Status, Error> {
        let mut all = workers::all().into_iter();
        let worker = all.find(|w| w.name() == name).expect("a worker's name");
        worker.activate(&self.cp).await
    }

    /// A call that ends right behind the given statement of its transactions, the first being 1, as if its process had been killed
    /// there. `None` when it ended; a call with fewer statements comes to its own end.
    pub async fn cut_off<F: Future>(&self, statement: i64, call: F) -> Option<F::Output> {
        let until = &self.database.until_cut;
        until.store(statement, Ordering::Relaxed);
        let outcome = AssertUnwindSafe(call).catch_unwind().await;
        until.store(0, Ordering::Relaxed);
        match outcome {
            Ok(output) => Some(output),
            Err(why) if why.is::<CutOff>() => None,
            Err(why) => resume_unwind(why),
        }
    }

    /// Activates every worker until it is idle, once round.
    async fn round(&self, errors: &mut Vec<String>, polls: &mut impl FnMut() -> Option<u32>) {
        for worker in workers::all() {
            self.until_idle(worker.as_ref(), errors, polls).await;
        }
    }

    /// Activates a worker until it is idle, fails or is killed. True when something was done.
    async fn until_idle(
        &self,
        worker: &dyn Worker,
        errors: &mut Vec<String>,
        polls: &mut impl FnMut() -> Option<u32>,
    ) -> bool {
        let mut worked = false;
        for _ in 0..ACTIVATIONS {
            match self.or_killed(worker, polls()).await {
                Some(Ok(Status::Worked)) => worked = true,
                Some(Ok(Status::Idle)) => return worked,
                Some(Err(error)) => {
                    errors.push(format!("{}: {}", worker.name(), error.chain()));
                    return true;
                }
                // Killed: what it held is free again when its lease has run out.
                None => return true,
            }
        }
        worked
    }

    /// One activation, dropped when a call to the outside hangs or when it was polled as often as it may.
    async fn or_killed(
        &self,
        worker: &dyn Worker,
        polls: Option<u32>,
    ) -> Option<Result<Status, Error>> {
        let activation = Mortal {
            inner: worker.activate(&self.cp),
            polls,
        };
        tokio::select! {
            biased;
            outcome = activation => outcome,
            () = self.fakes.faults.hung() => None,
        }
    }

    /// When the next piece of work is due that is not due yet: a retry, or the end of a lost worker's lease.
    pub async fn next_due(&self) -> Option<DateTime<Utc>> {
        let mut due: Vec<DateTime<Utc>> = Vec::new();
        let mut claimed = |lease: Option<DateTime<Utc>>, next: DateTime<Utc>| {
            let free = lease.map_or(next, |until| until + Duration::milliseconds(1));
            due.push(free.max(next));
        };
        for row in self.work_deliveries().await {
            claimed(row.lease_until, row.next_attempt_at);
        }
        for row in self.work_pushes().await {
            claimed(row.lease_until, row.next_attempt_at);
        }
        for row in self.work_deployments().await {
            claimed(row.lease_until, row.next_attempt_at);
        }
        for row in self.work_outbox().await {
            claimed(row.lease_until, row.next_attempt_at);
        }
        for row in self.work_messages().await {
            claimed(row.lease_until, row.next_attempt_at);
        }
        for row in self.work_resources().await {
            due.push(row.next_attempt_at);
        }
        let reverts = revert::Entity::find().filter(revert::Column::DoneAt.is_null());
        let reverts = reverts.all(self.cp.reader()).await;
        due.extend(reverts.expect("reverts").iter().map(|r| r.next_attempt_at));
        let quarantines = store::quarantines::current(self.cp.reader()).await;
        due.extend(
            quarantines
                .expect("quarantines")
                .iter()
                .filter(|row| row.state != QuarantineState::InForce)
                .map(|row| row.next_attempt_at),
        );
        due.into_iter().filter(|at| *at > self.now()).min()
    }

    pub(super) async fn work_deliveries(&self) -> Vec<delivery::Model> {
        let open = [DeliveryState::Received, DeliveryState::Processing];
        let query = delivery::Entity::find().filter(delivery::Column::State.is_in(open));
        query.all(self.cp.reader()).await.expect("deliveries")
    }

    pub(super) async fn work_pushes(&self) -> Vec<push::Model> {
        let query = push::Entity::find().filter(push::Column::State.eq(PushState::Received));
        query.all(self.cp.reader()).await.expect("pushes")
    }

    pub(super) async fn work_deployments(&self) -> Vec<deployment::Model> {
        let states = DeploymentState::ALL.iter().filter(|s| s.has_work());
        let query = deployment::Entity::find()
            .filter(deployment::Column::State.is_in(states.copied().collect::<Vec<_>>()));
        query.all(self.cp.reader()).await.expect("deployments")
    }

    pub(super) async fn work_outbox(&self) -> Vec<outbox::Model> {
        let query = outbox::Entity::find().filter(outbox::Column::State.eq("pending"));
        query.all(self.cp.reader()).await.expect("outgoing work")
    }

    pub(super) async fn work_messages(&self) -> Vec<message::Model> {
        let query = message::Entity::find().filter(message::Column::State.eq("waiting"));
        query.all(self.cp.reader()).await.expect("messages")
    }

    pub(super) async fn work_resources(&self) -> Vec<resource::Model> {
        let query = resource::Entity::find()
            .filter(resource::Column::State.eq(ResourceState::DeleteRequested));
        query.all(self.cp.reader()).await.expect("the ledger")
    }
}

/// A future that ends without a result once it was polled a number of times.
struct Mortal<'a> {
    inner: Pin<Box<dyn Future<Output = Result<Status, Error>> + Send + 'a>>,
    polls: Option<u32>,
}

impl Future for Mortal<'_> {
    type Output = Option<Result<Status, Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.polls {
            Some(0) => return Poll::Ready(None),
            Some(left) => self.polls = Some(left - 1),
            None => {}
        }
        self.inner.as_mut().poll(cx).map(Some)
    }
}
