//! Outgoing work: git tags, commit statuses and issues, written as rows in the transaction they tell of and sent by a worker.

use domain::environment::Environment;
use domain::id::{DeploymentId, OutboxId};
use serde::{Deserialize, Serialize};

use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{agent, deployment, outbox, version};
use crate::transact::Tx;

/// One piece of outgoing work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Outgoing {
    Tag {
        commit: String,
        tag: String,
    },
    Status {
        commit: String,
        context: String,
        state: Word,
        description: String,
    },
    OpenIssue {
        key: String,
        title: String,
        body: String,
    },
    CloseIssue {
        key: String,
        /// Whose issue it is: the deployment that failed.
        failed: DeploymentId,
        comment: String,
    },
}

/// The state of a commit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    Pending,
    Success,
    Failure,
    Error,
}

/// What a status says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said<'a> {
    Started,
    AwaitingApproval,
    Live,
    Ended(&'a str),
    Errored(&'a str),
}

/// Sends a commit status about a deployment.
pub(crate) async fn status(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    version: &version::Model,
    row: &deployment::Model,
    said: Said<'_>,
) -> Result<(), Error> {
    let (state, text) = match said {
        Said::Started => (
            Word::Pending,
            format!("#{} {} is on its way", row.number, version.number),
        ),
        Said::AwaitingApproval => (
            Word::Pending,
            format!("#{} {} awaits approval", row.number, version.number),
        ),
        Said::Live => (
            Word::Success,
            format!("#{} {} is live", row.number, version.number),
        ),
        Said::Ended(why) => (Word::Failure, format!("#{} {why}", row.number)),
        Said::Errored(why) => (Word::Error, format!("#{} {why}", row.number)),
    };
    let work = Outgoing::Status {
        commit: version.commit_id.clone(),
        context: format!("clearance/{}/{}", agent.slug, row.environment),
        state,
        description: domain::text::cut(&text, 140),
    };
    let key = format!("status:{}:{}", row.number, row.revision);
    write(tx, ctx, row, &key, &work).await
}

/// Writes a git tag: of the version, or of the version's arrival in an environment.
pub(crate) async fn tag(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    version: &version::Model,
    row: &deployment::Model,
    stage: Option<Environment>,
) -> Result<(), Error> {
    let tag = domain::version::tag(&agent.slug, &version.number, stage);
    let key = format!("tag:{}:{tag}", row.number);
    write(
        tx,
        ctx,
        row,
        &key,
        &Outgoing::Tag {
            commit: version.commit_id.clone(),
            tag,
        },
    )
    .await
}

/// Writes a piece of work; the same key again is no new work.
pub(crate) async fn write(
    tx: &Tx,
    ctx: &OpCtx,
    row: &deployment::Model,
    key: &str,
    work: &Outgoing,
) -> Result<(), Error> {
    let now = ctx.now();
    let kind = match work {
        Outgoing::Tag { .. } => "tag",
        Outgoing::Status { .. } => "status",
        Outgoing::OpenIssue { .. } => "open_issue",
        Outgoing::CloseIssue { .. } => "close_issue",
    };
    let row = outbox::Model {
        id: OutboxId(ids::new()),
        deployment_id: row.id,
        kind: kind.to_owned(),
        dedupe: key.to_owned(),
        payload: store::to_json(work)?,
        state: store::outbox::PENDING.to_owned(),
        last_error: None,
        created_at: now,
        done_at: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    };
    store::outbox::insert(tx, row).await
}
