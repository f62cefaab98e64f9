//! Kills and reboots: of the control plane, of the supervisor, in the middle of a start.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use local_runtime::{RuntimeState, Stopped};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::time::timeout;

use crate::bench::{Bench, NONE, SOON, kill, runtime_in};

#[tokio::test]
async fn a_new_control_plane_finds_the_agents_as_they_were() {
    let bench = Bench::new();
    let spec = bench.spec("steady", "healthy");
    let started = bench.healthy(&spec).await;
    let before = bench.status("steady").await;
    let supervisor = before.supervisor_pid.unwrap();
    // What protects it from signals to the control plane's group and terminal: a session of its own.
    let stat = fs::read_to_string(format!("/proc/{supervisor}/stat")).unwrap();
    let session = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .nth(3)
        .unwrap();
    assert_eq!(session, supervisor.to_string());

    let successor = runtime_in(&bench.root());
    let found = successor.list().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].pid, found[0].port, found[0].alive),
        (before.pid, Some(started.port), true)
    );
    assert!(successor.ping("steady").await.is_ok());
    let again = successor.start(&spec).await.unwrap();
    assert!(again.already_running && again.same_spec);
    assert_eq!(bench.status("steady").await.pid, before.pid);
    assert_eq!(successor.stop("steady").await.unwrap(), Stopped::InOrder);
}

#[tokio::test]
async fn a_killed_supervisor_leaves_no_agent_and_its_runtime_can_be_restarted() {
    let bench = Bench::new();
    let started = bench.healthy(&bench.spec("orphan", "forks")).await;
    bench.until_processes(4).await;
    let supervisor = bench.status("orphan").await.supervisor_pid.unwrap();
    kill(supervisor, Signal::KILL);
    let status = bench.until_state("orphan", RuntimeState::Lost).await;
    assert_eq!(
        (status.alive, status.pid, status.port),
        (false, None, Some(started.port))
    );
    // The agent dies with its supervisor; a restart clears away what it had forked and starts anew.
    assert!(
        !bench
            .runtime
            .restart("orphan")
            .await
            .unwrap()
            .already_running
    );
    bench
        .runtime
        .wait_until_healthy("orphan", SOON)
        .await
        .unwrap();
    let marked = bench
        .processes()
        .into_iter()
        .filter(|pid| !is_bare(*pid))
        .count();
    assert_eq!(marked, 3);
    bench.runtime.stop("orphan").await.unwrap();
    // A process that made a session and wiped its environment after its supervisor was killed is beyond reach
    // without a sandbox; the test clears up its own.
    bench
        .processes()
        .into_iter()
        .for_each(|pid| kill(pid, Signal::KILL));
}

fn is_bare(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .unwrap_or_default()
        .is_empty()
}

#[tokio::test]
async fn stopping_a_lost_runtime_clears_up() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("lost", "healthy")).await;
    kill(
        bench.status("lost").await.supervisor_pid.unwrap(),
        Signal::KILL,
    );
    bench.until_state("lost", RuntimeState::Lost).await;
    assert_eq!(
        bench.runtime.stop("lost").await.unwrap(),
        Stopped::WasNotRunning
    );
    assert_eq!(bench.processes(), NONE);
    assert_eq!(bench.status("lost").await.state, RuntimeState::Stopped);
}

#[tokio::test]
async fn a_hung_supervisor_is_stopped_by_force() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("hung", "healthy")).await;
    kill(
        bench.status("hung").await.supervisor_pid.unwrap(),
        Signal::STOP,
    );
    assert_eq!(bench.runtime.stop("hung").await.unwrap(), Stopped::ByForce);
    assert_eq!(bench.processes(), NONE);
    assert_eq!(bench.status("hung").await.state, RuntimeState::Stopped);
}

#[tokio::test]
async fn a_supervisor_told_to_end_takes_its_agent_along_and_counts_as_lost() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("shutdown", "healthy")).await;
    kill(
        bench.status("shutdown").await.supervisor_pid.unwrap(),
        Signal::TERM,
    );
    bench.until("shutdown", |status| !status.alive).await;
    assert_eq!(bench.status("shutdown").await.state, RuntimeState::Lost);
    assert_eq!(bench.processes(), NONE);
}

#[tokio::test]
async fn the_folder_of_a_killed_start_is_listed_and_taken_over() {
    let bench = Bench::new();
    let spec = bench.spec("half", "healthy");
    let folder = bench.root().join("half");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("spec.json"), "{\"name\":").unwrap();
    let listed = bench.runtime.list().await.unwrap();
    assert_eq!(
        (listed[0].state, listed[0].alive),
        (RuntimeState::Lost, false)
    );
    assert!(listed[0].problem.is_some());
    bench.healthy(&spec).await;
    assert_eq!(bench.status("half").await.problem, None);
}

#[tokio::test]
async fn damaged_files_do_not_block_a_runtime() {
    let bench = Bench::new();
    let spec = bench.spec("damaged", "healthy");
    bench.healthy(&spec).await;
    bench.runtime.stop("damaged").await.unwrap();
    fs::write(bench.root().join("damaged/state.json"), [0xff; 100]).unwrap();
    assert!(bench.status("damaged").await.problem.is_some());
    assert_eq!(bench.runtime.list().await.unwrap().len(), 1);
    bench.healthy(&spec).await;
}

#[tokio::test]
async fn a_supervisor_whose_start_was_withdrawn_turns_back() {
    let bench = Bench::new();
    let spec = bench.spec("late", "healthy");
    bench.healthy(&spec).await;
    bench.runtime.stop("late").await.unwrap();
    let supervise = |launch_id: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local-runtime-supervisor"));
        command
            .arg(bench.root().join("late"))
            .env("CLEARANCE_LAUNCH_ID", launch_id)
            .output()
            .unwrap()
    };
    let late = supervise("of-an-earlier-start");
    assert!(
        String::from_utf8_lossy(&late.stderr).contains("withdrawn"),
        "{late:?}"
    );
    assert_eq!(bench.status("late").await.state, RuntimeState::Stopped);
    bench.healthy(&spec).await;
    let second = supervise("of-an-earlier-start");
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("already"),
        "{second:?}"
    );
    assert!(bench.runtime.ping("late").await.is_ok());
}

#[tokio::test]
async fn a_kill_of_the_starters_process_group_does_not_reach_the_agent() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("apart", "healthy")).await;
    bench.runtime.stop("apart").await.unwrap();
    let folder = bench.root().join("apart");
    fs::write(
        folder.join("launch.json"),
        r#"{"launch_id": "by-hand", "hidden": []}"#,
    )
    .unwrap();
    let mut starter = Command::new("sh")
        .args([
            "-c",
            "\"$0\" \"$1\" & wait",
            env!("CARGO_BIN_EXE_local-runtime-supervisor"),
        ])
        .arg(&folder)
        .process_group(0)
        .spawn()
        .unwrap();
    let before = bench.until_state("apart", RuntimeState::Running).await;
    let group = Pid::from_raw(i32::try_from(starter.id()).unwrap()).unwrap();
    kill_process_group(group, Signal::KILL).unwrap();
    starter.wait().unwrap();
    bench
        .runtime
        .wait_until_healthy("apart", SOON)
        .await
        .unwrap();
    let after = bench.status("apart").await;
    assert_eq!(
        (after.pid, after.supervisor_pid, after.restarts),
        (before.pid, before.supervisor_pid, 0)
    );
}

#[tokio::test]
async fn starts_and_stops_cut_off_at_any_point_leave_one_agent_or_none() {
    let bench = Bench::new();
    let spec = bench.spec("cut", "healthy");
    for round in 0..12 {
        let cut = Duration::from_millis(round * 6);
        let _ = timeout(cut, bench.runtime.start(&spec)).await;
        if round % 3 == 2 {
            let _ = timeout(cut, bench.runtime.stop("cut")).await;
        }
    }
    bench.healthy(&spec).await;
    bench.until_processes(1).await;
    let _ = timeout(Duration::from_millis(5), bench.runtime.stop("cut")).await;
    bench.runtime.stop("cut").await.unwrap();
    bench.until_processes(0).await;
    bench.runtime.remove("cut").await.unwrap();
    assert!(bench.runtime.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_start_ends_a_stop_that_was_given_up_on_its_way() {
    let bench = Bench::new();
    let spec = bench.spec("given-up", "stubborn");
    bench.healthy(&spec).await;
    let before = bench.status("given-up").await.supervisor_pid;
    // The agent does not end when it is asked, so the stop is on its way for seconds.
    let stop = timeout(Duration::from_millis(500), bench.runtime.stop("given-up"));
    stop.await.unwrap_err();
    assert!(!bench.healthy(&spec).await.already_running);
    assert_ne!(bench.status("given-up").await.supervisor_pid, before);
    bench.until_processes(1).await;
}
