//! The keys of access tokens: published before they sign, kept while their tokens live.

use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::TOKEN_SECONDS;
use domain::signing_key::{
    EVERY, KEPT, LEAD, SigningKey, SigningKeyState as S, due, has_next, kept_until, signing, state,
};

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}

fn root() -> SigningKey {
    SigningKey {
        number: 0,
        published_at: start(),
        signs_from: start(),
    }
}

#[test]
fn a_key_is_published_before_it_signs_and_kept_until_its_last_token_ended() {
    let second = TimeDelta::seconds(1);
    let changed = start() + TimeDelta::days(3);
    // The order in which they are read does not matter.
    let keys = [SigningKey::after(0, changed), root()];
    let takes_over = changed + LEAD;
    let ends = takes_over + KEPT;
    for (at, old, new) in [
        (changed, S::Signing, S::Next),
        (takes_over - second, S::Signing, S::Next),
        (takes_over, S::Retiring, S::Signing),
        (
            takes_over + TimeDelta::seconds(TOKEN_SECONDS),
            S::Retiring,
            S::Signing,
        ),
        (ends - second, S::Retiring, S::Signing),
        (ends, S::Retired, S::Signing),
    ] {
        let found = (state(&keys, 0, at), state(&keys, 1, at));
        assert_eq!(found, (old, new), "{at}");
        assert_eq!(has_next(&keys, at), new == S::Next);
        assert_eq!(signing(&keys, at), Some(i64::from(new == S::Signing)));
    }
    assert_eq!(kept_until(&keys, 0), Some(ends));
    assert_eq!(kept_until(&keys, 1), None);
}

#[test]
fn there_is_always_one_that_signs() {
    let early = start() - TimeDelta::days(1);
    assert_eq!(signing(&[root()], early), Some(0), "a clock that lags");
    assert_eq!(state(&[root()], 0, early), S::Signing);
    assert_eq!(signing(&[], start()), None);
}

#[test]
fn the_schedule_asks_in_time_for_another() {
    let keys = [root()];
    assert!(!due(&keys, start() + EVERY - LEAD - TimeDelta::seconds(1)));
    assert!(due(&keys, start() + EVERY - LEAD));
    let next = [SigningKey::after(0, start() + EVERY - LEAD), root()];
    assert!(!due(&next, start() + EVERY));
    assert_eq!(signing(&next, start() + EVERY), Some(1));
    assert!(!due(&[], start()));
}
