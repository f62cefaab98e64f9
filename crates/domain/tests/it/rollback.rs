//! What a rollback restores.

use domain::deployment::DeploymentState as S;
use domain::rollback::{Past, target};

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
}

#[test]
fn nothing_newer_is_ever_restored() {
    let history = [
        past(3, S::Superseded, true, false),
        past(2, S::Live, true, false),
    ];
    assert_eq!(target(2, &history), None);
}
