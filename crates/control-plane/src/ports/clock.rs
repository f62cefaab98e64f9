//! The clock: the only source of "now", and what whoever waits for something outside waits by.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// Tells the time, and lets it pass.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// A moment to measure a wait by, which never jumps.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// Waits for so long.
    async fn sleep(&self, how_long: Duration) {
        tokio::time::sleep(how_long).await;
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else must use"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
