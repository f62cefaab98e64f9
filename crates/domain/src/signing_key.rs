//! The keys that sign agents' access tokens: when each is published, signs, and is forgotten.
//!
//! A key is published before it signs, so that whoever remembers the key set knows it by then, and stays published until
//! the last token that it signed has ended.

use chrono::{DateTime, TimeDelta, Utc};

use crate::identity::TOKEN_SECONDS;
use crate::state::words;
use crate::tone::Tone;

/// How long a key is published before it signs: three times what the key set may be remembered.
pub const LEAD: TimeDelta = TimeDelta::minutes(15);
/// How long a key signs before the schedule puts the next in its place.
pub const EVERY: TimeDelta = TimeDelta::days(30);
/// How long after its successor took over a key is still good: the life of a token, and a minute for replicas that lag.
pub const KEPT: TimeDelta = TimeDelta::seconds(TOKEN_SECONDS + 60);

words! {
    /// Where a signing key is: `next > signing > retiring > retired`, each by the clock alone.
    SigningKeyState as "state of a signing key" {
        /// Published, and not used yet.
        Next = "next",
        Signing = "signing",
        /// Its tokens live on; it signs no more.
        Retiring = "retiring",
        Retired = "retired",
    }
}

impl SigningKeyState {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Next => "Next",
            Self::Signing => "Signing",
            Self::Retiring => "Retiring",
            Self::Retired => "Retired",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Next => Tone::Wait,
            Self::Signing => Tone::Ok,
            Self::Retiring | Self::Retired => Tone::Idle,
        }
    }
}

/// One key, by its number; the key itself is derived from the installation's root, which is in no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningKey {
    /// 0 is the root itself, which signs until the first change.
    pub number: i64,
    pub published_at: DateTime<Utc>,
    pub signs_from: DateTime<Utc>,
}

impl SigningKey {
    /// The key after `newest`, published now.
    #[must_use]
    pub fn after(newest: i64, now: DateTime<Utc>) -> Self {
        Self {
            number: newest + 1,
            published_at: now,
            signs_from: now + LEAD,
        }
    }
}

/// Until when a key is good: a while after the one that follows it signs. `None` while no other follows.
#[must_use]
pub fn kept_until(keys: &[SigningKey], number: i64) -> Option<DateTime<Utc>> {
    let followers = keys.iter().filter(|key| key.number > number);
    followers.map(|key| key.signs_from + KEPT).min()
}

/// The number of the key that signs now. There is always one: the oldest signs where none has begun.
#[must_use]
pub fn signing(keys: &[SigningKey], now: DateTime<Utc>) -> Option<i64> {
    let begun = keys.iter().filter(|key| key.signs_from <= now);
    let newest = begun.map(|key| key.number).max();
    newest.or_else(|| keys.iter().map(|key| key.number).min())
}

/// Where one of the keys is.
#[must_use]
pub fn state(keys: &[SigningKey], number: i64, now: DateTime<Utc>) -> SigningKeyState {
    let signing = signing(keys, now);
    if kept_until(keys, number).is_some_and(|until| until <= now) {
        SigningKeyState::Retired
    } else if Some(number) == signing {
        SigningKeyState::Signing
    } else if signing.is_some_and(|signing| number > signing) {
        SigningKeyState::Next
    } else {
        SigningKeyState::Retiring
    }
}

/// Is another one published already, and not used yet? Then there is nothing to change.
#[must_use]
pub fn has_next(keys: &[SigningKey], now: DateTime<Utc>) -> bool {
    keys.iter()
        .any(|key| state(keys, key.number, now) == SigningKeyState::Next)
}

/// Does the schedule ask for another one?
#[must_use]
pub fn due(keys: &[SigningKey], now: DateTime<Utc>) -> bool {
    let newest = keys.iter().max_by_key(|key| key.number);
    newest.is_some_and(|newest| now >= newest.signs_from + EVERY - LEAD)
}
