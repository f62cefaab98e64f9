//! The git host against repositories made on the fly, most of them hostile.

pub(crate) mod bench;
mod contributors;
mod history;
mod hostile;
mod issues;
mod write;

use control_plane::ports::PortErrorKind;
use control_plane::ports::git_host::Repository;
use domain::connection::ConnectionKind;

use bench::Bench;

#[tokio::test]
async fn a_branch_has_a_head_and_a_commit_its_files() {
    let bench = Bench::new();
    bench.write("agent.py", b"print('hello')\r\n\0\xff");
    bench.write("bin/run", "#!/bin/sh\n");
    let program = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bench.origin().join("bin/run"), program).unwrap();
    std::os::unix::fs::symlink("../agent.py", bench.origin().join("bin/agent")).unwrap();
    let commit = bench.commit("Add the agent\n\nWith a body.", "Alice");

    let head = bench.git.head(&bench.repository(), "main").await.unwrap();
    assert_eq!(head.as_deref(), Some(commit.as_str()));
    assert_eq!(
        bench
            .git
            .head(&bench.repository(), "nowhere")
            .await
            .unwrap(),
        None
    );

    let found = bench.check_out(&commit, "one").await.unwrap();
    assert_eq!(
        (found.id.as_str(), found.subject.as_str()),
        (commit.as_str(), "Add the agent")
    );
    assert_eq!(
        (found.author_name.as_str(), found.author_email.as_str()),
        ("Alice", "alice@example.com")
    );
    let out = bench.out("one");
    assert_eq!(
        std::fs::read(out.join("agent.py")).unwrap(),
        b"print('hello')\r\n\0\xff"
    );
    assert_eq!(
        std::fs::read_link(out.join("bin/agent")).unwrap().to_str(),
        Some("../agent.py")
    );
    let mode = |path: &str| {
        std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(out.join(path)).unwrap().permissions(),
        )
    };
    assert_eq!(
        (mode("bin/run") & 0o111 != 0, mode("agent.py") & 0o111),
        (true, 0)
    );
    assert!(!out.join(".git").exists());
}

#[tokio::test]
async fn a_later_push_is_found_and_an_older_commit_stays_readable() {
    let bench = Bench::new();
    bench.write("v", "1");
    let first = bench.commit("one", "alice");
    bench.check_out(&first, "a").await.unwrap();
    bench.write("v", "2");
    let second = bench.commit("two", "alice");
    assert_eq!(
        bench.git.head(&bench.repository(), "main").await.unwrap(),
        Some(second.clone())
    );
    bench.check_out(&second, "b").await.unwrap();
    bench.check_out(&first, "c").await.unwrap();
    let read = |name: &str| std::fs::read_to_string(bench.out(name).join("v")).unwrap();
    assert_eq!(
        (read("a"), read("b"), read("c")),
        ("1".into(), "2".into(), "1".into())
    );
    // What is there already is not written over.
    assert!(bench.check_out(&first, "c").await.is_err());
}

#[tokio::test]
async fn the_same_commit_can_be_checked_out_by_many_at_once() {
    let bench = Bench::new();
    bench.write("v", "1");
    let commit = bench.commit("one", "alice");
    let names = ["a", "b", "c", "d"];
    let all = futures::future::join_all(names.map(|name| bench.check_out(&commit, name))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

#[tokio::test]
async fn repositories_with_long_names_of_objects_work() {
    let bench = Bench::new();
    std::fs::remove_dir_all(bench.origin().join(".git")).unwrap();
    bench.run(&[
        "init",
        "--quiet",
        "--initial-branch=main",
        "--object-format=sha256",
    ]);
    bench.write("v", "1");
    let first = bench.commit("one", "alice");
    assert_eq!(first.len(), 64);
    bench.check_out(&first, "a").await.unwrap();
    let history = bench
        .git
        .history(&bench.repository(), None, &first, "", &[])
        .await
        .unwrap();
    assert_eq!((history.commits.len(), history.files.len()), (1, 1));
    bench
        .git
        .write_tag(&bench.repository(), &first, "v1")
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_gone_is_told_from_what_cannot_be_reached() {
    let bench = Bench::new();
    let commit = bench.commit("one", "alice");
    let missing = bench.check_out(&"1".repeat(40), "a").await.unwrap_err();
    assert_eq!(missing.kind, PortErrorKind::NotFound, "{missing}");
    let tree = bench.run(&["rev-parse", "HEAD^{tree}"]);
    assert_eq!(
        bench.check_out(&tree, "b").await.unwrap_err().kind,
        PortErrorKind::Rejected
    );

    std::fs::remove_dir_all(bench.origin().join(".git")).unwrap();
    let gone = bench
        .git
        .head(&bench.repository(), "main")
        .await
        .unwrap_err();
    assert_eq!(gone.kind, PortErrorKind::NotFound, "{gone}");
    std::fs::remove_dir_all(bench.origin()).unwrap();
    let gone = bench
        .git
        .head(&bench.repository(), "main")
        .await
        .unwrap_err();
    assert_eq!(gone.kind, PortErrorKind::NotFound, "{gone}");
    assert!(bench.check_out(&commit, "c").await.is_err());

    let elsewhere = Repository {
        url: "https://127.0.0.1:1/acme/bots".to_owned(),
        kind: ConnectionKind::GitHub,
    };
    let down = bench.git.head(&elsewhere, "main").await.unwrap_err();
    assert_eq!(down.kind, PortErrorKind::Unavailable, "{down}");
}
