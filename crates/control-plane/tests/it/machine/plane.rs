//! The product under the same history: use cases, workers and a real database, with behaving fakes outside.

use std::collections::BTreeSet;

use chrono::Duration;
use control_plane::{Error, OpCtx};
use domain::actor::Role;
use domain::error::Conflict;
use proptest_state_machine::StateMachineTest;
use tokio::runtime::Runtime;

use super::act::{Person, Said, Step};
use super::count;
use super::model::{KILLS, Model};
use crate::support::World;

mod path;
mod rights;
mod rows;

/// Rounds of kills after a step, each half a minute after the other.
const ROUNDS: i64 = 2;
const BETWEEN: i64 = 31;

pub(crate) struct System {
    runtime: Runtime,
    parts: Parts,
}

struct Parts {
    world: World,
    people: Vec<(Person, OpCtx)>,
    began: chrono::DateTime<chrono::Utc>,
    pushes: u32,
}

fn outcome<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Said {
    match outcome {
        Ok(_) => Said::Done,
        Err(Error::Conflict {
            why: Conflict::ReviewOverdue,
        }) => Said::Owed,
        Err(Error::Conflict { .. } | Error::NotFound { .. }) => Said::Conflict,
        Err(Error::Excluded { .. }) => Said::Excluded,
        Err(Error::Forbidden { .. }) => Said::Forbidden,
        Err(Error::Invalid(_)) => Said::Invalid,
        Err(other) => panic!("no answer for a person: {other:?}"),
    }
}

fn both(first: Said, second: Said) -> Said {
    match (first, second) {
        (Said::Done, Said::Conflict) | (Said::Conflict, Said::Done) => Said::DoneOnce,
        (first, second) if first == second && first != Said::Done => first,
        other => panic!("of two at once: {other:?}"),
    }
}

impl Parts {
    async fn new() -> Self {
        let world = World::new().await;
        let mut people = Vec::new();
        for person in Person::ALL {
            // A token is its maker's: it is made when it is used.
            if person == Person::Token {
                continue;
            }
            let email = format!("{}@example.com", person.name());
            let roles: Vec<_> = person.standing().iter().map(|role| (*role, None)).collect();
            let ctx = world.plane.person_with(&email, &roles, &[]).await;
            people.push((person, ctx));
        }
        Self {
            began: world.plane.now(),
            world,
            people,
            pushes: 0,
        }
    }

    /// Lets the workers work, killed for a while where a seed says so.
    async fn work(&self, killed: Option<u32>) {
        let plane = &self.world.plane;
        if let Some(seed) = killed {
            let mut state = seed;
            let mut polls = || {
                // A small generator is enough: kills should only be everywhere, not unpredictable.
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some((state >> 16) % (4 + seed % 90))
            };
            for _ in 0..ROUNDS {
                plane.settle_killing(&mut polls).await;
                plane.clock.advance(Duration::seconds(BETWEEN));
            }
            plane
                .clock
                .advance(Duration::seconds(KILLS * 60 - ROUNDS * BETWEEN));
        }
        plane.settle().await;
    }

    /// What the rows say, and what people may, is what the model says.
    async fn compare(&self, model: &Model) {
        let minutes = (self.world.plane.now() - self.began).num_minutes();
        assert_eq!(minutes, model.minutes, "the clock");
        let (found, expected) = (self.facts().await, model.facts());
        let only = |all: &[String], other: &[String]| -> Vec<String> {
            let missing = all.iter().filter(|fact| !other.contains(fact));
            missing.cloned().collect()
        };
        let (more, less) = (only(&found, &expected), only(&expected, &found));
        assert!(
            found == expected,
            "the rows say {more:?}, and do not say {less:?}"
        );
        for who in [Person::Guest, Person::Lead, Person::Token] {
            let ctx = self.ctx(who).await;
            let roles: BTreeSet<Role> = ctx
                .actor()
                .roles(Some(self.world.plane.team))
                .into_iter()
                .collect();
            assert_eq!(roles, model.roles(who), "the roles of {who:?}");
        }
    }
}

impl StateMachineTest for System {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let parts = runtime.block_on(Parts::new());
        Self { runtime, parts }
    }

    fn apply(mut system: Self, model: &Model, step: Step) -> Self {
        let Self { runtime, parts } = &mut system;
        runtime.block_on(async {
            let said = parts.act(step.act).await;
            assert_eq!(Some(said), model.said, "the answer to {:?}", step.act);
            parts.work(step.killed).await;
            parts.compare(model).await;
            parts.check().await;
        });
        count::step();
        system
    }

    fn teardown(system: Self, _: Model) {
        let Self { runtime, parts } = system;
        runtime.block_on(async {
            parts.give_up().await;
            count::history(&parts.world.plane.events().await);
            parts.world.plane.finish().await;
        });
    }
}
