//! What a deployment to production waits for by the clock alone: its version's time in non-prod, and the end of a freeze.

use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentKind, DeploymentState};
use domain::environment::Environment;
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
}

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
    });
    Ok(frozen.into_iter().chain(soak).max_by_key(|w| w.until))
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
