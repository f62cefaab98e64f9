//! Limits sign-in attempts per account, in memory: ten in five minutes. A victim's account slows down, it is never locked.
//! An address is a person's here; networks have a limit of their own, [`super::networks`].

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};

const WINDOW: Duration = Duration::minutes(5);
const MOST: usize = 10;
/// Addresses remembered at the same time, so that a flood cannot fill the memory.
const ADDRESSES: usize = 10_000;

/// Recent attempts by address.
#[derive(Debug, Default)]
pub struct Attempts {
    by_address: Mutex<HashMap<String, Vec<DateTime<Utc>>>>,
}

impl Attempts {
    /// Notes an attempt and says whether it may go on.
    pub(crate) fn allow(&self, address: &str, now: DateTime<Utc>) -> bool {
        let Ok(mut known) = self.by_address.lock() else {
            return false;
        };
        if known.len() >= ADDRESSES {
            known.retain(|_, times| times.last().is_some_and(|t| now - *t < WINDOW));
        }
        let times = known.entry(address.to_owned()).or_default();
        times.retain(|t| now - *t < WINDOW);
        if times.len() >= MOST {
            return false;
        }
        times.push(now);
        true
    }

    /// Forgets an address after a good sign-in.
    pub(crate) fn clear(&self, address: &str) {
        if let Ok(mut known) = self.by_address.lock() {
            known.remove(address);
        }
    }
}
