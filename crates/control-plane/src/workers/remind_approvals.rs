//! Notes when people are to be reminded of an open approval, and when somebody else is to be told. It sends nothing: the
//! audit event says who is meant, and notifications are made of events.

use std::time::Duration;

use async_trait::async_trait;
use domain::actor::Role;
use domain::approval::{ApprovalState, Parties, may_decide};
use domain::event::AuditAction;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::approvals::{self, Roster};
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::store;
use crate::store::entity::approval;
use crate::transact::Tx;

/// Most names in one event.
const NAMES_MAX: usize = 50;

/// The worker.
#[derive(Debug)]
pub(crate) struct RemindApprovals;

#[async_trait]
impl Worker for RemindApprovals {
    fn name(&self) -> &'static str {
        "remind_approvals"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Only the clock makes one due.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let due = store::approvals::due(cp.reader(), ctx.now()).await?;
        for asked in &due {
            cp.transact("approvals::remind", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move { tell(&tx, ctx, asked).await }
            })
            .await?;
        }
        Ok(if due.is_empty() {
            Status::Idle
        } else {
            Status::Worked
        })
    }
}

async fn tell(tx: &Tx, ctx: &OpCtx, seen: &approval::Model) -> Result<(), Error> {
    let asked = store::approvals::by_number(&**tx, seen.number).await?;
    if asked.id != seen.id || asked.state != ApprovalState::Open {
        return Ok(());
    }
    let now = ctx.now();
    let due = |at: Option<chrono::DateTime<chrono::Utc>>| at.is_some_and(|at| at <= now);
    let remind = due(asked.remind_at) && asked.reminded_at.is_none();
    let escalate = due(asked.escalate_at) && asked.escalated_at.is_none();
    if !remind && !escalate {
        return Ok(());
    }
    store::approvals::note_told(tx, &asked, (remind, escalate), now).await?;
    let team = store::agents::get(&**tx, asked.agent_id).await?.team_id;
    let roster = Roster::read(&**tx, now).await?;
    if remind {
        let mut parties: Parties = store::from_json(&asked.parties)?;
        parties.decided = approvals::decided(&store::approvals::decisions(&**tx, asked.id).await?);
        let able = roster.candidates(team).into_iter();
        let able = able.filter(|c| may_decide(c, &parties).is_ok());
        let names: Vec<String> = able.map(|c| c.name).collect();
        note(tx, ctx, &asked, AuditAction::ApprovalReminded, &names).await?;
    }
    if escalate {
        // Those who can give the role to somebody, or end it.
        let names = roster.holders(&[Role::Operator, Role::Administrator], team);
        note(tx, ctx, &asked, AuditAction::ApprovalEscalated, &names).await?;
    }
    Ok(())
}

async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    asked: &approval::Model,
    action: AuditAction,
    names: &[String],
) -> Result<(), Error> {
    let agent = store::agents::get(&**tx, asked.agent_id).await?;
    let meant: Vec<&str> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    let event = Event::new(action, "approval", asked.number.to_string())
        .agent(&agent.slug)
        .deployment(asked.number)
        .digest(Some(&asked.manifest_digest))
        .with("round", asked.round)
        .with("expires_at", store::time::text(asked.expires_at))
        .with("meant", meant.join(", "))
        .with("people", names.len());
    audit::append(tx, ctx, event).await.map(|_| ())
}
