//! What `cargo xtask bench` measures without a server: the use cases and workers on a real database, with fakes outside that
//! fail on command. Prints one JSON object.
//!
//! Arguments: live deployments for the reconcilers, then failing deployments for the clean-up.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot go on stops"
)]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::time::Instant;

use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use domain::deployment::DeploymentState;
use domain::gate::{Gate, Verdict};
use serde_json::{Value, json};

/// Calls to the outside that a failing deployment makes, more or less.
const CALLS: u32 = 25;
/// 500 cases, three times each.
const ANSWERS: usize = 1_500;
/// Deployments that are pushed before the workers are let go.
const AT_ONCE: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse().unwrap());
    let live = arguments.next().unwrap_or(1_000);
    let failing = arguments.next().unwrap_or(1_000);
    let figures = json!({
        "ask": ask(ANSWERS).await,
        "reconcile": reconcile(live).await,
        "clean_up": clean_up(failing).await,
    });
    println!("{figures}");
}

/// What asking, keeping and telling so many answers costs beside an agent that answers at once.
async fn ask(answers: usize) -> Value {
    let plane = TestPlane::new().await;
    let agent = plane.agent("asked").await;
    let took = async |cases: usize| {
        let suite: String = (0..cases)
            .map(|at| format!("{{\"ask\":\"question {at} of {cases}\"}}\n"))
            .collect();
        let files = agent.files_with("evaluation/relevance.jsonl", &suite);
        plane.push(&agent, files).await;
        let (calls, begun) = (plane.fakes.faults.count("runtime.invoke"), Instant::now());
        plane.settle().await;
        let asked = plane.fakes.faults.count("runtime.invoke") - calls;
        assert!(asked > cases, "all were asked");
        begun.elapsed()
    };
    // The same deployment with one case: what is left is what the cases cost.
    let one = took(1).await;
    let own = took(answers).await.saturating_sub(one);
    plane.remove().await;
    json!({ "answers": answers, "milliseconds": own.as_secs_f64() * 1_000.0 })
}

/// One look of every worker at so many live deployments where nothing changed.
async fn reconcile(live: usize) -> Value {
    let plane = TestPlane::new().await;
    for number in 0..live {
        let agent = plane.agent(&format!("agent-{number:05}")).await;
        plane
            .fakes
            .verdicts
            .set(Gate::Relevance, Verdict::Inconclusive); // stays in non-prod
        plane.push(&agent, agent.files()).await;
        if number % AT_ONCE == AT_ONCE - 1 {
            plane.settle_all().await;
        }
    }
    plane.settle_all().await;
    let mut states = Vec::new();
    for number in plane.numbers().await {
        states.push(plane.state(number).await);
    }
    let live = states
        .iter()
        .filter(|s| **s == DeploymentState::Live)
        .count();
    // Everything that a timer does is due.
    plane.clock.advance(chrono::Duration::hours(1));
    let (calls, statements, begun) = (
        plane.fakes.faults.calls().len(),
        plane.statements(),
        Instant::now(),
    );
    plane.settle().await;
    let figures = json!({
        "live": live,
        "milliseconds": begun.elapsed().as_millis(),
        "statements_read": plane.statements() - statements,
        "calls_outside": plane.fakes.faults.calls().len() - calls,
    });
    plane.remove().await;
    figures
}

/// Deployments that fail at their last gate, with trouble at some of the calls: what is left in the end.
async fn clean_up(runs: usize) -> Value {
    let plane = TestPlane::new().await;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    let mut agents = Vec::new();
    for number in 0..AT_ONCE {
        agents.push(plane.agent(&format!("agent-{number:02}")).await);
    }
    let mut chance = 7_u32;
    let mut next = move |below: u32| {
        // A small generator is enough: trouble should only be everywhere, not unpredictable.
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (chance >> 8) % below
    };
    let faults = [
        Fault::AnswerLost,
        Fault::Refused(PortErrorKind::Unavailable),
        Fault::HangsAfter,
        Fault::HangsBefore,
    ];
    let (begun, mut injected) = (Instant::now(), 0);
    for run in 0..runs {
        let Some(agent) = agents.get(run % AT_ONCE) else {
            continue;
        };
        // Once it is taken: a delivery that is refused is sent again by the host.
        plane
            .push(
                agent,
                agent.files_with("agent.py", &format!("print({run})\n")),
            )
            .await;
        let calls = plane.fakes.faults.calls().len();
        for _ in 0..=next(2) {
            let place = calls + usize::try_from(next(CALLS)).unwrap();
            plane
                .fakes
                .faults
                .at(place, faults[usize::try_from(next(4)).unwrap()]);
        }
        let planned = plane.fakes.faults.planned();
        plane.settle_all().await;
        injected += planned - plane.fakes.faults.planned();
        plane.fakes.faults.clear();
    }
    let mut cleaned = 0;
    for number in plane.numbers().await {
        cleaned += usize::from(plane.state(number).await == DeploymentState::Cleaned);
    }
    let left = plane.fakes.runtime.names().len()
        + plane.fakes.identities.names().len()
        + plane.fakes.images.names().len();
    let figures = json!({
        "runs": runs, "cleaned": cleaned, "faults": injected, "left": left,
        "seconds": begun.elapsed().as_secs_f64(),
    });
    plane.finish().await;
    figures
}
