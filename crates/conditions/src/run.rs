//! Running conditions on a thread of its own, so that whoever asks has an answer in time whatever a condition does.

use std::num::NonZeroU32;
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::time::Duration;

use regorus::Value;
use regorus::utils::limits::ExecutionTimerConfig;

use crate::Outcome;
use crate::read::{load, located};

/// Time for one condition.
const LIMIT: Duration = Duration::from_millis(200);
/// Time until the answer is given up: a single step of the engine does not look at the clock.
const GIVEN_UP: Duration = Duration::from_secs(1);
/// Threads at a time, those among them that were given up.
const THREADS_MAX: usize = 8;
/// Time to wait for one of them.
const PATIENCE: Duration = Duration::from_secs(2);
/// Stack of such a thread.
const STACK: usize = 8 * 1024 * 1024;

/// Threads that run now.
static RUNNING: Mutex<usize> = Mutex::new(0);
/// Rung when one of them ends.
static ENDED: Condvar = Condvar::new();

/// A thread's place, given back however it ends.
struct Place;

impl Place {
    /// A place, as soon as there is one.
    fn take() -> Option<Self> {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |running: &mut usize| *running >= THREADS_MAX;
        let waited = ENDED.wait_timeout_while(running, PATIENCE, full);
        let (mut running, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return None;
        }
        *running += 1;
        Some(Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        *running = running.saturating_sub(1);
        ENDED.notify_one();
    }
}

/// Evaluates a condition over a JSON document. Blocks for three seconds at most.
#[must_use]
pub fn evaluate(source: &str, input: &str) -> Outcome {
    let Some(place) = Place::take() else {
        return Outcome::Inconclusive("other conditions are still running".to_owned());
    };
    let (sender, receiver) = mpsc::channel();
    let (source, input) = (source.to_owned(), input.to_owned());
    let started = std::thread::Builder::new()
        .name("condition".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let _place = place;
            // Nobody listens any more when it was given up.
            let _ = sender.send(run(&source, &input));
        });
    if started.is_err() {
        return Outcome::Inconclusive("no thread could be started".to_owned());
    }
    match receiver.recv_timeout(GIVEN_UP) {
        Ok(outcome) => outcome,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            Outcome::Inconclusive("it took longer than a second".to_owned())
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Outcome::Inconclusive("the engine broke down".to_owned())
        }
    }
}

fn run(source: &str, input: &str) -> Outcome {
    let mut engine = match load(source) {
        Ok(engine) => engine,
        Err(problem) => return Outcome::Inconclusive(problem.message),
    };
    engine.set_strict_builtin_errors(true);
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: LIMIT,
        check_interval: NonZeroU32::MIN,
    });
    if engine.set_input_json(input).is_err() {
        return Outcome::Inconclusive("the manifest is no JSON".to_owned());
    }
    match engine.eval_rule("data.clearance.allow".to_owned()) {
        Ok(Value::Bool(true)) => Outcome::Met,
        Ok(Value::Bool(false)) => Outcome::Unmet,
        Ok(Value::Undefined) => Outcome::Inconclusive(
            "`allow` has no value here; write `default allow := false`".to_owned(),
        ),
        Ok(
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Set(_)
            | Value::Object(_),
        ) => Outcome::Inconclusive("`allow` is neither true nor false".to_owned()),
        Err(error) => Outcome::Inconclusive(located(&error.to_string()).message),
    }
}
