//! Agents that do not stay up.

use local_runtime::{ExitReason, Limits, RuntimeError, RuntimeState, Stopped};
use serde_json::json;

use crate::bench::{Bench, NONE, SOON};

#[tokio::test]
async fn an_agent_that_exits_at_once_is_given_up_with_its_last_words() {
    let bench = Bench::new();
    let mut spec = bench.spec("broken", "exit");
    spec.limits = Limits {
        max_restarts: 1,
        ..Limits::default()
    };
    bench.runtime.start(&spec).await.unwrap();
    let error = bench
        .runtime
        .wait_until_healthy("broken", SOON)
        .await
        .unwrap_err();
    let RuntimeError::NotReady { state, detail, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(state, RuntimeState::Crashed);
    assert!(
        detail.contains("exit status 3") && detail.contains("no such model"),
        "{detail}"
    );
    let status = bench.until("broken", |status| !status.alive).await;
    assert_eq!((status.state, status.restarts), (RuntimeState::Crashed, 1));
    let exit = status.last_exit.unwrap();
    assert_eq!((exit.reason, exit.code), (ExitReason::Ended, Some(3)));
    assert_eq!(
        bench.runtime.stop("broken").await.unwrap(),
        Stopped::WasNotRunning
    );
}

#[tokio::test]
async fn a_crashed_runtime_can_be_started_with_a_better_spec() {
    let bench = Bench::new();
    let mut spec = bench.spec("mended", "exit");
    spec.limits.max_restarts = 0;
    let first = bench.runtime.start(&spec).await.unwrap();
    bench.until_state("mended", RuntimeState::Crashed).await;
    let second = bench.healthy(&bench.spec("mended", "healthy")).await;
    assert!(!second.already_running);
    assert_eq!(first.port, second.port);
}

#[tokio::test]
async fn an_agent_that_never_listens_is_given_up() {
    let bench = Bench::new();
    let mut spec = bench.spec("deaf", "deaf");
    spec.limits = Limits {
        start_timeout_s: 1,
        max_restarts: 0,
        ..Limits::default()
    };
    bench.runtime.start(&spec).await.unwrap();
    let status = bench.until_state("deaf", RuntimeState::Crashed).await;
    assert_eq!(status.last_exit.unwrap().reason, ExitReason::StartTimeout);
    bench.until_processes(0).await;
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_said_to_be_so() {
    let bench = Bench::new();
    let mut spec = bench.spec("nothing", "healthy");
    spec.command = vec!["no-such-program".into()];
    spec.limits.max_restarts = 0;
    bench.runtime.start(&spec).await.unwrap();
    let status = bench.until_state("nothing", RuntimeState::Crashed).await;
    assert_eq!(
        status.last_exit.as_ref().unwrap().reason,
        ExitReason::NotStarted
    );
    assert!(
        status
            .last_lines
            .iter()
            .any(|line| line.contains("cannot start `no-such-program`")),
        "{status:?}"
    );
}

#[tokio::test]
async fn an_agent_that_exits_in_the_middle_comes_back_on_its_port() {
    let bench = Bench::new();
    let started = bench.healthy(&bench.spec("fragile", "healthy")).await;
    let before = bench.status("fragile").await;
    assert!(
        bench
            .runtime
            .invoke("fragile", &json!({"exit": 7}), SOON, 1000)
            .await
            .is_err()
    );
    let after = bench
        .until("fragile", |status| {
            status.restarts == 1 && status.state == RuntimeState::Running
        })
        .await;
    assert_ne!(after.pid, before.pid);
    assert_eq!(after.supervisor_pid, before.supervisor_pid);
    assert_eq!(after.port, Some(started.port));
    assert_eq!(after.last_exit.unwrap().code, Some(7));
    bench.order("fragile", json!({})).await;
}

#[tokio::test]
async fn a_stop_between_two_starts_is_final() {
    let bench = Bench::new();
    let mut spec = bench.spec("pausing", "exit");
    spec.limits.max_restarts = 100;
    bench.runtime.start(&spec).await.unwrap();
    bench.until_state("pausing", RuntimeState::Restarting).await;
    bench.runtime.stop("pausing").await.unwrap();
    assert_eq!(bench.status("pausing").await.state, RuntimeState::Stopped);
    assert_eq!(bench.processes(), NONE);
}

#[tokio::test]
async fn an_agent_deaf_to_requests_to_end_is_killed() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("stubborn", "stubborn")).await;
    assert_eq!(
        bench.runtime.stop("stubborn").await.unwrap(),
        Stopped::InOrder
    );
    assert_eq!(
        bench.status("stubborn").await.last_exit.unwrap().signal,
        Some(9)
    );
    assert_eq!(bench.processes(), NONE);
}
