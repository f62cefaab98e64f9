//! A clock that a test holds in its hand.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::lock;
use crate::ports::clock::Clock;

/// Stands still until it is moved. Whoever waits by it waits no real time: the wait is over at once, and counts where waits
/// are measured. What it shows is the test's alone to move.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
    began: Instant,
    waited: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            now: Mutex::new(now),
            began: Instant::now(),
            waited: Mutex::default(),
        }
    }

    /// Moves it on.
    pub fn advance(&self, by: chrono::Duration) {
        *lock(&self.now) += by;
    }

    /// Moves it on to a time; never back.
    pub fn advance_to(&self, to: DateTime<Utc>) {
        let mut now = lock(&self.now);
        *now = to.max(*now);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *lock(&self.now)
    }

    fn instant(&self) -> Instant {
        self.began + *lock(&self.waited)
    }

    async fn sleep(&self, how_long: Duration) {
        *lock(&self.waited) += how_long;
        // Others have their turn, and whoever waits can be killed here.
        tokio::task::yield_now().await;
    }
}
