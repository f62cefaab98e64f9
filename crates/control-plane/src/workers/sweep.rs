//! Forgets what has expired: browser sessions, sign-ins that failed long ago, that somebody looks away from a finding, answers that
//! were judged, exchanges with live agents of long ago, and the tokens of service accounts that ended.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker, ask, evaluate_online};
use crate::ControlPlane;
use crate::error::Error;
use crate::{deployments, findings, passkeys, people, providers, service_accounts, sessions};

/// The worker.
#[derive(Debug)]
pub(crate) struct Sweep;

#[async_trait]
impl Worker for Sweep {
    fn name(&self) -> &'static str {
        "sweep"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        sessions::sweep(cp).await?;
        people::sweep(cp).await?;
        providers::sweep(cp).await?;
        passkeys::sweep(cp).await?;
        service_accounts::sweep(cp).await?;
        ask::sweep(cp).await?;
        evaluate_online::sweep(cp).await?;
        findings::wake(cp, &deployments::worker(cp, self.name())).await?;
        Ok(Status::Idle)
    }
}
