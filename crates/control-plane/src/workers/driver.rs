//! Runs the workers: one task each, woken by commits and by its timer, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::{Status, Worker};
use crate::ControlPlane;

/// The running workers of this process.
#[derive(Debug)]
pub struct Driver {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Driver {
    /// Starts every worker.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the driver is the one place that spawns"
    )]
    pub fn start(cp: &ControlPlane) -> Self {
        let (stop, stopped) = watch::channel(false);
        let tasks = super::all()
            .into_iter()
            .map(|worker| tokio::spawn(run(cp.clone(), worker, stopped.clone())))
            .collect();
        Self { stop, tasks }
    }

    /// Tells every worker to stop after the step it is in, and waits up to `patience`. What is cut off is resumed by the
    /// next process: every step can be repeated.
    pub async fn stop(self, patience: Duration) {
        let _ = self.stop.send(true);
        let all = futures::future::join_all(self.tasks);
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!("some steps were cut off; they are resumed at the next start");
        }
    }
}

async fn run(cp: ControlPlane, worker: Arc<dyn Worker>, mut stopped: watch::Receiver<bool>) {
    let mut commits = cp.commits();
    while !*stopped.borrow() {
        commits.mark_unchanged();
        drain(&cp, &worker, &stopped).await;
        let woken = async {
            if worker.woken_by_commits() {
                let _ = commits.changed().await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(worker.period()) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Activates a worker until nothing is due, as often at the same time as it allows.
async fn drain(cp: &ControlPlane, worker: &Arc<dyn Worker>, stopped: &watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    let mut commits = cp.commits();
    let mut ask = true;
    loop {
        if ask && !*stopped.borrow() {
            let (cp, worker) = (cp.clone(), Arc::clone(worker));
            running.spawn(async move { activate(&cp, worker.as_ref()).await });
        }
        if running.is_empty() {
            return;
        }
        let free = running.len() < worker.parallel(cp);
        tokio::select! {
            done = running.join_next() => ask = matches!(done, Some(Ok(Status::Worked))),
            // While a long step runs, a commit may bring work that a free slot can take.
            changed = commits.changed(), if free && worker.woken_by_commits() => ask = changed.is_ok(),
        }
    }
}

async fn activate(cp: &ControlPlane, worker: &dyn Worker) -> Status {
    if cp.recovery().is_some() && !worker.works_in_recovery() {
        return Status::Idle;
    }
    let started = std::time::Instant::now();
    let outcome = worker.activate(cp).await;
    metrics::histogram!("clearance_worker_seconds", "worker" => worker.name())
        .record(started.elapsed().as_secs_f64());
    match outcome {
        Ok(status) => status,
        Err(error) => {
            // Fencing is how a slow worker learns that it was replaced; it is no fault.
            if matches!(error, crate::Error::Fenced) {
                tracing::info!(worker = worker.name(), "a lease was lost to another worker");
            } else {
                tracing::warn!(worker = worker.name(), error = %error.chain(), "a worker could not finish");
            }
            metrics::counter!("clearance_worker_errors_total", "worker" => worker.name())
                .increment(1);
            Status::Idle
        }
    }
}
