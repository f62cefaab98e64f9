//! Deployments: the states of one attempt to make a version live, and every arrow between them.

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Where a deployment is.
    ///
    /// ```text
    /// queued > building > checking > awaiting_approval > deploying > verifying > live
    /// queued > checking                      a promotion: the image exists      (advance_deployments)
    /// queued > deploying                     a rollback: approved before        (advance_deployments)
    /// checking > deploying                   where the policy asks nobody       (advance_deployments)
    /// live > superseded                      the next one went live             (verify)
    /// live > rolled_back                     an earlier version was restored    (verify)
    /// live > decommissioned                  a person ended it                  (agents::decommission)
    /// any step > failed | errored            judged bad | could not run         (the step's worker)
    /// awaiting_approval > rejected | expired a person | the clock               (approvals::decide | expire_approvals)
    /// awaiting_approval > checking           the manifest changed: asked again  (watch_manifests | approvals::decide)
    /// deploying > checking                   the same, after it was approved    (deploy, before anything is created)
    /// deploying > expired                    its approval was not used in time  (expire_approvals)
    /// before live > cancelled                a person or a newer version        (deployments::cancel)
    /// failed … cancelled > cleaning_up > cleaned | cleanup_incomplete           (clean_up)
    /// cleanup_incomplete > cleaning_up       retried for ever                   (clean_up)
    /// ```
    DeploymentState as "deployment state" {
        Queued = "queued",
        Building = "building",
        Checking = "checking",
        AwaitingApproval = "awaiting_approval",
        Deploying = "deploying",
        Verifying = "verifying",
        Live = "live",
        Superseded = "superseded",
        RolledBack = "rolled_back",
        Decommissioned = "decommissioned",
        Failed = "failed",
        Errored = "errored",
        Rejected = "rejected",
        Expired = "expired",
        Cancelled = "cancelled",
        CleaningUp = "cleaning_up",
        Cleaned = "cleaned",
        CleanupIncomplete = "cleanup_incomplete",
    }
}

words! {
    /// What happened to a deployment.
    DeploymentEvent as "deployment event" {
        /// A worker began to build the image.
        BuildStarted = "build_started",
        /// The image exists already: a promotion.
        ImageReady = "image_ready",
        /// The manifest was approved before: a rollback.
        RollbackCleared = "rollback_cleared",
        Built = "built",
        /// The gates that need nothing outside are satisfied, and the policy asks people.
        ChecksPassedAsk = "checks_passed_ask",
        /// The gates that need nothing outside are satisfied, and the policy asks nobody.
        ChecksPassed = "checks_passed",
        Approved = "approved",
        /// What people were asked about is not what would go live any more.
        ManifestChanged = "manifest_changed",
        Deployed = "deployed",
        Verified = "verified",
        Superseded = "superseded",
        RolledBack = "rolled_back",
        Decommissioned = "decommissioned",
        Failed = "failed",
        Errored = "errored",
        Rejected = "rejected",
        Expired = "expired",
        Cancelled = "cancelled",
        CleanupStarted = "cleanup_started",
        CleanedUp = "cleaned_up",
        CleanupLeft = "cleanup_left",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a deployment that is {from} cannot take {event}")]
pub struct TransitionError {
    pub from: DeploymentState,
    pub event: DeploymentEvent,
}

impl DeploymentState {
    /// The next state.
    ///
    /// # Errors
    /// [`TransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: DeploymentEvent) -> Result<Self, TransitionError> {
        use {DeploymentEvent as E, DeploymentState as S};
        match (self, event) {
            (S::Queued, E::BuildStarted) => Ok(S::Building),
            (S::Queued, E::ImageReady)
            | (S::Building, E::Built)
            | (S::AwaitingApproval | S::Deploying, E::ManifestChanged) => Ok(S::Checking),
            (S::Checking, E::ChecksPassedAsk) => Ok(S::AwaitingApproval),
            (S::Checking, E::ChecksPassed)
            | (S::AwaitingApproval, E::Approved)
            | (S::Queued, E::RollbackCleared) => Ok(S::Deploying),
            (S::Deploying, E::Deployed) => Ok(S::Verifying),
            (S::Verifying, E::Verified) => Ok(S::Live),
            (S::Live, E::Superseded) => Ok(S::Superseded),
            (S::Live, E::RolledBack) => Ok(S::RolledBack),
            (S::Live, E::Decommissioned) => Ok(S::Decommissioned),
            (S::Queued | S::Building | S::Checking | S::Deploying | S::Verifying, E::Failed) => {
                Ok(S::Failed)
            }
            (
                S::Queued
                | S::Building
                | S::Checking
                | S::AwaitingApproval
                | S::Deploying
                | S::Verifying,
                E::Errored,
            ) => Ok(S::Errored),
            (S::AwaitingApproval, E::Rejected) => Ok(S::Rejected),
            (S::AwaitingApproval | S::Deploying, E::Expired) => Ok(S::Expired),
            (
                S::Queued
                | S::Building
                | S::Checking
                | S::AwaitingApproval
                | S::Deploying
                | S::Verifying,
                E::Cancelled,
            ) => Ok(S::Cancelled),
            (
                S::Failed
                | S::Errored
                | S::Rejected
                | S::Expired
                | S::Cancelled
                | S::CleanupIncomplete,
                E::CleanupStarted,
            ) => Ok(S::CleaningUp),
            (S::CleaningUp, E::CleanedUp) => Ok(S::Cleaned),
            (S::CleaningUp, E::CleanupLeft) => Ok(S::CleanupIncomplete),
            (from, event) => Err(TransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Building => "Building",
            Self::Checking => "Gates running",
            Self::AwaitingApproval => "Awaiting approval",
            Self::Deploying => "Deploying",
            Self::Verifying => "Verifying",
            Self::Live => "Live",
            Self::Superseded => "Superseded",
            Self::RolledBack => "Rolled back",
            Self::Decommissioned => "Decommissioned",
            Self::Failed => "Gate failed",
            Self::Errored => "Errored",
            Self::Rejected => "Rejected",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
            Self::CleaningUp => "Cleaning up",
            Self::Cleaned => "Cleaned up, 0 left",
            Self::CleanupIncomplete => "Clean-up incomplete",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Live | Self::Cleaned => Tone::Ok,
            Self::Queued
            | Self::Building
            | Self::Checking
            | Self::Deploying
            | Self::Verifying
            | Self::CleaningUp => Tone::Run,
            Self::AwaitingApproval => Tone::Wait,
            Self::Failed | Self::Rejected | Self::CleanupIncomplete => Tone::Bad,
            Self::Errored => Tone::Unknown,
            Self::Superseded
            | Self::RolledBack
            | Self::Decommissioned
            | Self::Expired
            | Self::Cancelled => Tone::Idle,
        }
    }

    /// True while the deployment still wants to become live.
    #[must_use]
    pub const fn in_progress(self) -> bool {
        matches!(
            self,
            Self::Queued
                | Self::Building
                | Self::Checking
                | Self::AwaitingApproval
                | Self::Deploying
                | Self::Verifying
        )
    }

    /// True where a worker has something to do next.
    #[must_use]
    pub const fn has_work(self) -> bool {
        match self {
            Self::Queued
            | Self::Building
            | Self::Checking
            | Self::Deploying
            | Self::Verifying
            | Self::Failed
            | Self::Errored
            | Self::Rejected
            | Self::Expired
            | Self::Cancelled
            | Self::CleaningUp
            | Self::CleanupIncomplete => true,
            Self::AwaitingApproval
            | Self::Live
            | Self::Superseded
            | Self::RolledBack
            | Self::Decommissioned
            | Self::Cleaned => false,
        }
    }

    /// True where an identity of this deployment may be used: from deploying until it stops being live.
    #[must_use]
    pub const fn entitles_identity(self) -> bool {
        matches!(self, Self::Deploying | Self::Verifying | Self::Live)
    }
}

words! {
    /// Why a deployment exists.
    DeploymentKind as "deployment kind" {
        /// A push to a watched branch.
        Push = "push",
        /// A version proven in non-prod goes on to production.
        Promotion = "promotion",
        /// An earlier version is restored.
        Rollback = "rollback",
    }
}

impl DeploymentKind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Push => "Push",
            Self::Promotion => "Promotion",
            Self::Rollback => "Rollback",
        }
    }
}

words! {
    /// The steps of a deployment as the log names them.
    Step as "step" {
        Source = "source",
        Build = "build",
        StaticAnalysis = "static_analysis",
        ImageScan = "image_scan",
        Approval = "approval",
        Identity = "identity",
        Deploy = "deploy",
        Health = "health",
        ResponsibleAi = "responsible_ai",
        Hallucination = "hallucination",
        Relevance = "relevance",
        Live = "live",
        CleanUp = "clean_up",
    }
}

impl Step {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Build => "Build",
            Self::StaticAnalysis => "Static analysis",
            Self::ImageScan => "Image scan",
            Self::Approval => "Approval",
            Self::Identity => "Identity",
            Self::Deploy => "Deploy",
            Self::Health => "Health",
            Self::ResponsibleAi => "Responsible AI",
            Self::Hallucination => "Hallucination",
            Self::Relevance => "Relevance and quality",
            Self::Live => "Live",
            Self::CleanUp => "Clean-up",
        }
    }
}

words! {
    /// How loud a log line is.
    LogLevel as "log level" {
        Text = "text",
        Good = "good",
        Warn = "warn",
        Bad = "bad",
    }
}
