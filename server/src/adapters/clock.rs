//! The clock that everything uses. A development build can be told to put it forward, so that a journey in a browser sees a
//! request expire without waiting for it.

use std::sync::Arc;

use control_plane::ports::clock::{Clock, SystemClock};

use crate::config::Config;

/// The machine's clock; in a development build with `test_clock` set, put forward by what that file says.
#[cfg(debug_assertions)]
pub(crate) fn clock(config: &Config) -> Arc<dyn Clock> {
    match config.test_clock.clone() {
        Some(file) => Arc::new(PutForward { file }),
        None => Arc::new(SystemClock),
    }
}

/// The machine's clock.
#[cfg(not(debug_assertions))]
pub(crate) fn clock(_config: &Config) -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The machine's clock, as many seconds later as the file says now; without the file it is the machine's.
#[cfg(debug_assertions)]
struct PutForward {
    file: std::path::PathBuf,
}

#[cfg(debug_assertions)]
impl Clock for PutForward {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        let written = std::fs::read_to_string(&self.file).unwrap_or_default();
        let seconds = written.trim().parse().unwrap_or(0);
        SystemClock.now() + chrono::TimeDelta::seconds(seconds)
    }
}
