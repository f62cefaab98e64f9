//! Glass that was broken, and the post-reviews that are owed for it.

use domain::actor::Role;
use domain::break_glass::PostReviewState;

use super::{At, Model};
use crate::machine::act::{Person, Said};

/// Minutes until a post-review is due.
const DUE: i64 = 72 * 60;

#[derive(Debug, Clone)]
pub(super) struct Review {
    pub(super) deployment: i64,
    pub(super) due: i64,
    pub(super) state: PostReviewState,
    /// Whom separation of duties keeps from closing it.
    parties: Vec<Person>,
}

impl Review {
    pub(super) fn lapse(&mut self, now: i64) {
        if self.state == PostReviewState::Due && self.due <= now {
            self.state = PostReviewState::Overdue;
        }
    }
}

impl Model {
    /// A post-review of the team is late.
    pub(super) fn is_owing(&self) -> bool {
        let mut open = self.reviews.iter().filter(|review| review.state.is_open());
        open.any(|review| review.due <= self.minutes)
    }

    pub(super) fn break_glass(&mut self, by: Person) -> Said {
        if by == Person::Token {
            return Said::Forbidden;
        }
        if self.newest().is_none() {
            return Said::Conflict;
        }
        if !self.has(by, &[Role::Operator]) {
            return Said::Forbidden;
        }
        let Some((waiting, at)) = self.under_way() else {
            return Said::Conflict;
        };
        if self.is_held(waiting.version) {
            return Said::Conflict;
        }
        if self.is_owing() {
            return Said::Owed;
        }
        if !matches!(at, At::People { .. }) || !self.all_stand(&waiting.leans) {
            return Said::Conflict;
        }
        let Some((mut through, _)) = self.asked.take() else {
            return Said::Conflict;
        };
        through.let_through = true;
        through.parties.push(by);
        self.reviews.push(Review {
            deployment: through.number,
            due: self.minutes + DUE,
            state: PostReviewState::Due,
            parties: through.parties.clone(),
        });
        self.go_live(through);
        Said::Done
    }

    pub(super) fn review(&mut self, by: Person, ok: bool) -> Said {
        if self.reviews.is_empty() {
            return Said::Conflict;
        }
        if !by.standing().contains(&Role::Approver) {
            return Said::Forbidden;
        }
        let mut open = self.reviews.iter_mut();
        let Some(review) = open.find(|review| review.state.is_open()) else {
            return Said::Conflict;
        };
        if review.parties.contains(&by) {
            return Said::Excluded;
        }
        review.state = if ok {
            PostReviewState::ReviewedOk
        } else {
            PostReviewState::ReviewedViolation
        };
        if !self.is_owing() {
            self.let_go_on();
        }
        Said::Done
    }
}
