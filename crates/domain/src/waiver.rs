//! Waivers: a person accepts one finding, for one agent and environment, until a date, with a reason.

use chrono::{DateTime, Utc};

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Where a waiver is.
    ///
    /// ```text
    /// active > ended      its date has come        (the clock)
    /// active > revoked    somebody took it back    (waivers::revoke)
    /// ```
    WaiverState as "waiver state" {
        Active = "active",
        Ended = "ended",
        Revoked = "revoked",
    }
}

impl WaiverState {
    /// Where a waiver is at a moment. One that was revoked stays revoked when its date comes.
    #[must_use]
    pub fn at(ends_at: DateTime<Utc>, revoked: bool, now: DateTime<Utc>) -> Self {
        if revoked {
            Self::Revoked
        } else if now < ends_at {
            Self::Active
        } else {
            Self::Ended
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Ended => "Ended",
            Self::Revoked => "Revoked",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Wait,
            Self::Ended => Tone::Idle,
            Self::Revoked => Tone::Bad,
        }
    }
}

/// The name of a waiver, such as `W-212`.
#[must_use]
pub fn name(number: i64) -> String {
    format!("W-{number}")
}
