//! A stretch of time in which somebody held a role.

use chrono::{DateTime, Utc};

use super::{Asked, EVERY_TEAM, Told, Via};
use crate::actor::Role;
use crate::view::segregation::Place;

/// A stretch in which somebody held a role.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) person: String,
    pub(super) role: Role,
    pub(super) place: Place,
    pub(super) via: Via,
    pub(super) by: Option<String>,
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) begun: Option<u64>,
    pub(super) ended: Option<u64>,
    /// Number of the elevation.
    pub(super) elevation: Option<String>,
}

impl Held {
    /// Was it held at a moment?
    pub(super) fn at(&self, moment: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.until.is_none_or(|until| moment < until)
    }

    /// Do two stretches, and the period, share a moment?
    pub(super) fn meets(&self, other: &Self, asked: &Asked) -> bool {
        let begun = [self.from, other.from, Some(asked.from)].into_iter().max();
        let ends = [self.until, other.until, Some(asked.to)];
        let end = ends.into_iter().flatten().min();
        begun.flatten().zip(end).is_some_and(|(from, to)| from < to)
    }
}

/// The role that an event names.
pub(super) fn role(event: &Told) -> Option<Role> {
    event.detail("role")?.parse().ok()
}

/// Where it says that a role holds.
pub(super) fn place(text: &str) -> Place {
    if text == EVERY_TEAM {
        Place::EveryTeam
    } else {
        Place::Team(text.to_owned())
    }
}
