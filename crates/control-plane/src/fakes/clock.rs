//! A clock that a test holds in its hand.

use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};

use super::lock;
use crate::ports::clock::Clock;

/// Stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self {
            now: Mutex::new(now),
        }
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        *lock(&self.now) += by;
    }

    /// Moves it on to a time; never back.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        let mut now = lock(&self.now);
        *now = to.max(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *lock(&self.now)
    }
}
