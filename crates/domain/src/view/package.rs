//! Evidence packages and their schedules.

use serde::{Deserialize, Serialize};

use crate::controls::Framework;
use crate::package::{Every, PackageState, ScheduleState};

/// One package in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PackageRow {
    pub number: i64,
    pub framework: Framework,
    /// Events at or after it.
    pub from: String,
    /// Events before it.
    pub to: String,
    /// Slug of the one agent; `None` for everything.
    pub agent: Option<String>,
    pub state: PackageState,
    /// What is happening now, in words.
    pub step: Option<String>,
    /// What stood in the way, and what to do about it.
    pub problem: Option<String>,
    pub ordered_by: String,
    /// Number of the schedule that ordered it.
    pub schedule: Option<i64>,
    pub ordered_at: String,
    pub ended_at: Option<String>,
    /// Events that support evidence for a control, once it is ready.
    pub events: Option<u64>,
    /// Files in it.
    pub files: Option<u64>,
    /// Bytes of the tar file.
    pub bytes: Option<u64>,
    /// SHA-256 of its manifest, which is what is signed.
    pub digest: Option<String>,
}

/// A page of packages, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Packages {
    pub rows: Vec<PackageRow>,
    pub next: Option<String>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PackageDetail {
    pub row: PackageRow,
    /// By which its sample is chosen; of a scheduled one it is known when it is built.
    pub seed: String,
    pub sample: u64,
    /// Events of the audit log in it.
    pub log_size: Option<u64>,
    /// Root of that log, hexadecimal digits.
    pub log_root: Option<String>,
    /// The installation's signature of the manifest's digest.
    pub signature: Option<String>,
    /// The key that it verifies with.
    pub key: String,
    /// Name of the tar file.
    pub file: String,
    /// When it is tried again, if a try came to nothing.
    pub next_try_at: Option<String>,
    pub removed_by: Option<String>,
    pub removed_at: Option<String>,
    pub remove_reason: Option<String>,
    /// The person looking may remove it.
    pub can_remove: bool,
}

/// One schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleRow {
    pub number: i64,
    pub framework: Framework,
    /// Slug of the one agent; `None` for everything.
    pub agent: Option<String>,
    pub every: Every,
    pub sample: u64,
    pub state: ScheduleState,
    /// Why it does not run, if Clearance paused it.
    pub problem: Option<String>,
    /// Whose right it runs by.
    pub kept_by: String,
    /// Beginning of the next period.
    pub next_from: String,
    /// Its end: the package is made after it.
    pub next_to: String,
    pub created_at: String,
}

/// Every schedule, newest first, without removed ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedules {
    pub rows: Vec<ScheduleRow>,
}
