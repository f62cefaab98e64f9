//! Approvals: opening, deciding, settling. A decision binds to the manifest digest that the person saw.

use chrono::Duration;
use domain::approval::{ApprovalEvent, ApprovalState, Parties};
use domain::event::AuditAction;
use domain::id::ApprovalId;
use domain::view::diff::VersionDiff;

use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments::manifest::Sealed;
use crate::error::Error;
use crate::ids;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::entity::{agent, approval, deployment};
use crate::transact::Tx;

mod comments;
mod decide;
mod read;
mod roster;
pub(crate) mod stale;
mod take_back;

pub use comments::comment;
pub use decide::decide;
pub(crate) use decide::{decided, votes};
pub(crate) use read::described;
pub use read::{get, inbox, waiting_for};
pub(crate) use roster::Roster;
pub use take_back::{revoke, withdraw};

/// What people are asked about: the manifest, who may not answer, and what changes. Frozen when it is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) sealed: Sealed,
    pub(crate) parties: Parties,
    pub(crate) diff: VersionDiff,
}

/// Asks people about a deployment's manifest.
pub(crate) async fn open(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    question: &Question,
) -> Result<(), Error> {
    let Question {
        sealed,
        parties,
        diff,
    } = question;
    let version = store::versions::get(&**tx, row.version_id).await?;
    let whom = Whom::of(&**tx, agent, &version).await?;
    let policy = policies::of(&**tx, row.policy_version, &whom).await?;
    let rules = policy.of(row.environment);
    let round = store::approvals::of(&**tx, row.id)
        .await?
        .map_or(1, |a| a.round + 1);
    let now = ctx.now();
    let after = |hours: u32| now + Duration::hours(i64::from(hours));
    let asked = approval::Model {
        id: ApprovalId(ids::new()),
        deployment_id: row.id,
        agent_id: agent.id,
        number: row.number,
        round,
        state: ApprovalState::Open,
        manifest_digest: sealed.digest.clone(),
        manifest: sealed.text.clone(),
        parties: store::to_json(parties)?,
        changes: summary(diff),
        diff: store::to_json(diff)?,
        quorum: i32::try_from(rules.quorum).unwrap_or(1),
        opened_at: now,
        expires_at: after(rules.approval_hours),
        settled_at: None,
        revision: 0,
        remind_at: rules.approval.reminder_hours.map(after),
        reminded_at: None,
        escalate_at: rules.approval.escalation_hours.map(after),
        escalated_at: None,
        use_by: None,
    };
    store::approvals::insert(tx, asked).await?;
    let event = Event::new(
        AuditAction::ApprovalOpened,
        "approval",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .digest(Some(&sealed.digest))
    .with("round", round)
    .with("quorum", rules.quorum);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// "2 scopes added, 3 config changes, 4 files": the shortest true summary.
fn summary(diff: &VersionDiff) -> String {
    let counted = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> = [
        counted(diff.added_scopes.len(), "scope added", "scopes added"),
        counted(diff.config.len(), "config change", "config changes"),
        counted(diff.files.len(), "file", "files"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match (&diff.live_version, parts.is_empty()) {
        (None, _) => "First version in production".to_owned(),
        (Some(_), true) => "No change".to_owned(),
        (Some(_), false) => parts.join(", "),
    }
}

/// Moves an approval on and records it.
pub(crate) async fn settle(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &approval::Model,
    event: ApprovalEvent,
    reason: Option<&str>,
) -> Result<(), Error> {
    let next = store::approvals::transition(tx, row, event, ctx.now()).await?;
    let fact = Event::new(
        AuditAction::ApprovalSettled,
        "approval",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .digest(Some(&row.manifest_digest))
    .with("state", next)
    .with("round", row.round);
    let fact = match reason {
        Some(reason) => fact.reason(reason),
        None => fact,
    };
    audit::append(tx, ctx, fact).await.map(|_| ())
}
