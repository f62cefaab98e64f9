//! Findings that people accept for a time.

use domain::actor::Role;
use domain::environment::Environment;
use domain::gate::Gate;

use super::Model;
use crate::machine::act::{Person, Said};

/// Histories begin at nine in the morning.
const MORNING: i64 = 9 * 60;
const DAY: i64 = 24 * 60;

#[derive(Debug, Clone)]
pub(super) struct Waiver {
    pub(super) environment: Environment,
    pub(super) gate: Gate,
    pub(super) giver: Person,
    /// The first minute after it.
    pub(super) ends: i64,
    pub(super) revoked: bool,
}

/// The first minute after the day that so many days later is.
pub(super) const fn end_of_day(now: i64, days: i64) -> i64 {
    ((now + MORNING) / DAY + days + 1) * DAY - MORNING
}

impl Model {
    fn stands(&self, waiver: usize) -> bool {
        let waiver = self.waivers.get(waiver);
        waiver.is_some_and(|w| !w.revoked && self.minutes < w.ends)
    }

    pub(super) fn all_stand(&self, waivers: &[usize]) -> bool {
        waivers.iter().all(|waiver| self.stands(*waiver))
    }

    pub(super) fn givers(&self, waivers: &[usize]) -> Vec<Person> {
        let found = waivers.iter().filter_map(|w| self.waivers.get(*w));
        found.map(|waiver| waiver.giver).collect()
    }

    /// The waivers that let a version pass in an environment now; `None` where a finding is waived by none. Of several the
    /// one that lasts longest counts, and of those the first.
    pub(super) fn carried_by(
        &self,
        version: usize,
        environment: Environment,
    ) -> Option<Vec<usize>> {
        let Some(gate) = self.versions.get(version)?.found.failing() else {
            return Some(vec![]);
        };
        let fits = |w: &Waiver| w.environment == environment && w.gate == gate;
        let standing = self.waivers.iter().enumerate();
        let standing = standing.filter(|(at, w)| fits(w) && self.stands(*at));
        let longest = standing.rev().max_by_key(|(_, w)| w.ends);
        longest.map(|(at, _)| vec![at])
    }

    pub(super) fn waive(
        &mut self,
        giver: Person,
        environment: Environment,
        gate: Gate,
        days: i64,
    ) -> Said {
        if self.newest().is_none() {
            return Said::Conflict;
        }
        // Operators may not by this policy, whatever else they may.
        if !giver.standing().contains(&Role::Approver) {
            return Said::Forbidden;
        }
        if giver == Person::Author {
            return Said::Excluded;
        }
        if !self.reports.iter().any(|(_, of)| *of == gate) {
            return Said::Invalid;
        }
        self.waivers.push(Waiver {
            environment,
            gate,
            giver,
            ends: end_of_day(self.minutes, days),
            revoked: false,
        });
        Said::Done
    }

    pub(super) fn revoke(&mut self, by: Person) -> Said {
        if self.waivers.is_empty() {
            return Said::Conflict;
        }
        let personal = by != Person::Token;
        if !personal || !self.has(by, &[Role::Approver, Role::Operator]) {
            return Said::Forbidden;
        }
        let newest = (0..self.waivers.len()).rev().find(|at| self.stands(*at));
        match newest.and_then(|at| self.waivers.get_mut(at)) {
            Some(waiver) => {
                waiver.revoked = true;
                Said::Done
            }
            None => Said::Conflict,
        }
    }
}
