//! The model: what an agent's history must come to, told once more and without any code of the product but its words.

use std::collections::BTreeMap;

use domain::deployment::DeploymentState as S;
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

/// Minutes after which an unanswered approval expires: the policy that Clearance comes with.
const EXPIRES: i64 = 72 * 60;
/// Minutes that the kills of a step take at the most.
const KILLS: i64 = 2;

/// What somebody does. With `killed`, the workers that follow it are killed again and again, by this seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) killed: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// A version that satisfies every gate.
    Push,
    /// One whose last gate fails.
    PushBad,
    /// One whose last gate cannot tell: live in non-prod, and no further.
    PushDoubtful,
    Approve,
    /// Two people at once.
    ApproveTwice,
    /// Somebody who wrote the commit.
    ApproveOwn,
    /// Somebody who looked at another manifest.
    ApproveOther,
    Reject,
    Cancel,
    Promote,
    RollBack,
    /// A double click on "Roll back".
    RollBackTwice,
    /// Lifts the oldest hold.
    LiftHold,
    Wait {
        minutes: i64,
    },
}

/// How the act was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Done,
    /// One of two was done, the other one refused.
    DoneOnce,
    /// A conflict, or something that is not there: nothing changed.
    Conflict,
    /// Separation of duties.
    Excluded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Deployed {
    number: i64,
    version: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    /// Versions in the order of their pushes, and whether each is held.
    pub(crate) held: Vec<bool>,
    /// What every deployment must be now.
    pub(crate) states: BTreeMap<i64, S>,
    non_prod: Option<(Deployed, bool)>,
    production: Option<Deployed>,
    /// Everything that was ever live in production.
    past: Vec<Deployed>,
    /// The approval that is open, and since when.
    waiting: Option<(Deployed, i64)>,
    minutes: i64,
    pub(crate) said: Option<Said>,
}

impl Model {
    fn next(&self) -> i64 {
        self.states.keys().last().map_or(1, |last| last + 1)
    }

    fn is_held(&self, version: usize) -> bool {
        self.held.get(version).copied().unwrap_or(false)
    }

    pub(crate) fn live_in_non_prod(&self) -> Option<i64> {
        self.non_prod.map(|(live, _)| live.number)
    }

    pub(crate) fn live_in_production(&self) -> Option<i64> {
        self.production.map(|live| live.number)
    }

    fn push(&mut self, act: Act) {
        let version = self.held.len();
        self.held.push(false);
        let number = self.next();
        if act == Act::PushBad {
            self.states.insert(number, S::Cleaned);
            return;
        }
        if let Some((before, _)) = self.non_prod {
            self.states.insert(before.number, S::Superseded);
        }
        self.states.insert(number, S::Live);
        let proven = act == Act::Push;
        self.non_prod = Some((Deployed { number, version }, proven));
        if proven {
            self.ask(version);
        }
    }

    /// A promotion, which takes the place of one that waits.
    fn ask(&mut self, version: usize) {
        self.give_up();
        let number = self.next();
        self.states.insert(number, S::AwaitingApproval);
        self.waiting = Some((Deployed { number, version }, self.minutes));
    }

    fn give_up(&mut self) {
        if let Some((asked, _)) = self.waiting.take() {
            self.states.insert(asked.number, S::Cleaned);
        }
    }

    fn approve(&mut self) {
        let Some((asked, _)) = self.waiting.take() else {
            return;
        };
        let overtaken = self
            .production
            .is_some_and(|live| live.number > asked.number);
        if overtaken || self.is_held(asked.version) {
            self.states.insert(asked.number, S::Cleaned);
            return;
        }
        if let Some(before) = self.production {
            self.states.insert(before.number, S::Superseded);
        }
        self.states.insert(asked.number, S::Live);
        self.production = Some(asked);
        self.past.push(asked);
    }

    fn target(&self) -> Option<Deployed> {
        let live = self.production?;
        let earlier = self.past.iter().rev().find(|past| {
            past.number < live.number
                && past.version != live.version
                && !self.is_held(past.version)
                && self.states.get(&past.number) != Some(&S::RolledBack)
        });
        earlier.copied()
    }

    fn roll_back(&mut self) -> Said {
        let (Some(live), Some(target)) = (self.production, self.target()) else {
            return Said::Conflict;
        };
        let restored = Deployed {
            number: self.next(),
            version: target.version,
        };
        self.states.insert(live.number, S::RolledBack);
        self.states.insert(restored.number, S::Live);
        if let Some(held) = self.held.get_mut(live.version) {
            *held = true;
        }
        self.production = Some(restored);
        self.past.push(restored);
        Said::Done
    }

    fn promote(&mut self) -> Said {
        let Some((live, proven)) = self.non_prod else {
            return Said::Conflict;
        };
        let asked_already = self
            .waiting
            .is_some_and(|(asked, _)| asked.version == live.version);
        if !proven || asked_already || self.is_held(live.version) {
            return Said::Conflict;
        }
        self.ask(live.version);
        Said::Done
    }

    fn lift_hold(&mut self) -> Said {
        match self.held.iter_mut().find(|held| **held) {
            Some(held) => {
                *held = false;
                Said::Done
            }
            None => Said::Conflict,
        }
    }

    fn expire(&mut self) {
        if self
            .waiting
            .is_some_and(|(_, since)| self.minutes - since >= EXPIRES)
        {
            self.give_up();
        }
    }

    /// Is it clear whether what waits has expired by now? Kills take a little time.
    fn is_clear(&self, minutes: i64) -> bool {
        self.waiting.is_none_or(|(_, since)| {
            let waited = self.minutes + minutes - since;
            waited + KILLS < EXPIRES || waited >= EXPIRES
        })
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let act = prop_oneof![
            6 => Just(Act::Push),
            2 => Just(Act::PushBad),
            1 => Just(Act::PushDoubtful),
            6 => Just(Act::Approve),
            1 => Just(Act::ApproveTwice),
            1 => Just(Act::ApproveOwn),
            1 => Just(Act::ApproveOther),
            1 => Just(Act::Reject),
            1 => Just(Act::Cancel),
            2 => Just(Act::Promote),
            3 => Just(Act::RollBack),
            1 => Just(Act::RollBackTwice),
            2 => Just(Act::LiftHold),
            2 => prop_oneof![Just(30), Just(36 * 60), Just(100 * 60)].prop_map(|minutes| Act::Wait { minutes }),
        ];
        let killed = prop_oneof![3 => Just(None), 1 => any::<u32>().prop_map(Some)];
        (act, killed)
            .prop_map(|(act, killed)| Step { act, killed })
            .boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        let minutes = if let Act::Wait { minutes } = step.act {
            minutes
        } else {
            0
        };
        state.is_clear(minutes)
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        let asked = state.waiting.is_some();
        let if_asked = |said| if asked { said } else { Said::Conflict };
        let said = match step.act {
            Act::Push | Act::PushBad | Act::PushDoubtful => {
                state.push(step.act);
                Said::Done
            }
            Act::Approve => {
                state.approve();
                if_asked(Said::Done)
            }
            Act::ApproveTwice => {
                state.approve();
                if_asked(Said::DoneOnce)
            }
            Act::ApproveOwn => if_asked(Said::Excluded),
            Act::ApproveOther => Said::Conflict,
            Act::Reject | Act::Cancel => {
                state.give_up();
                if_asked(Said::Done)
            }
            Act::Promote => state.promote(),
            Act::RollBack => state.roll_back(),
            Act::RollBackTwice => {
                let said = state.roll_back();
                if said == Said::Done {
                    Said::DoneOnce
                } else {
                    said
                }
            }
            Act::LiftHold => state.lift_hold(),
            Act::Wait { minutes } => {
                state.minutes += minutes;
                Said::Done
            }
        };
        state.said = Some(said);
        state.expire();
        if step.killed.is_some() {
            state.minutes += KILLS;
        }
        state
    }
}
