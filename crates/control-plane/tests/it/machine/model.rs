//! The model: what an agent's history must come to, told once more and without any code of the product but its words.

use std::collections::{BTreeMap, BTreeSet};

use domain::actor::Role;
use domain::deployment::DeploymentState as S;
use domain::environment::Environment;
use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use super::act::{self, Act, Found, Person, Said, Step};

mod elevations;
mod facts;
mod path;
mod reviews;
mod waivers;

use elevations::Elevation;
use reviews::Review;
use waivers::Waiver;

/// Minutes after which an unanswered approval expires, and one that was given and not used: the policy that Clearance
/// comes with.
const EXPIRES: i64 = 72 * 60;
const UNUSED: i64 = 168 * 60;
/// Minutes that the kills of a step take.
pub(crate) const KILLS: i64 = 2;

#[derive(Debug, Clone)]
struct Version {
    found: Found,
    held: bool,
}

/// A deployment that is live, was live, or is under way.
#[derive(Debug, Clone)]
struct Deployed {
    number: i64,
    version: usize,
    /// The waivers that it leans on.
    leans: Vec<usize>,
    /// Whom separation of duties keeps from deciding about it.
    parties: Vec<Person>,
    /// It was let through without people.
    let_through: bool,
}

/// Where a promotion waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// For a post-review that is late, before anything is asked.
    Queue,
    /// For people, until a minute; which exactly, kills may have put off by so many.
    People { until: i64, unsure: i64 },
    /// It is approved and waits for a post-review that is late, until the approval is too old.
    Door { until: i64 },
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    versions: Vec<Version>,
    /// What every deployment must be now.
    states: BTreeMap<i64, S>,
    non_prod: Option<Deployed>,
    production: Option<Deployed>,
    /// Everything that was ever live in production.
    past: Vec<Deployed>,
    /// The promotion that is queued or that people are asked about.
    asked: Option<(Deployed, At)>,
    /// The promotion that is approved and may not go on.
    at_the_door: Option<(Deployed, At)>,
    /// Deployments that people were ever asked about.
    ever_asked: BTreeSet<i64>,
    waivers: Vec<Waiver>,
    /// Deployments and waivers that they lean on, both by number.
    leaning: BTreeSet<(i64, usize)>,
    /// Deployments whose reports say what a gate found, oldest first.
    reports: Vec<(i64, domain::gate::Gate)>,
    reviews: Vec<Review>,
    elevations: Vec<Elevation>,
    /// Since the beginning.
    pub(crate) minutes: i64,
    /// How much later than `minutes` the workers of this step may act.
    unsure: i64,
    pub(crate) said: Option<Said>,
}

impl Model {
    fn next(&self) -> i64 {
        self.states.keys().last().map_or(1, |last| last + 1)
    }

    /// The newest deployment.
    fn newest(&self) -> Option<i64> {
        self.states.keys().last().copied()
    }

    fn is_held(&self, version: usize) -> bool {
        self.versions.get(version).is_some_and(|v| v.held)
    }

    /// The roles that a person has by the clock.
    pub(crate) fn roles(&self, who: Person) -> BTreeSet<Role> {
        let mut roles: BTreeSet<Role> = who.standing().iter().copied().collect();
        if who != Person::Token {
            let active = self.elevations.iter().filter(|e| e.is_active(self.minutes));
            roles.extend(active.filter(|e| e.who == who).map(|e| e.role));
        }
        roles
    }

    fn has(&self, who: Person, any_of: &[Role]) -> bool {
        self.roles(who).iter().any(|role| any_of.contains(role))
    }

    /// Whatever the clock ends, and from how many minutes later on at the latest.
    fn ends(&self) -> impl Iterator<Item = (i64, i64)> {
        let under_way = [&self.asked, &self.at_the_door].into_iter().flatten();
        let approvals = under_way.filter_map(|(_, at)| match *at {
            At::Queue => None,
            At::People { until, unsure } => Some((until, unsure)),
            At::Door { until } => Some((until, 0)),
        });
        let waivers = self.waivers.iter().map(|w| (w.ends, 0));
        let elevations = self.elevations.iter().map(|e| (e.until, 0));
        let reviews = self.reviews.iter().map(|r| (r.due, 0));
        approvals.chain(waivers).chain(elevations).chain(reviews)
    }

    /// Is it clear, for every end, whether it has come when the workers act?
    fn is_clear(&self, step: &Step) -> bool {
        let kills = if step.killed.is_some() { KILLS } else { 0 };
        let (mut now, mut ends) = (self.minutes, self.ends().collect::<Vec<_>>());
        if let Act::Wait { minutes } = step.act {
            now += minutes;
        }
        if let Act::Waive { days, .. } = step.act {
            ends.push((waivers::end_of_day(now, days), 0));
        }
        ends.iter()
            .all(|(at, unsure)| now + kills < *at || now >= *at + unsure)
    }

    /// What the clock ended.
    fn lapse(&mut self) {
        let now = self.minutes;
        let over = |at: &At| match at {
            At::Queue => false,
            At::People { until, .. } | At::Door { until } => *until <= now,
        };
        for place in [&mut self.asked, &mut self.at_the_door] {
            if let Some((ended, _)) = place.take_if(|(_, at)| over(at)) {
                self.states.insert(ended.number, S::Cleaned);
            }
        }
        for elevation in &mut self.elevations {
            elevation.lapse(now);
        }
        for review in &mut self.reviews {
            review.lapse(now);
        }
    }

    fn act(&mut self, act: Act) -> Said {
        match act {
            Act::Push(found) => self.push(found),
            Act::Approve(by) => self.approve(by),
            Act::ApproveTwice => self.approve(Person::First).or_if_done(Said::DoneOnce),
            Act::ApproveOther => self.may_decide(Person::First).or_if_done(Said::Conflict),
            Act::Reject(by) => self.reject(by),
            Act::Cancel(by) => self.cancel(by),
            Act::Promote(by) => self.promote(by),
            Act::RollBack(by) => self.roll_back(by),
            Act::RollBackTwice => self.roll_back(Person::Lead).or_if_done(Said::DoneOnce),
            Act::LiftHold(by) => self.lift_hold(by),
            Act::BreakGlass(by) => self.break_glass(by),
            Act::Review { by, ok } => self.review(by, ok),
            Act::Waive {
                by,
                environment,
                gate,
                days,
            } => self.waive(by, environment, gate, days),
            Act::Revoke(by) => self.revoke(by),
            Act::AskForRole { by, role, hours } => self.ask_for_role(by, role, hours),
            Act::GiveRole { by, yes } => self.give_role(by, yes),
            Act::EndRole(by) => self.end_role(by),
            Act::Wait { minutes } => {
                self.minutes += minutes;
                Said::Done
            }
        }
    }

    /// What does not comply with the policy, of what is live.
    fn lacking(&self) -> impl Iterator<Item = i64> {
        let live = [&self.non_prod, &self.production].into_iter().flatten();
        let lacks = |live: &&Deployed| live.let_through || !self.all_stand(&live.leans);
        live.filter(lacks).map(|live| live.number)
    }

    fn live(&self, environment: Environment) -> Option<i64> {
        let live = match environment {
            Environment::NonProd => &self.non_prod,
            Environment::Production => &self.production,
        };
        live.as_ref().map(|live| live.number)
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        act::steps()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        // Of two people of whom one is excluded it is not said who hears what.
        let pair_is_alike = step.act != Act::ApproveTwice || state.pair_is_alike();
        state.is_clear(step) && pair_is_alike
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        state.unsure = if step.killed.is_some() { KILLS } else { 0 };
        state.said = Some(state.act(step.act));
        state.lapse();
        state.minutes += state.unsure;
        state
    }
}
