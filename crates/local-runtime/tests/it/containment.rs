//! What an agent can reach and use.

use std::fs;

use local_runtime::{ExitReason, Limits, RuntimeState, Stopped};
use serde_json::json;

use crate::bench::{Bench, NONE, SOON};

#[tokio::test]
async fn everything_an_agent_forked_is_gone_after_a_stop() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("family", "forks")).await;
    bench.until_processes(4).await;
    assert_eq!(
        bench.runtime.stop("family").await.unwrap(),
        Stopped::InOrder
    );
    assert_eq!(bench.processes(), NONE);
}

#[tokio::test]
async fn everything_an_agent_forked_is_gone_before_it_is_restarted() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("family", "forks")).await;
    assert!(
        bench
            .runtime
            .invoke("family", &json!({"exit": 1}), SOON, 1000)
            .await
            .is_err()
    );
    bench
        .until("family", |status| {
            status.restarts == 1 && status.state == RuntimeState::Running
        })
        .await;
    bench.until_processes(4).await;
}

#[tokio::test]
async fn an_agent_steps_back_where_processors_are_short() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("modest", "healthy")).await;
    let pid = bench.status("modest").await.pid.unwrap();
    let of_it = |pid: i32| {
        let pid = rustix::process::Pid::from_raw(pid);
        rustix::process::getpriority_process(pid).unwrap()
    };
    let ours = rustix::process::getpriority_process(None).unwrap();
    assert_eq!(of_it(pid), (ours + 10).min(19));
}

#[tokio::test]
async fn a_slow_memory_hog_is_killed() {
    let bench = Bench::new();
    let mut spec = bench.spec("hog", "healthy");
    spec.limits = Limits {
        memory_mb: 96,
        max_restarts: 0,
        ..Limits::default()
    };
    bench.healthy(&spec).await;
    assert!(
        bench
            .runtime
            .invoke("hog", &json!({"fill_mb": 900}), SOON, 1000)
            .await
            .is_err()
    );
    let status = bench.until_state("hog", RuntimeState::Crashed).await;
    assert_eq!(status.last_exit.unwrap().reason, ExitReason::MemoryLimit);
    assert_eq!(bench.processes(), NONE);
}

#[tokio::test]
async fn a_quick_memory_hog_is_refused_by_the_kernel() {
    let bench = Bench::new();
    let mut spec = bench.spec("gulper", "healthy");
    spec.limits.memory_mb = 96;
    bench.healthy(&spec).await;
    let answer = bench.order("gulper", json!({"gulp_mb": 4096})).await;
    assert!(
        answer["result"]
            .as_str()
            .unwrap()
            .starts_with("MemoryError"),
        "{}",
        answer["result"]
    );
}

#[tokio::test]
async fn too_many_processes_are_killed() {
    let bench = Bench::new();
    let mut spec = bench.spec("crowd", "healthy");
    spec.limits = Limits {
        max_processes: 20,
        max_restarts: 0,
        ..Limits::default()
    };
    bench.healthy(&spec).await;
    // As root the kernel lets it have them all; else it is refused some. Either way it ends.
    let _ = bench
        .runtime
        .invoke("crowd", &json!({"forks": 60}), SOON, 100_000)
        .await;
    let status = bench
        .until("crowd", |status| {
            status.state == RuntimeState::Crashed || !is_crowded(&bench)
        })
        .await;
    if let Some(exit) = status.last_exit {
        assert_eq!(exit.reason, ExitReason::ProcessLimit);
        assert_eq!(bench.processes(), NONE);
    }
}

fn is_crowded(bench: &Bench) -> bool {
    bench.processes().len() > 20
}

#[tokio::test]
async fn a_sandboxed_agent_sees_its_image_and_home_and_no_more() {
    let bench = Bench::new();
    fs::create_dir_all(bench.folder.path().join("data")).unwrap();
    let (canary, secret) = (
        bench.folder.path().join("data/canary"),
        bench.folder.path().join("data/key.pem"),
    );
    fs::write(&canary, "seen").unwrap();
    fs::write(&secret, "key").unwrap();
    let runtime = bench
        .runtime
        .clone()
        .hiding(bench.folder.path().join("data"));
    let mut spec = bench.sandboxed("caged", "healthy");
    spec.secret_files = vec![secret.clone()];
    spec.env.insert("LD_LIBRARY_PATH".into(), "/nowhere".into());
    runtime.start(&spec).await.unwrap();
    runtime.wait_until_healthy("caged", SOON).await.unwrap();
    let status = bench.until_state("caged", RuntimeState::Running).await;
    if status.sandbox != "bubblewrap" {
        assert!(
            status.sandbox.starts_with("none: bwrap"),
            "{}",
            status.sandbox
        );
        return;
    }
    let ask = async |order| bench.order("caged", order).await["result"].clone();
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    assert!(
        ask(json!({"read": path(&canary)}))
            .await
            .as_str()
            .unwrap()
            .starts_with("FileNotFoundError")
    );
    assert_eq!(ask(json!({"read": path(&secret)})).await, "key");
    let home = bench.root().join("caged/home");
    assert_eq!(
        ask(json!({"list": path(&bench.root())})).await,
        json!(["caged"])
    );
    assert_eq!(
        ask(json!({"list": path(home.parent().unwrap())})).await,
        json!(["home"])
    );
    assert_eq!(
        ask(json!({"write": path(&home.join("mine"))})).await,
        "written"
    );
    assert_eq!(ask(json!({"write": "/tmp/mine"})).await, "written");
    for foreign in [
        bench.folder.path().join("image/app/mine"),
        "/etc/mine".into(),
        secret,
    ] {
        let answer = ask(json!({"write": path(&foreign)})).await;
        assert!(answer.as_str().unwrap().starts_with("OSError"), "{answer}");
    }
    assert!(home.join("mine").exists() && !std::path::Path::new("/tmp/mine").exists());
    assert_eq!(
        bench.order("caged", json!({})).await["env"]["LD_LIBRARY_PATH"],
        "/nowhere"
    );
    let processes = ask(json!({"list": "/proc"})).await;
    assert!(
        processes
            .as_array()
            .unwrap()
            .iter()
            .filter(|name| name.as_str().unwrap().parse::<u32>().is_ok())
            .count()
            < 6
    );
}

#[tokio::test]
async fn a_sandboxed_agent_ends_in_good_order_with_all_its_children() {
    let bench = Bench::new();
    bench.healthy(&bench.sandboxed("caged", "forks")).await;
    assert_eq!(bench.runtime.stop("caged").await.unwrap(), Stopped::InOrder);
    assert_eq!(bench.processes(), NONE);
    assert_eq!(bench.runtime.logs("caged", 1).await.unwrap(), ["goodbye"]);
}

#[tokio::test]
async fn a_sandboxed_agent_dies_with_its_supervisor() {
    let bench = Bench::new();
    bench.healthy(&bench.sandboxed("caged", "forks")).await;
    let status = bench.status("caged").await;
    crate::bench::kill(
        status.supervisor_pid.unwrap(),
        rustix::process::Signal::KILL,
    );
    if status.sandbox == "bubblewrap" {
        bench.until_processes(0).await;
    }
    bench.runtime.stop("caged").await.unwrap();
    bench
        .processes()
        .into_iter()
        .for_each(|pid| crate::bench::kill(pid, rustix::process::Signal::KILL));
}

#[tokio::test]
async fn an_interpreter_from_the_search_path_works_in_the_sandbox() {
    let bench = Bench::new();
    let mut spec = bench.sandboxed("path", "healthy");
    spec.command[0] = "python3".into();
    bench.healthy(&spec).await;
}
