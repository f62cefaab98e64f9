//! A runtime from its start to its removal.

use std::collections::BTreeSet;
use std::net::TcpListener;

use local_runtime::{ExitReason, Removed, RuntimeError, RuntimeState, Stopped};
use serde_json::json;

use crate::bench::{Bench, NONE};

#[tokio::test]
async fn a_runtime_starts_works_stops_and_goes() {
    let bench = Bench::new();
    assert!(bench.runtime.list().await.unwrap().is_empty());
    let started = bench.healthy(&bench.spec("sales", "healthy")).await;
    assert!(!started.already_running);
    assert_eq!(
        started.endpoint,
        format!("http://127.0.0.1:{}", started.port)
    );

    let answer = bench.order("sales", json!({"question": "why?"})).await;
    assert_eq!(answer["result"]["question"], "why?");
    assert!(answer["session"].as_str().unwrap().len() >= 33);

    let status = bench.until_state("sales", RuntimeState::Running).await;
    assert_eq!(
        (status.port, status.restarts, status.alive),
        (Some(started.port), 0, true)
    );
    assert_eq!(status.sandbox, "none: switched off");
    assert_eq!(bench.runtime.logs("sales", 10).await.unwrap(), ["ready"]);
    assert!(matches!(
        bench.runtime.remove("sales").await,
        Err(RuntimeError::StillAlive { .. })
    ));

    assert_eq!(bench.runtime.stop("sales").await.unwrap(), Stopped::InOrder);
    assert_eq!(bench.processes(), NONE);
    let status = bench.status("sales").await;
    assert_eq!(
        (status.state, status.alive, status.pid),
        (RuntimeState::Stopped, false, None)
    );
    assert_eq!(status.last_exit.unwrap().reason, ExitReason::Stopped);
    assert_eq!(bench.runtime.logs("sales", 1).await.unwrap(), ["goodbye"]);

    assert_eq!(
        bench.runtime.stop("sales").await.unwrap(),
        Stopped::WasNotRunning
    );
    assert_eq!(
        bench.runtime.remove("sales").await.unwrap(),
        Removed::Removed
    );
    assert_eq!(
        bench.runtime.remove("sales").await.unwrap(),
        Removed::WasGone
    );
    assert_eq!(bench.runtime.stop("sales").await.unwrap(), Stopped::WasGone);
    assert!(bench.runtime.list().await.unwrap().is_empty());
    assert_eq!(bench.runtime.status("sales").await.unwrap(), None);
}

#[tokio::test]
async fn two_starts_at_once_have_the_effect_of_one() {
    let bench = Bench::new();
    let spec = bench.spec("twice", "healthy");
    let elsewhere = bench.runtime.clone();
    let (one, other) = tokio::join!(bench.runtime.start(&spec), elsewhere.start(&spec));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.port, other.port);
    assert!(one.already_running != other.already_running);
    bench.healthy(&spec).await;
    assert_eq!(bench.processes().len(), 1);
}

#[tokio::test]
async fn a_start_with_another_spec_leaves_the_living_one_alone_and_says_so() {
    let bench = Bench::new();
    let spec = bench.spec("one", "healthy");
    bench.healthy(&spec).await;
    let pid = bench.status("one").await.pid;
    let again = bench.runtime.start(&spec).await.unwrap();
    assert!(again.already_running && again.same_spec);
    let other = bench
        .runtime
        .start(&bench.spec("one", "busy"))
        .await
        .unwrap();
    assert!(other.already_running && !other.same_spec);
    assert_eq!(bench.status("one").await.pid, pid);
}

#[tokio::test]
async fn ports_differ_and_stay_unless_taken() {
    let bench = Bench::new();
    let one = bench.healthy(&bench.spec("one", "healthy")).await;
    let other = bench.healthy(&bench.spec("other", "healthy")).await;
    assert_ne!(one.port, other.port);

    bench.runtime.stop("one").await.unwrap();
    assert_eq!(bench.runtime.restart("one").await.unwrap().port, one.port);

    bench.runtime.stop("one").await.unwrap();
    let _intruder = TcpListener::bind(("127.0.0.1", one.port)).unwrap();
    let moved = bench.healthy(&bench.spec("one", "healthy")).await;
    assert_ne!(moved.port, one.port);
    assert_eq!(bench.status("one").await.port, Some(moved.port));
}

#[tokio::test]
async fn the_environment_is_what_was_given_and_nothing_else() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("bare", "healthy")).await;
    let answer = bench.order("bare", json!({})).await;
    let env = answer["env"].as_object().unwrap();
    // The test process itself has a lot more, among it what the build tool sets.
    assert!(std::env::vars_os().any(|(key, _)| key.to_string_lossy().starts_with("CARGO")));
    let mut expected: BTreeSet<&str> = ["MODE", "PORT", "HOST", "HOME", "TMPDIR", "PATH"].into();
    expected.extend(["CLEARANCE_RUNTIME", "CLEARANCE_RUNTIME_ID"]);
    // Set by the interpreter itself in the C locale; inherited where the machine has them.
    let tolerated = ["LC_CTYPE", "LANG", "TZ"];
    let seen: BTreeSet<&str> = env
        .keys()
        .map(String::as_str)
        .filter(|key| !tolerated.contains(key))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(env["HOST"], "127.0.0.1");
    let home = bench.root().join("bare/home").canonicalize().unwrap();
    assert_eq!(env["HOME"], home.to_str().unwrap());
    assert!(answer["cwd"].as_str().unwrap().ends_with("image/app"));
}

#[tokio::test]
async fn a_data_folder_with_a_very_long_path_works() {
    let bench = Bench::below(&format!("{}/{}", "d".repeat(100), "e".repeat(100)));
    bench
        .healthy(&bench.spec(&"n".repeat(100), "healthy"))
        .await;
    assert_eq!(
        bench.runtime.stop(&"n".repeat(100)).await.unwrap(),
        Stopped::InOrder
    );
}

#[tokio::test]
async fn hostile_log_lines_are_made_printable() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("loud", "healthy")).await;
    let line = format!("\u{1b}[2Jevil\u{202e}{}", "x".repeat(10_000));
    bench.order("loud", json!({"say": line})).await;
    let shown = loop {
        let shown = bench.runtime.logs("loud", 1).await.unwrap();
        if shown != ["ready"] {
            break shown;
        }
        tokio::task::yield_now().await;
    };
    assert!(
        shown[0].starts_with("\\u{1b}[2Jevil\\u{202e}xxx"),
        "{shown:?}"
    );
    assert!(shown[0].ends_with('…') && shown[0].chars().count() < 2100);
}

#[tokio::test]
async fn names_and_specs_that_cannot_be_are_refused_before_anything_happens() {
    let bench = Bench::new();
    for name in ["../up", ".hidden", "a/b", ""] {
        let refused = bench.runtime.start(&bench.spec(name, "healthy")).await;
        assert!(
            matches!(refused, Err(RuntimeError::Spec(_))),
            "{name}: {refused:?}"
        );
        assert_eq!(bench.runtime.status(name).await.unwrap(), None);
        assert!(
            bench.runtime.stop(name).await.is_err() && bench.runtime.remove(name).await.is_err()
        );
    }
    let mut outside = bench.spec("link", "healthy");
    std::os::unix::fs::symlink("/", bench.folder.path().join("image/way-out")).unwrap();
    outside.workdir = "way-out".into();
    assert!(matches!(
        bench.runtime.start(&outside).await,
        Err(RuntimeError::Spec(_))
    ));
    assert!(bench.runtime.list().await.unwrap().is_empty());
    assert!(matches!(
        bench.runtime.restart("nobody").await,
        Err(RuntimeError::NotFound { .. })
    ));
    assert!(matches!(
        bench.runtime.logs("nobody", 1).await,
        Err(RuntimeError::NotFound { .. })
    ));
}
