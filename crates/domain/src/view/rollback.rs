//! A rollback before it is started, and while it runs.

use serde::{Deserialize, Serialize};

use crate::deployment::DeploymentState;
use crate::environment::Environment;
use crate::rollback::Readiness;

/// One side of a rollback: the five parts that go together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollbackSide {
    pub number: i64,
    pub version: String,
    pub image_digest: String,
    pub config_digest: String,
    pub scopes: Vec<String>,
    /// Number of the approval that it acts under.
    pub approval: Option<i64>,
    /// When it went live, RFC 3339.
    pub live_at: Option<String>,
}

/// A version that could be restored, and whether it could be now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollbackChoice {
    pub number: i64,
    pub version: String,
    pub live_at: Option<String>,
    pub readiness: Readiness,
}

/// A rollback that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollbackRun {
    pub number: i64,
    pub version: String,
    pub state: DeploymentState,
    pub reason: Option<String>,
    pub started_by: String,
    pub started_at: String,
    /// The steps that it took: where it went, and after how many seconds from its start.
    pub steps: Vec<(DeploymentState, i64)>,
}

/// What a rollback of a deployment would restore, whether it could, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollbackPlan {
    pub agent: String,
    pub environment: Environment,
    /// It is live, so it can be rolled back.
    pub live: bool,
    pub from: RollbackSide,
    /// What comes back; none when nothing earlier was verified live.
    pub to: Option<RollbackSide>,
    pub readiness: Readiness,
    /// When readiness was looked at: now.
    pub checked_at: String,
    pub about_seconds: Option<i64>,
    /// Every version that could be chosen, newest first, at most 5.
    pub choices: Vec<RollbackChoice>,
    /// An open incident about the deployment.
    pub incident: Option<i64>,
    /// The newest rollback of this deployment.
    pub run: Option<RollbackRun>,
    pub can_roll_back: bool,
}

impl RollbackPlan {
    /// Scopes that the identity loses.
    #[must_use]
    pub fn removed_scopes(&self) -> Vec<&str> {
        only_in(&self.from, self.to.as_ref())
    }

    /// Scopes that the identity gets back.
    #[must_use]
    pub fn restored_scopes(&self) -> Vec<&str> {
        self.to
            .as_ref()
            .map(|to| only_in(to, Some(&self.from)))
            .unwrap_or_default()
    }
}

fn only_in<'a>(side: &'a RollbackSide, other: Option<&RollbackSide>) -> Vec<&'a str> {
    let missing = |scope: &&String| !other.is_some_and(|o| o.scopes.contains(scope));
    side.scopes
        .iter()
        .filter(missing)
        .map(String::as_str)
        .collect()
}
