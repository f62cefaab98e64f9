//! Random histories of an agent against a model of what must come of them: pushes, decisions, rollbacks, holds, waivers,
//! broken glass, roles for a time, the clock, and kills, in any order. After every step everything that the rows say is
//! compared with the model, and the invariants are asked of the rows themselves.
//!
//! A test run takes 20,000 transitions on SQLite and 5,000 on PostgreSQL, where each takes three times as long.
//! `CLEARANCE_TEST_HISTORIES`, histories of each test, makes it longer (ARCHITECTURE.md, "Random histories").

mod act;
mod count;
mod model;
mod plane;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use self::model::Model;
use self::plane::System;

/// Histories of each test in a test run, and the transitions that they must have taken: eight tests make 20,000 on SQLite.
const ON_SQLITE: (u32, usize) = (40, 2_500);
/// The same on PostgreSQL: 5,000.
const ON_POSTGRES: (u32, usize) = (10, 500);
/// Steps of a history.
const STEPS: std::ops::Range<usize> = 25..50;
/// Transitions of the rarest kind that forty histories must have taken; in fewer, chance decides.
const OF_A_KIND: usize = 15;

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file; these variables are documented"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whoever runs all tests in one process counts the transitions of all of them, which only makes more.
fn live_histories(seed: u8) {
    let (usual, transitions) = match variable("CLEARANCE_TEST_POSTGRES_URL") {
        Some(_) => ON_POSTGRES,
        None => ON_SQLITE,
    };
    let asked = variable("CLEARANCE_TEST_HISTORIES").and_then(|n| n.parse().ok());
    let histories = asked.unwrap_or(usual);
    run(seed, histories);
    let counted = count::so_far();
    eprintln!("{histories} histories took {}", counted.words);
    if histories >= usual {
        assert!(counted.transitions >= transitions, "{}", counted.words);
    }
    if histories >= ON_SQLITE.0 {
        let (kind, rarest) = counted.rarest;
        assert!(rarest >= OF_A_KIND, "only {rarest} of {kind}");
    }
}

fn run(seed: u8, histories: u32) {
    let config = Config {
        cases: histories,
        failure_persistence: None,
        ..Config::default()
    };
    // The same histories in every run: what fails, fails again.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config.clone(), rng);
    let outcome = runner.run(
        &Model::sequential_strategy(STEPS),
        |(model, steps, seen)| {
            System::test_sequential(config.clone(), model, steps, seen);
            Ok::<(), TestCaseError>(())
        },
    );
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, (_, steps, _))) => panic!("{why}\nafter {steps:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// One test a seed: they run beside each other, and each ends in good time.
macro_rules! histories {
    ($($name:ident: $seed:literal,)*) => {$(
        #[test]
        fn $name() {
            live_histories($seed);
        }
    )*};
}

histories! {
    random_histories_come_to_what_the_model_says_1: 1,
    random_histories_come_to_what_the_model_says_2: 2,
    random_histories_come_to_what_the_model_says_3: 3,
    random_histories_come_to_what_the_model_says_4: 4,
    random_histories_come_to_what_the_model_says_5: 5,
    random_histories_come_to_what_the_model_says_6: 6,
    random_histories_come_to_what_the_model_says_7: 7,
    random_histories_come_to_what_the_model_says_8: 8,
}
