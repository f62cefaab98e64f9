//! Evidence packages: where one is, and over which periods a schedule has them made.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, Utc};

use crate::state::words;
use crate::tone::Tone;

/// Most events of a sample.
pub const SAMPLE_MAX: usize = 500;
/// Events of a sample where nobody says how many.
pub const SAMPLE_DEFAULT: usize = 25;
/// Longest seed of a sample, in bytes.
pub const SEED_MAX: usize = 100;
/// Most bytes of a package. It holds the whole audit log, so this is a bound on that.
pub const BYTES_MAX: u64 = 4_000_000_000;
/// Most periods that a schedule makes up for when it did not run; older ones are left out.
pub const MISSED_MAX: usize = 12;

/// What the end of a package that a schedule ordered says of its order.
pub const BY_SCHEDULE: &str = "schedule";
/// The cause of a schedule that Clearance paused, because whoever keeps it may not export any more.
pub const RIGHT_LOST: &str = "right_lost";

words! {
    /// Where a package is.
    ///
    /// ```text
    /// ordered  > building             a worker claims it                      (build_packages)
    /// building > ready                every byte is kept and signed           (build_packages)
    /// building > ordered              a try came to nothing; it is tried again (build_packages)
    /// building > failed               too many tries came to nothing          (build_packages)
    /// ordered | ready | failed > removed  somebody removes it, with a reason  (packages::remove)
    /// ```
    PackageState as "package state" {
        Ordered = "ordered",
        Building = "building",
        Ready = "ready",
        Failed = "failed",
        Removed = "removed",
    }
}

words! {
    /// What happens to a package.
    PackageEvent as "package event" {
        Claimed = "claimed",
        Made = "made",
        PutOff = "put_off",
        GivenUp = "given_up",
        Removed = "removed",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a package that is {from} cannot take {event}")]
pub struct PackageTransitionError {
    pub from: PackageState,
    pub event: PackageEvent,
}

impl PackageState {
    /// The next state. One that is being built is claimed again when whoever built it is gone.
    ///
    /// # Errors
    /// [`PackageTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: PackageEvent) -> Result<Self, PackageTransitionError> {
        use {PackageEvent as E, PackageState as S};
        match (self, event) {
            (S::Ordered | S::Building, E::Claimed) => Ok(S::Building),
            (S::Building, E::Made) => Ok(S::Ready),
            (S::Building, E::PutOff) => Ok(S::Ordered),
            (S::Building, E::GivenUp) => Ok(S::Failed),
            (S::Ordered | S::Ready | S::Failed, E::Removed) => Ok(S::Removed),
            (from, event) => Err(PackageTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ordered => "Ordered",
            Self::Building => "Being built",
            Self::Ready => "Ready",
            Self::Failed => "Not made",
            Self::Removed => "Removed",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Ordered => Tone::Wait,
            Self::Building => Tone::Run,
            Self::Ready => Tone::Ok,
            Self::Failed => Tone::Bad,
            Self::Removed => Tone::Idle,
        }
    }
}

words! {
    /// Over which periods a schedule has packages made, in UTC.
    Every as "period of a schedule" {
        Month = "month",
        Quarter = "quarter",
    }
}

impl Every {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Month => "Every month",
            Self::Quarter => "Every quarter",
        }
    }

    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
        }
    }

    /// The beginning of the period that a moment lies in.
    #[must_use]
    pub fn beginning(self, at: DateTime<Utc>) -> DateTime<Utc> {
        let month0 = at.month0() - at.month0() % self.months();
        let day = NaiveDate::from_ymd_opt(at.year(), month0 + 1, 1);
        day.map_or(at, |day| day.and_time(NaiveTime::MIN).and_utc())
    }

    /// The end of the period that begins then, which is the beginning of the next.
    #[must_use]
    pub fn end(self, beginning: DateTime<Utc>) -> DateTime<Utc> {
        beginning
            .checked_add_months(Months::new(self.months()))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The oldest closed period from `next` on that is still made, and how many older ones are left out because there are more
    /// than [`MISSED_MAX`]. `None` while no period is closed.
    #[must_use]
    pub fn due(self, next: DateTime<Utc>, now: DateTime<Utc>) -> Option<Due> {
        let mut closed = Vec::new();
        let mut from = next;
        let mut to = self.end(from);
        while to <= now && from < to {
            closed.push((from, to));
            from = to;
            to = self.end(from);
        }
        let skipped = closed.len().saturating_sub(MISSED_MAX);
        let (from, to) = closed.into_iter().nth(skipped)?;
        Some(Due { from, to, skipped })
    }
}

/// A closed period that a package is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub from: DateTime<Utc>,
    /// Not in it any more.
    pub to: DateTime<Utc>,
    /// Older ones that are left out.
    pub skipped: usize,
}

words! {
    /// Where a schedule is.
    ///
    /// ```text
    /// active > paused             somebody pauses it, or whoever keeps it may not export any more
    /// paused > active             somebody who may export resumes it, and keeps it from then on
    /// active | paused > removed   somebody removes it
    /// ```
    ScheduleState as "schedule state" {
        Active = "active",
        Paused = "paused",
        Removed = "removed",
    }
}

impl ScheduleState {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Runs",
            Self::Paused => "Paused",
            Self::Removed => "Removed",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Ok,
            Self::Paused => Tone::Wait,
            Self::Removed => Tone::Idle,
        }
    }
}

words! {
    /// What somebody does to a schedule.
    ScheduleAct as "act on a schedule" {
        Pause = "pause",
        Resume = "resume",
        Remove = "remove",
    }
}

/// The state does not allow the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a schedule that is {from} cannot take {act}")]
pub struct ScheduleTransitionError {
    pub from: ScheduleState,
    pub act: ScheduleAct,
}

impl ScheduleState {
    /// The next state.
    ///
    /// # Errors
    /// [`ScheduleTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, act: ScheduleAct) -> Result<Self, ScheduleTransitionError> {
        use {ScheduleAct as A, ScheduleState as S};
        match (self, act) {
            (S::Active, A::Pause) => Ok(S::Paused),
            (S::Paused, A::Resume) => Ok(S::Active),
            (S::Active | S::Paused, A::Remove) => Ok(S::Removed),
            (from, act) => Err(ScheduleTransitionError { from, act }),
        }
    }
}

/// The seed of a scheduled sample: the first signed head of the audit log at or after the end of the period. Nobody knows its root
/// before the period is over, and whoever has the log works it out again. At most 96 bytes.
#[must_use]
pub fn seed_of(size: u64, root: &str) -> String {
    format!("checkpoint {size} {root}")
}
