//! What a deployment to production waits for besides gates and people: its version's time in non-prod, the end of a
//! freeze, a post-review that the team owes, and the witnesses of the audit log.

use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::event::AuditAction;
use domain::ledger::ResourceKind;
use domain::policy::Policy;
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;
use crate::store::entity::deployment;

/// Until when, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) until: DateTime<Utc>,
    pub(crate) text: String,
    /// What ends it sooner, if anything does.
    pub(crate) remedy: &'static str,
}

/// How soon a deployment that waits for witnesses looks again.
const WITNESSES_SECONDS: i64 = 5;

const BY_ITSELF: &str = "Nobody has to act: it goes on by itself.";

/// What holds a deployment up now. A rollback waits for nothing. A freeze that begins while something is being created
/// does not leave it half made; one that is open before people are asked keeps them from being asked too early.
pub(crate) async fn wait(
    db: &impl ConnectionTrait,
    policy: &Policy,
    row: &deployment::Model,
    now: DateTime<Utc>,
) -> Result<Option<Wait>, Error> {
    if row.environment != Environment::Production || row.kind == DeploymentKind::Rollback {
        return Ok(None);
    }
    // Who broke the glass waits for neither the clock nor people, but owes as everybody does.
    let permitted = crate::break_glass::permission(db, row, now)
        .await?
        .is_some();
    let owed = if row.state.in_progress() && !begun(db, row).await? {
        owed(db, row, now).await?
    } else {
        None
    };
    if permitted {
        return Ok(owed);
    }
    let rules = &policy.production;
    let soaks = rules.soak_minutes > 0 && row.state == DeploymentState::Queued;
    let soak = match row.promotes.filter(|_| soaks) {
        Some(number) => {
            let proven = store::deployments::by_number(db, number).await?.live_at;
            proven.map(|at| rules.soaked_at(at)).filter(|at| *at > now)
        }
        None => None,
    };
    let frozen = row
        .state
        .in_progress()
        .then(|| rules.frozen_at(now))
        .flatten();
    let frozen = match frozen {
        Some(window) if !begun(db, row).await? => Some(Wait {
            until: window.until,
            text: format!("Frozen until {}: {}", minute(window.until), window.reason),
            remedy: BY_ITSELF,
        }),
        Some(_) | None => None,
    };
    let soak = soak.map(|until| Wait {
        until,
        text: format!(
            "In non-prod until {}: the policy asks for {} minutes there",
            minute(until),
            rules.soak_minutes
        ),
        remedy: BY_ITSELF,
    });
    let unseen = if rules.wait_for_witness && row.state == DeploymentState::Deploying {
        unseen(db, row, now).await?
    } else {
        None
    };
    let waits = frozen.into_iter().chain(soak).chain(owed).chain(unseen);
    Ok(waits.max_by_key(|w| w.until))
}

/// A post-review of the team that is late holds up what has not begun. Closing it wakes what waits, so how long it is
/// looked away from matters little.
pub(crate) async fn owed(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
    now: DateTime<Utc>,
) -> Result<Option<Wait>, Error> {
    let agent = store::agents::get(db, row.agent_id).await?;
    let late = crate::break_glass::blocking(db, &agent, row.id, now).await?;
    Ok(late.map(|late| Wait {
        until: now + chrono::Duration::hours(1),
        text: format!(
            "Post-review PR-{} of #{} is overdue since {}: somebody who had no part in it closes it first",
            late.number,
            late.deployment_number,
            minute(late.due_at)
        ),
        remedy: "An approver of the team who had no part in it closes it, from the approvals inbox.",
    }))
}

/// The approval is not in a checkpoint that enough witnesses have seen, and nothing was created yet.
async fn unseen(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
    now: DateTime<Utc>,
) -> Result<Option<Wait>, Error> {
    let approval = store::audit::last_about(db, row.number, AuditAction::ApprovalSettled).await?;
    let Some(index) = approval else {
        return Ok(None);
    };
    let seen = store::cosignatures::last_witnessed(db).await?;
    if seen.is_some_and(|head| head.size > index) || begun(db, row).await? {
        return Ok(None);
    }
    Ok(Some(Wait {
        until: now + chrono::Duration::seconds(WITNESSES_SECONDS),
        text: format!(
            "Waits for the witnesses of the audit log: too few of them have confirmed its event {index}, the approval"
        ),
        remedy: "It goes on by itself as soon as they have. The page Audit says who of them does not answer.",
    }))
}

/// Something was created, or is about to be.
async fn begun(db: &impl ConnectionTrait, row: &deployment::Model) -> Result<bool, Error> {
    match row.state {
        DeploymentState::Verifying => Ok(true),
        DeploymentState::Deploying => Ok(store::resources::of(db, row.id)
            .await?
            .iter()
            .any(|r| r.kind != ResourceKind::Image)),
        DeploymentState::Queued
        | DeploymentState::Building
        | DeploymentState::Checking
        | DeploymentState::AwaitingApproval
        | DeploymentState::Live
        | DeploymentState::Superseded
        | DeploymentState::RolledBack
        | DeploymentState::Decommissioned
        | DeploymentState::Failed
        | DeploymentState::Errored
        | DeploymentState::Rejected
        | DeploymentState::Expired
        | DeploymentState::Cancelled
        | DeploymentState::CleaningUp
        | DeploymentState::Cleaned
        | DeploymentState::CleanupIncomplete => Ok(false),
    }
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
