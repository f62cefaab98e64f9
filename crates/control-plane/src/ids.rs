//! Makes ids. The only place that does, so that tests and reviewers know where randomness comes from.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// A UUID of version 7: unique, and sorted by time, which keeps indexes dense.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that makes ids"
)]
pub(crate) fn new() -> Uuid {
    Uuid::now_v7()
}

/// A UUID of version 7 that sorts by this time, for what is listed by when it took place. A time before 1970 counts as 1970.
#[must_use]
pub(crate) fn of(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        at.timestamp_subsec_nanos(),
    ))
}

/// The least UUID of this time, with which lists by such ids begin or end.
#[must_use]
pub(crate) fn least(at: DateTime<Utc>) -> Uuid {
    let millis = u128::try_from(at.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}

/// `N` random bytes from the operating system.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn ids_of_a_time_sort_by_it_and_lie_between_its_bounds() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let later = at + TimeDelta::milliseconds(1);
        let (one, other) = (of(at), of(at));
        assert_ne!(one, other);
        for id in [one, other] {
            assert!(least(at) <= id && id < least(later));
        }
        assert!(of(later) > one.max(other));
        assert!(of(DateTime::UNIX_EPOCH - TimeDelta::days(1)) < one);
    }
}
