//! Roles for a time.

use domain::actor::Role;
use domain::elevation::ElevationState;

use super::Model;
use crate::machine::act::{Person, Said};

/// Minutes until a request that nobody answers expires.
const UNANSWERED: i64 = 24 * 60;

#[derive(Debug, Clone)]
pub(super) struct Elevation {
    pub(super) who: Person,
    pub(super) role: Role,
    hours: i64,
    pub(super) state: ElevationState,
    pub(super) until: i64,
}

impl Elevation {
    pub(super) fn is_active(&self, now: i64) -> bool {
        self.state == ElevationState::Active && now < self.until
    }

    pub(super) fn lapse(&mut self, now: i64) {
        if self.state.is_open() && self.until <= now {
            self.state = ElevationState::Expired;
        }
    }
}

impl Model {
    pub(super) fn ask_for_role(&mut self, who: Person, role: Role, hours: i64) -> Said {
        if who == Person::Token {
            return Said::Forbidden;
        }
        let waits = |e: &Elevation| e.state == ElevationState::Requested;
        let same = |e: &&Elevation| e.who == who && e.role == role;
        // Asked twice, it is one request.
        if self.elevations.iter().filter(same).any(waits) {
            return Said::Done;
        }
        if self.has(who, &[role]) {
            return Said::Conflict;
        }
        self.elevations.push(Elevation {
            who,
            role,
            hours,
            state: ElevationState::Requested,
            until: self.minutes + UNANSWERED,
        });
        Said::Done
    }

    pub(super) fn give_role(&mut self, by: Person, yes: bool) -> Said {
        let now = self.minutes;
        let Some(newest) = self.elevations.last_mut() else {
            return Said::Conflict;
        };
        if !by.standing().contains(&Role::Approver) {
            return Said::Forbidden;
        }
        if newest.who == by {
            return Said::Excluded;
        }
        if newest.state != ElevationState::Requested {
            return Said::Conflict;
        }
        if yes {
            newest.state = ElevationState::Active;
            newest.until = now + newest.hours * 60;
        } else {
            newest.state = ElevationState::Rejected;
        }
        Said::Done
    }

    pub(super) fn end_role(&mut self, by: Person) -> Said {
        let now = self.minutes;
        let Some(newest) = self.elevations.last_mut() else {
            return Said::Conflict;
        };
        let own = newest.who == by;
        if !own && !by.standing().contains(&Role::Approver) {
            return Said::Forbidden;
        }
        match newest.state {
            ElevationState::Active => newest.state = ElevationState::Ended,
            ElevationState::Requested if own => newest.state = ElevationState::Withdrawn,
            ElevationState::Requested => return Said::Conflict,
            ElevationState::Rejected
            | ElevationState::Withdrawn
            | ElevationState::Expired
            | ElevationState::Ended => return Said::Done,
        }
        newest.until = now;
        Said::Done
    }
}
