//! Sends git tags and commit statuses, at least once each, with names that make a repeat harmless.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::outgoing::{Outgoing, Word};
use crate::ports::PortError;
use crate::ports::git_host::{CommitStatus, StatusState};
use crate::sources;
use crate::store;
use crate::store::claim::{ATTEMPTS_PATIENT, next_attempt};
use crate::store::entity::outbox;
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct SendOutgoing;

#[async_trait]
impl Worker for SendOutgoing {
    fn name(&self) -> &'static str {
        "send_outgoing"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let claimed = cp
            .transact("outbox::claim", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::outbox::claim(tx, ctx.request_id(), ctx.now()).await
                }
            })
            .await?;
        let Some(row) = claimed else {
            return Ok(Status::Idle);
        };
        let sent = send(cp, &row).await?;
        let (state, error) = match sent {
            Ok(()) => (store::outbox::DONE, None),
            Err(error) if error.retryable() && row.attempts < ATTEMPTS_PATIENT => {
                (store::outbox::PENDING, Some(error.message))
            }
            Err(error) => (store::outbox::FAILED, Some(error.message)),
        };
        let again = next_attempt(ctx.now(), row.attempts);
        cp.transact("outbox::settle", &ctx, |tx: Tx| {
            let row = &row;
            let error = &error;
            let ctx = &ctx;
            async move {
                let tx = &tx;
                store::outbox::settle(tx, row, state, error.clone(), again, ctx.now()).await
            }
        })
        .await?;
        Ok(Status::Worked)
    }
}

async fn send(cp: &ControlPlane, row: &outbox::Model) -> Result<Result<(), PortError>, Error> {
    let deployment = store::deployments::get(cp.reader(), row.deployment_id).await?;
    let agent = store::agents::get(cp.reader(), deployment.agent_id).await?;
    let repository = sources::repository(cp, &agent).await?;
    let host = &cp.ports().git_host;
    Ok(match store::from_json::<Outgoing>(&row.payload)? {
        Outgoing::Tag { commit, tag } => host.write_tag(&repository, &commit, &tag).await,
        Outgoing::Status {
            commit,
            context,
            state,
            description,
        } => {
            let state = match state {
                Word::Pending => StatusState::Pending,
                Word::Success => StatusState::Success,
                Word::Failure => StatusState::Failure,
                Word::Error => StatusState::Error,
            };
            let target_url = format!(
                "{}/deployments/{}",
                cp.settings().base_url,
                deployment.number
            );
            host.write_status(
                &repository,
                &commit,
                &CommitStatus {
                    context,
                    state,
                    description,
                    target_url,
                },
            )
            .await
        }
    })
}
