//! What a rollback restores.

use chrono::{DateTime, TimeDelta, Utc};
use domain::deployment::{DeploymentKind, DeploymentState as S};
use domain::rollback::{
    Answer, FAILURE_MAX_AGE, LeaveReason, Past, Situation, automatic, estimate, target, targets,
};

fn past(number: i64, state: S, was_live: bool, held: bool) -> Past {
    Past {
        number,
        state,
        was_live,
        held,
    }
}

#[test]
fn the_newest_earlier_one_that_was_verified_and_is_not_held_is_restored() {
    let history = [
        past(9, S::Live, true, false),
        past(8, S::Cleaned, false, false),
        past(7, S::RolledBack, true, false),
        past(6, S::Superseded, true, true),
        past(5, S::Superseded, true, false),
        past(4, S::Superseded, true, false),
    ];
    assert_eq!(target(9, &history), Some(5));
    assert_eq!(target(5, &history), Some(4));
    assert_eq!(target(4, &history), None);
    assert_eq!(target(9, &[]), None);
    assert_eq!(targets(9, &history), [5, 4]);
}

#[test]
fn nothing_newer_is_ever_restored() {
    let history = [
        past(3, S::Superseded, true, false),
        past(2, S::Live, true, false),
    ];
    assert_eq!(target(2, &history), None);
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A version that is to be rolled back.
fn bad() -> Situation {
    Situation {
        kind: DeploymentKind::Promotion,
        failing_since: now() - TimeDelta::minutes(1),
        settled: true,
        tried: false,
        target: Some(true),
    }
}

#[test]
fn a_bad_version_is_rolled_back_by_itself_within_the_limits_alone() {
    use LeaveReason as L;
    assert_eq!(automatic(&bad(), now()), Answer::RollBack);
    let old = now() - FAILURE_MAX_AGE;
    let cases = [
        (
            Situation {
                kind: DeploymentKind::Rollback,
                ..bad()
            },
            Answer::Leave(L::IsRollback),
        ),
        (
            Situation {
                tried: true,
                ..bad()
            },
            Answer::Leave(L::TriedBefore),
        ),
        (
            Situation {
                failing_since: old,
                ..bad()
            },
            Answer::RollBack,
        ),
        (
            Situation {
                failing_since: old - TimeDelta::seconds(1),
                ..bad()
            },
            Answer::Leave(L::TooOld),
        ),
        (
            Situation {
                settled: false,
                ..bad()
            },
            Answer::Wait,
        ),
        (
            Situation {
                target: None,
                ..bad()
            },
            Answer::Leave(L::NoTarget),
        ),
        (
            Situation {
                target: Some(false),
                ..bad()
            },
            Answer::Leave(L::TargetNotReady),
        ),
        // What is under way is waited for, but not for ever.
        (
            Situation {
                settled: false,
                failing_since: old - TimeDelta::minutes(1),
                ..bad()
            },
            Answer::Leave(L::TooOld),
        ),
    ];
    for (situation, answer) in cases {
        assert_eq!(automatic(&situation, now()), answer, "{situation:?}");
    }
}

#[test]
fn an_estimate_is_the_middle_of_what_was_measured() {
    assert_eq!(estimate(Vec::new()), None);
    assert_eq!(estimate(vec![0]), Some(1));
    assert_eq!(estimate(vec![90, 4, 3]), Some(4));
}
