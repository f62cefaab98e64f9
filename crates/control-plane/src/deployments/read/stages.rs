//! The stage graph of a deployment, from the arrows it took. Pure; gates are boxes of their own ([`crate::gates`]).

use chrono::{DateTime, Utc};
use domain::deployment::{DeploymentEvent, DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::view::deployment::{Failure, Stage, StageKey, StageStatus};

use crate::store::entity::transition;

/// What the graph is drawn from.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) kind: DeploymentKind,
    pub(super) environment: Environment,
    pub(super) state: DeploymentState,
    pub(super) created_at: DateTime<Utc>,
    /// Oldest first.
    pub(super) arrows: &'a [transition::Model],
    /// How the source was trusted, in words.
    pub(super) source: String,
    pub(super) failure: Option<&'a Failure>,
    /// Approvals given and needed.
    pub(super) approvals: (u32, u32),
    /// Number of the post-review, where one person let it through without the approval.
    pub(super) let_through: Option<i64>,
    /// Rollback: the deployment whose approval covers it.
    pub(super) restores: Option<i64>,
}

/// The time a deployment spent in a state.
#[derive(Debug, Clone, Copy)]
struct Stay {
    /// `None` while it is there.
    seconds: Option<i64>,
    left_by: Option<DeploymentEvent>,
}

/// The boxes, from left to right.
pub(super) fn stages(facts: &Facts<'_>) -> Vec<Stage> {
    vec![
        source(facts),
        build(facts),
        approval(facts),
        deploy(facts),
        verify(facts),
        live(facts),
    ]
}

fn stage(
    key: StageKey,
    status: StageStatus,
    note: impl Into<String>,
    seconds: Option<i64>,
) -> Stage {
    Stage {
        key,
        status,
        note: note.into(),
        seconds,
    }
}

impl Facts<'_> {
    /// The last stay in a state, if it ever got there: what changed while people were asked is asked again.
    fn stay(&self, state: DeploymentState) -> Option<Stay> {
        let (entered, after) = match self.arrows.iter().rposition(|a| a.to_state == state) {
            Some(at) => (self.arrows.get(at)?.at, self.arrows.get(at..)?),
            None if state == DeploymentState::Queued => (self.created_at, self.arrows),
            None => return None,
        };
        let left = after.iter().find(|a| a.from_state == state);
        Some(Stay {
            seconds: left.map(|a| (a.at - entered).num_seconds().max(0)),
            left_by: left.map(|a| a.event),
        })
    }

    /// A stage that is exactly one state: not reached, running, ended there, or done.
    fn step(&self, key: StageKey, state: DeploymentState, running: &str, done: &str) -> Stage {
        let Some(stay) = self.stay(state) else {
            return stage(key, StageStatus::NotReached, "Not reached", None);
        };
        let Some(event) = stay.left_by else {
            return stage(key, StageStatus::Running, running, None);
        };
        match self.ended_by(event) {
            Some((status, note)) => stage(key, status, note, stay.seconds),
            None => stage(key, StageStatus::Done, done, stay.seconds),
        }
    }

    /// How a stage looks that an event ended for good. `None` for events that lead on.
    fn ended_by(&self, event: DeploymentEvent) -> Option<(StageStatus, String)> {
        let step = self.failure.map(|f| f.step.label());
        match event {
            DeploymentEvent::Failed => Some((
                StageStatus::Failed,
                step.map_or_else(|| "Failed".to_owned(), |s| format!("{s} failed")),
            )),
            DeploymentEvent::Errored => Some((
                StageStatus::Errored,
                step.map_or_else(
                    || "Could not run".to_owned(),
                    |s| format!("{s} could not run"),
                ),
            )),
            DeploymentEvent::Rejected => Some((StageStatus::Failed, "Rejected".to_owned())),
            DeploymentEvent::Expired => {
                Some((StageStatus::Failed, "Nobody answered in time".to_owned()))
            }
            DeploymentEvent::Cancelled => Some((StageStatus::Skipped, "Cancelled".to_owned())),
            DeploymentEvent::BuildStarted
            | DeploymentEvent::ImageReady
            | DeploymentEvent::RollbackCleared
            | DeploymentEvent::Built
            | DeploymentEvent::ChecksPassedAsk
            | DeploymentEvent::ChecksPassed
            | DeploymentEvent::Approved
            | DeploymentEvent::ManifestChanged
            | DeploymentEvent::Deployed
            | DeploymentEvent::Verified
            | DeploymentEvent::Superseded
            | DeploymentEvent::RolledBack
            | DeploymentEvent::Decommissioned
            | DeploymentEvent::CleanupStarted
            | DeploymentEvent::CleanedUp
            | DeploymentEvent::CleanupLeft => None,
        }
    }
}

/// The version was cut before the deployment was written, so its source is always read; only what comes after it waits.
fn source(facts: &Facts<'_>) -> Stage {
    let stay = facts.stay(DeploymentState::Queued);
    let seconds = stay.and_then(|s| s.seconds);
    match stay
        .and_then(|s| s.left_by)
        .and_then(|event| facts.ended_by(event))
    {
        Some((status, note)) => stage(StageKey::Source, status, note, seconds),
        None => stage(
            StageKey::Source,
            StageStatus::Done,
            facts.source.clone(),
            seconds,
        ),
    }
}

fn build(facts: &Facts<'_>) -> Stage {
    let skipped = |note: &str| stage(StageKey::Build, StageStatus::Skipped, note, None);
    match facts.stay(DeploymentState::Queued).and_then(|s| s.left_by) {
        None => stage(StageKey::Build, StageStatus::Waiting, "Queued", None),
        Some(DeploymentEvent::ImageReady) if facts.kind == DeploymentKind::Promotion => {
            skipped("No rebuild: promotion")
        }
        Some(DeploymentEvent::ImageReady) => skipped("No rebuild: the image exists"),
        Some(DeploymentEvent::RollbackCleared) => skipped("No rebuild: rollback"),
        Some(_) => facts.step(
            StageKey::Build,
            DeploymentState::Building,
            "Building the image",
            "Image built, digest pinned",
        ),
    }
}

fn approval(facts: &Facts<'_>) -> Stage {
    let (given, needed) = facts.approvals;
    let skipped = |note: String| stage(StageKey::Approval, StageStatus::Skipped, note, None);
    if facts.environment == Environment::NonProd || needed == 0 {
        return skipped("Asks nobody".to_owned());
    }
    if facts.kind == DeploymentKind::Rollback {
        return skipped(facts.restores.map_or_else(
            || "Approved before".to_owned(),
            |n| format!("Approved before, as #{n}"),
        ));
    }
    if let Some(number) = facts.let_through {
        return skipped(format!("Let through, PR-{number}"));
    }
    match facts.stay(DeploymentState::AwaitingApproval) {
        None => stage(
            StageKey::Approval,
            StageStatus::NotReached,
            format!("{needed} needed"),
            None,
        ),
        Some(Stay { left_by: None, .. }) => stage(
            StageKey::Approval,
            StageStatus::Waiting,
            format!("{given} of {needed}"),
            None,
        ),
        Some(Stay {
            left_by: Some(DeploymentEvent::ManifestChanged),
            ..
        }) => stage(
            StageKey::Approval,
            StageStatus::Waiting,
            "Changed, asked again",
            None,
        ),
        Some(Stay {
            left_by: Some(_), ..
        }) => facts.step(
            StageKey::Approval,
            DeploymentState::AwaitingApproval,
            "",
            &format!("{given} of {needed}"),
        ),
    }
}

fn deploy(facts: &Facts<'_>) -> Stage {
    facts.step(
        StageKey::Deploy,
        DeploymentState::Deploying,
        "Starting the runtime",
        "Runtime started",
    )
}

fn verify(facts: &Facts<'_>) -> Stage {
    let running = match facts.environment {
        Environment::NonProd => "Health and evaluation gates run",
        Environment::Production => "Health is watched",
    };
    facts.step(
        StageKey::Verify,
        DeploymentState::Verifying,
        running,
        "Verified",
    )
}

fn live(facts: &Facts<'_>) -> Stage {
    match facts.stay(DeploymentState::Live) {
        None => stage(StageKey::Live, StageStatus::NotReached, "Not reached", None),
        Some(stay) => stage(
            StageKey::Live,
            StageStatus::Done,
            facts.state.label(),
            stay.seconds,
        ),
    }
}

#[cfg(test)]
mod tests;
