//! Workers: reconcilers that find their work in rows, woken by commits and by a timer. They take no input, do not retry
//! inside, and claim rows by lease and fence.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::ControlPlane;
use crate::error::Error;

mod advance;
mod anchor_checkpoints;
mod ask;
mod ask_witnesses;
mod build;
mod build_packages;
mod check;
mod check_compliance;
mod check_rollbacks;
mod clean_up;
mod compare_agents;
mod cut_versions;
mod deploy;
mod detect_drift;
mod driver;
mod enforce_quarantines;
mod enforce_suspensions;
mod evaluate_online;
mod expire_approvals;
mod expire_elevations;
mod external;
mod find_leftovers;
mod follow_log;
mod go_live;
mod index_trail;
mod ingest_deliveries;
mod keep_history;
mod look_at_sources;
pub(crate) mod names;
mod order;
mod order_packages;
mod poll_sources;
mod publish_checkpoints;
mod remind_approvals;
mod remove_evidence;
mod renew_directory_roles;
mod revert_drift;
mod roll_back_failing;
mod rotate_keys;
mod rotate_signing_keys;
mod route_notifications;
mod send_notifications;
mod send_outgoing;
mod step;
mod sweep;
mod tell_refusals;
mod verify;
mod watch_access;
mod watch_engines;
mod watch_manifests;
mod watch_owners;
mod watch_rules;
mod watch_runtimes;

pub use driver::Driver;

/// What an activation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nothing was due.
    Idle,
    /// Something was done; there may be more.
    Worked,
}

/// A reconciler.
#[async_trait]
pub trait Worker: Send + Sync {
    /// Name in logs, metrics and leases.
    fn name(&self) -> &'static str;

    /// How often it looks even when nobody wakes it.
    fn period(&self) -> Duration;

    /// Does commits wake it, or only the timer?
    fn woken_by_commits(&self) -> bool {
        true
    }

    /// How many activations may run at the same time in this process.
    fn parallel(&self, cp: &ControlPlane) -> usize {
        let _ = cp;
        1
    }

    /// Does it go on while the database is not the one whose log was signed? Everybody else would act on old rows.
    fn works_in_recovery(&self) -> bool {
        false
    }

    /// Looks for work and does one piece of it.
    ///
    /// # Errors
    /// What stood in the way; the next activation is the retry.
    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error>;
}

/// Every worker.
#[must_use]
pub fn all() -> Vec<Arc<dyn Worker>> {
    vec![
        Arc::new(ingest_deliveries::IngestDeliveries),
        Arc::new(poll_sources::PollSources),
        Arc::new(cut_versions::CutVersions),
        Arc::new(look_at_sources::LookAtSources),
        Arc::new(advance::AdvanceDeployments),
        Arc::new(clean_up::CleanUpEnded),
        Arc::new(watch_runtimes::WatchRuntimes),
        Arc::new(evaluate_online::EvaluateOnline),
        Arc::new(roll_back_failing::RollBackFailing),
        Arc::new(enforce_quarantines::EnforceQuarantines),
        Arc::new(enforce_suspensions::EnforceSuspensions),
        Arc::new(check_rollbacks::CheckRollbacks),
        Arc::new(detect_drift::DetectDrift),
        Arc::new(revert_drift::RevertDrift),
        Arc::new(find_leftovers::FindLeftovers),
        Arc::new(expire_approvals::ExpireApprovals),
        Arc::new(check_compliance::CheckCompliance),
        Arc::new(watch_engines::WatchEngines),
        Arc::new(watch_manifests::WatchManifests),
        Arc::new(remind_approvals::RemindApprovals),
        Arc::new(watch_rules::WatchRules),
        Arc::new(watch_owners::WatchOwners),
        Arc::new(renew_directory_roles::RenewDirectoryRoles),
        Arc::new(expire_elevations::ExpireElevations),
        Arc::new(send_outgoing::SendOutgoing),
        Arc::new(route_notifications::RouteNotifications),
        Arc::new(keep_history::KeepHistory),
        Arc::new(index_trail::IndexTrail),
        Arc::new(compare_agents::CompareAgents::default()),
        Arc::new(send_notifications::SendNotifications),
        Arc::new(publish_checkpoints::PublishCheckpoints),
        Arc::new(ask_witnesses::AskWitnesses),
        Arc::new(anchor_checkpoints::AnchorCheckpoints),
        Arc::new(remove_evidence::RemoveEvidence),
        Arc::new(order_packages::OrderPackages),
        Arc::new(build_packages::BuildPackages),
        Arc::new(tell_refusals::TellRefusals),
        Arc::new(sweep::Sweep),
        Arc::new(watch_access::WatchAccess),
        Arc::new(rotate_signing_keys::RotateSigningKeys),
        Arc::new(rotate_keys::RotateKeys),
    ]
}
