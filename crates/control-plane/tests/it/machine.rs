//! Random histories of an agent against a model of what must come of them: pushes, decisions, rollbacks, holds, clocks and
//! kills in any order. After every step the whole of what a person could see is compared, and the invariants are checked.
//!
//! `CLEARANCE_TEST_HISTORIES` makes it longer: histories of each thread (a history has about 80 arrows).

mod model;
mod plane;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use self::model::Model;
use self::plane::System;

/// Histories of each thread, in a test run.
const HISTORIES: u32 = 6;
/// Threads of each test: a history mostly waits for agents to be healthy.
const THREADS: u8 = 3;
/// Steps of a history.
const STEPS: std::ops::Range<usize> = 15..40;
/// Arrows that the histories of each test must have taken, in a test run: eight tests make 10,000 on each database.
const ARROWS: usize = 1_250;

/// Arrows of the deployments of all histories of this process.
pub(crate) static TAKEN: AtomicUsize = AtomicUsize::new(0);

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file; this variable is documented"
)]
fn asked() -> u32 {
    let asked = std::env::var("CLEARANCE_TEST_HISTORIES").ok();
    asked.and_then(|n| n.parse().ok()).unwrap_or(HISTORIES)
}

/// Whoever runs all tests in one process counts the arrows of all of them, which only makes more.
fn live_histories(seed: u8) {
    let histories = asked();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || run(seed * THREADS + thread, histories));
        }
    });
    let taken = TAKEN.load(Ordering::Relaxed);
    eprintln!("{THREADS} times {histories} histories took {taken} arrows");
    assert!(
        histories < HISTORIES || taken >= ARROWS,
        "only {taken} arrows"
    );
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
