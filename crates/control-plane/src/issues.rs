//! Routing back: a failed deployment becomes an issue on the git host, where the connection says so, and the next version
//! that goes live answers it. Made from the audit log, as notifications are; sent by the worker of outgoing work.

use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::event::AuditAction;
use domain::id::DeploymentId;
use domain::notification::message::one_line;
use domain::view::deployment::Failure;

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::outgoing::{self, Outgoing};
use crate::store;
use crate::store::entity::{agent, audit_leaf, deployment, issue, outbox, version};
use crate::transact::Tx;

/// Most findings that an issue lists.
const FINDINGS: usize = 10;

/// Looks at one event: a deployment that failed asks for an issue, one that went live answers those before it.
pub(crate) async fn event(
    tx: &Tx,
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &audit_leaf::Model,
) -> Result<(), Error> {
    if row.action != AuditAction::DeploymentMoved.as_str() {
        return Ok(());
    }
    let leaf = audit::parsed(row)?;
    let to: Option<DeploymentState> = leaf.detail.get("to").and_then(|word| word.parse().ok());
    let failed = match to {
        Some(DeploymentState::Failed | DeploymentState::Errored) => true,
        Some(DeploymentState::Live) => false,
        _ => return Ok(()),
    };
    let moved = store::deployments::by_number(&**tx, row.deployment.unwrap_or(-1)).await?;
    let agent = store::agents::get(&**tx, moved.agent_id).await?;
    let version = store::versions::get(&**tx, moved.version_id).await?;
    if failed {
        let connection = store::connections::get(&**tx, agent.connection_id).await?;
        if connection.is_some_and(|c| c.opens_issues) {
            open(tx, cp, ctx, &agent, &moved, &version).await?;
        }
        return Ok(());
    }
    // A rollback restores what was there; it does not answer what is wrong with a later one.
    if moved.kind == DeploymentKind::Rollback {
        return Ok(());
    }
    for asked in store::issues::open(&**tx, agent.id, moved.environment).await? {
        let failed = store::deployments::get(&**tx, asked.deployment_id).await?;
        if failed.number > moved.number {
            continue;
        }
        answer(tx, cp, ctx, &asked, &moved, &version).await?;
    }
    Ok(())
}

fn work_key(key: &str) -> String {
    format!("open_issue:{key}")
}

async fn open(
    tx: &Tx,
    cp: &ControlPlane,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    version: &version::Model,
) -> Result<(), Error> {
    let key = format!("clearance-{}", row.id);
    let note = issue::Model {
        deployment_id: row.id,
        agent_id: agent.id,
        environment: row.environment,
        key: key.clone(),
        url: String::new(),
        opened_at: ctx.now(),
        closed_at: None,
    };
    store::issues::insert(tx, note).await?;
    let title = format!(
        "{} {} failed in {} (#{})",
        agent.slug,
        version.number,
        row.environment.label(),
        row.number
    );
    let work = Outgoing::OpenIssue {
        title: one_line(&title, 120),
        body: body(cp, row, version)?,
        key: key.clone(),
    };
    outgoing::write(tx, ctx, row, &work_key(&key), &work).await
}

/// The findings in Markdown. What others wrote stands in indented lines, which are code: no link, no image, no mention.
fn body(
    cp: &ControlPlane,
    row: &deployment::Model,
    version: &version::Model,
) -> Result<String, Error> {
    let failure: Option<Failure> = match &row.failure {
        Some(text) => Some(store::from_json(text)?),
        None => None,
    };
    let mut lines = vec![
        format!(
            "Deployment [#{}]({}/deployments/{}) of commit {} did not go live. What is live stays as it is.",
            row.number,
            cp.settings().base_url,
            row.number,
            version.commit_id
        ),
        String::new(),
    ];
    if let Some(failure) = failure {
        lines.push(format!(
            "    {}: {}",
            failure.step.label(),
            one_line(&failure.message, 500)
        ));
        for finding in failure.findings.iter().take(FINDINGS) {
            let text = format!(
                "{} ({}, {})",
                finding.message, finding.rule, finding.location
            );
            lines.push(format!("    - {}", one_line(&text, 500)));
        }
        lines.push(String::new());
    }
    lines.push("This is closed when a later version of the same agent goes live there.".to_owned());
    Ok(lines.join("\n"))
}

async fn answer(
    tx: &Tx,
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &issue::Model,
    row: &deployment::Model,
    version: &version::Model,
) -> Result<(), Error> {
    let comment = format!(
        "Version {} is live in {} as deployment [#{}]({}/deployments/{}).",
        version.number,
        row.environment.label(),
        row.number,
        cp.settings().base_url,
        row.number
    );
    let work = Outgoing::CloseIssue {
        key: asked.key.clone(),
        failed: asked.deployment_id,
        comment,
    };
    outgoing::write(tx, ctx, row, &format!("close_issue:{}", asked.key), &work).await
}

/// Can an issue be answered?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answerable {
    Now,
    /// It is still to be opened.
    Later,
    /// It was never opened: the host said no.
    Never,
}

/// Whether the issue of a deployment can be answered now.
pub(crate) async fn answerable(
    cp: &ControlPlane,
    failed: DeploymentId,
    key: &str,
) -> Result<Answerable, Error> {
    let known = store::issues::of(cp.reader(), failed).await?;
    if known.is_some_and(|issue| !issue.url.is_empty()) {
        return Ok(Answerable::Now);
    }
    if store::outbox::is_pending(cp.reader(), &work_key(key)).await? {
        Ok(Answerable::Later)
    } else {
        Ok(Answerable::Never)
    }
}

/// Keeps what was done about an issue, in the transaction that settles the work.
pub(crate) async fn sent(
    tx: &Tx,
    row: &outbox::Model,
    url: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    match store::from_json::<Outgoing>(&row.payload)? {
        Outgoing::OpenIssue { .. } => {
            store::issues::opened(tx, row.deployment_id, url.unwrap_or_default()).await
        }
        Outgoing::CloseIssue { failed, .. } => store::issues::closed(tx, failed, now).await,
        Outgoing::Tag { .. } | Outgoing::Status { .. } => Ok(()),
    }
}
