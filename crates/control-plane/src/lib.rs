//! Use cases, ports, store and workers of Clearance.
//!
//! Every use case takes `(&ControlPlane, &OpCtx, …)`, authorizes, and changes the world in one named transaction in which
//! the audit event is written too. Nothing here sees HTTP or the user interface, and nothing outside sees the tables.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audit_log::{CheckpointKey, Signer, WitnessPolicy};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DatabaseConnection;
use tokio::sync::{Semaphore, broadcast, watch};

pub mod access;
pub mod access_events;
pub mod agents;
pub mod approvals;
pub mod attestations;
pub mod audit;
pub mod break_glass;
pub mod catalogue;
mod compliance;
pub mod connections;
pub mod controls;
pub mod ctx;
pub mod deployments;
pub mod detections;
pub mod directories;
pub mod elevations;
pub mod engines;
pub mod error;
pub mod find;
pub mod findings;
pub mod gates;
mod group_commit;
pub mod groups;
pub mod history;
pub mod identities;
mod ids;
pub mod incidents;
mod issues;
pub mod legal_holds;
pub mod notifications;
pub mod online;
mod outgoing;
pub mod overview;
pub mod packages;
pub mod passkeys;
pub mod people;
pub mod performance;
pub mod policies;
pub mod ports;
pub mod providers;
pub mod quarantines;
mod reading;
pub mod registry;
pub mod reviews;
pub mod rollbacks;
pub mod saved_views;
pub mod search;
pub mod segregation;
pub mod service_accounts;
pub mod sessions;
pub mod signing_keys;
pub mod sources;
pub mod stand_ins;
mod store;
pub mod suites;
pub mod tokens;
pub mod topic;
pub mod transact;
pub mod versions;
pub mod waivers;
pub mod workers;

#[cfg(feature = "test-support")]
pub mod fakes;
#[cfg(feature = "test-support")]
pub mod testing;

pub use ctx::OpCtx;
pub use error::Error;

use crate::group_commit::GroupCommit;
use crate::ports::Ports;
use crate::ports::clock::Clock;
use crate::topic::Topic;

/// What the operator configured.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address people open, without a trailing slash.
    pub base_url: String,
    /// Folder for checkouts and other scratch.
    pub work_dir: PathBuf,
    /// Name of the log in its checkpoints, such as `clearance.example.com/audit`.
    pub log_origin: String,
    /// How often branch heads are polled, seconds.
    pub poll_seconds: u64,
    /// How many deployments one process advances at the same time.
    pub concurrency: usize,
    /// Does nobody sign in with a password alone?
    pub require_passkey: bool,
    /// How many days access events are kept.
    pub keep_access_days: u32,
    /// How long an agent whose owner has left may go on acting before its identities are suspended, hours.
    pub owner_grace_hours: u32,
    /// How many access events one reporter may send in a minute.
    pub access_events_per_minute: u32,
    /// Who must have seen a checkpoint of the audit log before it counts as witnessed; nobody is asked without.
    pub witnesses: Option<WitnessPolicy>,
    /// Where heads of the audit log are written down.
    pub anchors: AnchorSettings,
}

/// Where heads of the audit log are written down outside, and how often.
#[derive(Debug, Clone, Default)]
pub struct AnchorSettings {
    /// Into the repository of heads, at most every so many minutes; not at all without.
    pub git_minutes: Option<u32>,
    /// By mail, once a day, to these addresses.
    pub mail: Vec<String>,
}

/// The pools: one writer (SQLite allows one) and a read-only pool beside it. On PostgreSQL both are the same.
#[derive(Debug, Clone)]
pub struct Database {
    pub writer: DatabaseConnection,
    pub reader: DatabaseConnection,
}

impl Database {
    /// Statements that a connection should keep prepared. A round of the workers alone has more than the drivers' hundred, and where
    /// one more always drives out the next that comes, each is parsed and planned anew every time.
    pub const STATEMENTS: usize = 1_000;
    /// How long a caller waits for a connection, or for the turn to write.
    pub const PATIENCE: Duration = Duration::from_secs(15);
}

/// Everything a use case needs. Cheap to clone.
#[derive(Clone)]
pub struct ControlPlane {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    ports: Ports,
    clock: Arc<dyn Clock>,
    settings: Settings,
    signer: Signer,
    recovery: Mutex<Option<audit::Recovery>>,
    background: Semaphore,
    group_commit: GroupCommit,
    wake: watch::Sender<u64>,
    topics: broadcast::Sender<Topic>,
    attempts: people::Attempts,
    access: access::Memory,
    last_poll: Mutex<Option<DateTime<Utc>>>,
    refusals: audit::Refusals,
    report_limits: access_events::Limits,
    directory_limits: access_events::Limits,
    looked: Mutex<BTreeMap<&'static str, DateTime<Utc>>>,
}

impl std::fmt::Debug for ControlPlane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ControlPlane")
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}

impl ControlPlane {
    /// Puts the parts together. The database is migrated already. A key alone makes a signer that forgets when the process ends.
    #[must_use]
    pub fn new(
        database: Database,
        ports: Ports,
        clock: Arc<dyn Clock>,
        settings: Settings,
        signer: impl Into<Signer>,
    ) -> Self {
        let (topics, _) = broadcast::channel(1024);
        let (wake, _) = watch::channel(0);
        let attempts = people::Attempts::default();
        let inner = Inner {
            database,
            ports,
            clock,
            settings,
            signer: signer.into(),
            recovery: Mutex::default(),
            background: Semaphore::new(1),
            group_commit: GroupCommit::default(),
            wake,
            topics,
            attempts,
            access: access::Memory::default(),
            last_poll: Mutex::new(None),
            refusals: audit::Refusals::default(),
            report_limits: access_events::Limits::default(),
            directory_limits: access_events::Limits::default(),
            looked: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The read-only pool.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.database.reader
    }

    /// The writer; only [`transact`] uses it.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.database.writer
    }

    /// The queue of the one writer; only [`transact`] stands in it.
    pub(crate) fn group_commit(&self) -> &GroupCommit {
        &self.inner.group_commit
    }

    /// The turn of background transactions; only [`transact`] takes it.
    pub(crate) fn background(&self) -> &Semaphore {
        &self.inner.background
    }

    /// The ports.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    /// What the operator configured.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// The key that signs checkpoints and evidence.
    pub(crate) fn checkpoint_key(&self) -> &CheckpointKey {
        self.inner.signer.key()
    }

    /// Signs checkpoints, and remembers what it signed.
    pub(crate) fn signer(&self) -> &Signer {
        &self.inner.signer
    }

    /// Why nothing is changed at the moment, if so.
    #[must_use]
    pub fn recovery(&self) -> Option<audit::Recovery> {
        *self
            .inner
            .recovery
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_recovery(&self, recovery: Option<audit::Recovery>) {
        *self
            .inner
            .recovery
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = recovery;
    }

    /// A signed statement about a digest, kept beside evidence. The digests here are our own, which always sign.
    pub(crate) fn sign(&self, digest: &str) -> String {
        audit_log::sign_digest(self.inner.signer.key(), digest).unwrap_or_default()
    }

    pub(crate) fn attempts(&self) -> &people::Attempts {
        &self.inner.attempts
    }

    pub(crate) fn access(&self) -> &access::Memory {
        &self.inner.access
    }

    /// When the last sweep of the sources began in this process.
    pub(crate) fn last_poll(&self) -> &Mutex<Option<DateTime<Utc>>> {
        &self.inner.last_poll
    }

    /// True when something that is looked at again and again was not, in this process, for so long. Then it counts as looked at.
    pub(crate) fn due(&self, name: &'static str, every: TimeDelta) -> bool {
        let now = self.inner.clock.now();
        let Ok(mut looked) = self.inner.looked.lock() else {
            return true;
        };
        let due = looked.get(name).is_none_or(|last| now - *last >= every);
        if due {
            looked.insert(name, now);
        }
        due
    }

    pub(crate) fn refusals(&self) -> &audit::Refusals {
        &self.inner.refusals
    }

    pub(crate) fn report_limits(&self) -> &access_events::Limits {
        &self.inner.report_limits
    }

    pub(crate) fn directory_limits(&self) -> &access_events::Limits {
        &self.inner.directory_limits
    }

    /// Changes as they are committed, for live pages.
    #[must_use]
    pub fn topics(&self) -> broadcast::Receiver<Topic> {
        self.inner.topics.subscribe()
    }

    /// Tells pages and workers of a commit. One without a topic, such as a claim that found nothing, tells nobody:
    /// idle workers would otherwise wake each other for ever.
    pub(crate) fn announce(&self, topics: Vec<Topic>) {
        if topics.is_empty() {
            return;
        }
        self.inner.access.note(&topics);
        for topic in topics {
            // Nobody listening is no error.
            let _ = self.inner.topics.send(topic);
        }
        self.inner.wake.send_modify(|commits| *commits += 1);
    }

    /// Counts commits: workers look for work when it changes.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.inner.wake.subscribe()
    }

    /// Is the database there, with every migration?
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer.
    pub async fn ready(&self) -> Result<(), Error> {
        store::audit::size(self.reader()).await.map(|_| ())
    }
}
