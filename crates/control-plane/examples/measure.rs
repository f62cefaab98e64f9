//! What `cargo xtask bench` measures without a server: the use cases and workers on a real database, with fakes outside that
//! fail on command. Prints one JSON object.
//!
//! Arguments: live deployments for the reconcilers, failing deployments for the clean-up, changes for the log.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot go on stops"
)]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::time::{Duration, Instant};

use control_plane::fakes::Fault;
use control_plane::people;
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::form::person::TeamForm;
use domain::gate::{Gate, Verdict};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// Calls to the outside that a failing deployment makes, more or less.
const CALLS: u32 = 25;
/// 500 cases, three times each.
const ANSWERS: usize = 1_500;
/// Callers that write at the same time.
const CALLERS: usize = 64;
/// Deployments that are pushed before the workers are let go.
const AT_ONCE: usize = 50;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse().unwrap());
    let live = arguments.next().unwrap_or(1_000);
    let failing = arguments.next().unwrap_or(1_000);
    let writes = arguments.next().unwrap_or(20_000);
    let alone = Builder::new_current_thread().enable_all().build().unwrap();
    // As the server has it: callers come from all its threads.
    let together = Builder::new_multi_thread().enable_all().build().unwrap();
    let figures = json!({
        "ask": alone.block_on(ask(ANSWERS)),
        "reconcile": alone.block_on(reconcile(live)),
        "clean_up": alone.block_on(clean_up(failing)),
        "write_alone": together.block_on(write(1, writes / 10)),
        "write": together.block_on(write(CALLERS, writes)),
    });
    println!("{figures}");
}

/// Changes that are on the disk with their events in the log before anybody is told, by so many callers at once.
async fn write(callers: usize, writes: usize) -> Value {
    let plane = TestPlane::durable().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let (bytes, begun) = (plane.database_bytes().await, Instant::now());
    let mut all = JoinSet::new();
    for caller in 0..callers {
        let (cp, admin) = (plane.cp.clone(), admin.clone());
        all.spawn(async move {
            let mut times = Vec::new();
            for number in 0..writes / callers {
                let form = TeamForm {
                    slug: format!("team-{caller}-{number}"),
                    name: format!("The team {number} of caller {caller}"),
                };
                let begun = Instant::now();
                people::create_team(&cp, &admin, &form).await.unwrap();
                times.push(begun.elapsed());
            }
            times
        });
    }
    let mut times: Vec<Duration> = all.join_all().await.into_iter().flatten().collect();
    let took = begun.elapsed();
    times.sort_unstable();
    let grown = plane.database_bytes().await - bytes;
    let begun = Instant::now();
    plane.activate("publish_checkpoints").await.unwrap();
    let checkpoint = begun.elapsed();
    let count = times.len();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
    plane.remove().await;
    json!({
        "writes": count,
        "a_second": f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64(),
        "p50": milliseconds(times[count / 2]),
        "p99": milliseconds(times[count * 99 / 100]),
        "checkpoint": milliseconds(checkpoint),
        "bytes_each": grown / i64::try_from(count).unwrap(),
    })
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
