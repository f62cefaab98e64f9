//! Sends git tags, commit statuses and issues, at least once each, with names that make a repeat harmless.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::issues::{self, Answerable};
use crate::outgoing::{Outgoing, Word};
use crate::ports::git_host::{CommitStatus, Issue, StatusState};
use crate::ports::{PortError, PortErrorKind};
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
        let (state, error, url) = match sent {
            Ok(url) => (store::outbox::DONE, None, url),
            Err(error) if error.retryable() && row.attempts < ATTEMPTS_PATIENT => {
                (store::outbox::PENDING, Some(error.message), None)
            }
            Err(error) => (store::outbox::FAILED, Some(error.message), None),
        };
        let again = next_attempt(ctx.now(), row.attempts);
        cp.transact("outbox::settle", &ctx, |tx: Tx| {
            let row = &row;
            let (error, url) = (&error, &url);
            let ctx = &ctx;
            async move {
                let tx = &tx;
                store::outbox::settle(tx, row, state, error.clone(), again, ctx.now()).await?;
                if state == store::outbox::DONE {
                    issues::sent(tx, row, url.as_deref(), ctx.now()).await?;
                }
                Ok(())
            }
        })
        .await?;
        Ok(Status::Worked)
    }
}

/// Does the work. What it made has a page where it is an issue.
async fn send(
    cp: &ControlPlane,
    row: &outbox::Model,
) -> Result<Result<Option<String>, PortError>, Error> {
    let deployment = store::deployments::get(cp.reader(), row.deployment_id).await?;
    let agent = store::agents::get(cp.reader(), deployment.agent_id).await?;
    let repository = sources::repository(cp, &agent).await?;
    let host = &cp.ports().git_host;
    Ok(match store::from_json::<Outgoing>(&row.payload)? {
        Outgoing::Tag { commit, tag } => {
            let written = host.write_tag(&repository, &commit, &tag).await;
            written.map(|()| None)
        }
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
            let status = CommitStatus {
                context,
                state,
                description,
                target_url,
            };
            let written = host.write_status(&repository, &commit, &status).await;
            written.map(|()| None)
        }
        Outgoing::OpenIssue { key, title, body } => {
            let issue = Issue { key, title, body };
            host.open_issue(&repository, &issue).await.map(Some)
        }
        Outgoing::CloseIssue {
            key,
            failed,
            comment,
        } => match issues::answerable(cp, failed, &key).await? {
            Answerable::Now => {
                let closed = host.close_issue(&repository, &key, &comment).await;
                closed.map(|()| None)
            }
            Answerable::Later => Err(PortError::new(
                PortErrorKind::Unavailable,
                "The issue is not opened yet: it is tried again.",
            )),
            Answerable::Never => Ok(None),
        },
    })
}
