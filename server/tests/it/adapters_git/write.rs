//! Tags and commit statuses.

use std::sync::Arc;

use control_plane::ports::PortErrorKind;
use control_plane::ports::anchors::Anchors;
use control_plane::ports::git_host::{CommitStatus, Repository, StatusState};
use domain::connection::ConnectionKind;
use serde_json::Value;
use server::adapters::{AdaptersConfig, ports};
use server::config::{Config, Overrides};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::bench::Bench;

const TOKEN: &str = "ghp_not-a-real-token";

fn status(context: &str, state: StatusState) -> CommitStatus {
    CommitStatus {
        context: context.to_owned(),
        state,
        description: "Live in production".to_owned(),
        target_url: "https://clearance.example.com/deployments/7".to_owned(),
    }
}

#[tokio::test]
async fn a_tag_is_written_once_and_never_moved() {
    let bench = Bench::new();
    let first = bench.commit("one", "alice");
    let second = bench.commit("two", "alice");
    for _ in 0..2 {
        bench
            .git
            .write_tag(&bench.repository(), &first, "agents/bot/2.3.0")
            .await
            .unwrap();
    }
    assert_eq!(bench.run(&["rev-parse", "agents/bot/2.3.0"]), first);
    let moved = bench
        .git
        .write_tag(&bench.repository(), &second, "agents/bot/2.3.0")
        .await
        .unwrap_err();
    assert_eq!(moved.kind, PortErrorKind::Rejected);
    assert_eq!(bench.run(&["rev-parse", "agents/bot/2.3.0"]), first);

    bench.run(&[
        "tag",
        "--annotate",
        "--message",
        "by hand",
        "by-hand",
        &second,
    ]);
    bench
        .git
        .write_tag(&bench.repository(), &second, "by-hand")
        .await
        .unwrap();
    assert!(
        bench
            .git
            .write_tag(&bench.repository(), &first, "by-hand")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_host_that_refuses_writes_is_named_as_the_cause() {
    let bench = Bench::new();
    let commit = bench.commit("one", "alice");
    bench.run(&["config", "transfer.hideRefs", "refs/tags"]);
    let refused = bench
        .git
        .write_tag(&bench.repository(), &commit, "v1")
        .await
        .unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected, "{refused}");
    assert!(
        refused
            .message
            .contains("does not let Clearance write tags"),
        "{refused}"
    );
}

#[tokio::test]
async fn without_an_api_statuses_are_notes_with_one_line_for_each_context() {
    let bench = Bench::new();
    let commit = bench.commit("one", "alice");
    let write = |context: &'static str, state| {
        let (git, repository, commit) =
            (Arc::clone(&bench.git), bench.repository(), commit.clone());
        async move {
            git.write_status(&repository, &commit, &status(context, state))
                .await
                .unwrap()
        }
    };
    write("clearance/bot/non_prod", StatusState::Pending).await;
    write("clearance/bot/production", StatusState::Pending).await;
    write("clearance/bot/non_prod", StatusState::Success).await;
    let notes = bench.run(&["rev-parse", "refs/notes/clearance"]);
    write("clearance/bot/non_prod", StatusState::Success).await;
    assert_eq!(
        bench.run(&["rev-parse", "refs/notes/clearance"]),
        notes,
        "the same status again changes nothing"
    );
    let shown = bench.run(&["notes", "--ref", "clearance", "show", &commit]);
    assert_eq!(
        shown.lines().collect::<Vec<_>>(),
        [
            "clearance/bot/non_prod success Live in production https://clearance.example.com/deployments/7",
            "clearance/bot/production pending Live in production https://clearance.example.com/deployments/7",
        ]
    );
}

#[tokio::test]
async fn two_installations_share_a_note() {
    let bench = Bench::new();
    let other = Bench::new();
    let commit = bench.commit("one", "alice");
    bench
        .git
        .write_status(
            &bench.repository(),
            &commit,
            &status("a", StatusState::Success),
        )
        .await
        .unwrap();
    other
        .git
        .write_status(
            &bench.repository(),
            &commit,
            &status("b", StatusState::Success),
        )
        .await
        .unwrap();
    bench
        .git
        .write_status(
            &bench.repository(),
            &commit,
            &status("c", StatusState::Success),
        )
        .await
        .unwrap();
    assert_eq!(
        bench
            .run(&["notes", "--ref", "clearance", "show", &commit])
            .lines()
            .count(),
        3
    );
}

/// Answers one request with `answer` and gives the request back.
async fn stub(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&request).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                });
                if body.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        stream
            .write_all(
                format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .await
            .unwrap();
        String::from_utf8(request).unwrap()
    };
    #[expect(clippy::disallowed_methods, reason = "the test waits for its end")]
    let running = tokio::spawn(server);
    (base, running)
}

/// Keeps the token in the data folder of the bench before its adapters are made.
pub(super) fn with_tokens(config: &mut AdaptersConfig) {
    let secrets = config.data_dir.join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::write(secrets.join("git-host"), format!("{TOKEN}\n")).unwrap();
    config.git.github_token = Some("file:git-host".to_owned());
    config.git.azure_token = Some("file:git-host".to_owned());
    config.git.allow_private_hosts = true;
}

fn repository(kind: ConnectionKind) -> Repository {
    let url = match kind {
        ConnectionKind::GitHub => "https://github.com/acme/bots.git",
        ConnectionKind::AzureDevOps => "https://acme@dev.azure.com/acme/My%20Project/_git/bots",
    };
    Repository {
        url: url.to_owned(),
        kind,
    }
}

#[tokio::test]
async fn github_gets_a_commit_status() {
    let (base, server) = stub("201 Created").await;
    let bench = Bench::with(|config| {
        with_tokens(config);
        config.git.github_api = base;
    });
    let commit = "a".repeat(40);
    let sent = status("clearance/bot/production", StatusState::Failure);
    bench
        .git
        .write_status(&repository(ConnectionKind::GitHub), &commit, &sent)
        .await
        .unwrap();
    let request = server.await.unwrap();
    assert!(
        request.starts_with(&format!("POST /repos/acme/bots/statuses/{commit} HTTP/1.1")),
        "{request}"
    );
    assert!(
        request
            .to_lowercase()
            .contains(&format!("authorization: bearer {TOKEN}")),
        "{request}"
    );
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(
        (body["state"].as_str(), body["context"].as_str()),
        (Some("failure"), Some("clearance/bot/production"))
    );
}

#[tokio::test]
async fn azure_devops_gets_a_commit_status() {
    let (base, server) = stub("201 Created").await;
    let bench = Bench::with(|config| {
        with_tokens(config);
        config.git.azure_api = base;
    });
    let commit = "a".repeat(40);
    let sent = status("clearance/bot/production", StatusState::Success);
    bench
        .git
        .write_status(&repository(ConnectionKind::AzureDevOps), &commit, &sent)
        .await
        .unwrap();
    let request = server.await.unwrap();
    let path = format!(
        "POST /acme/My%20Project/_apis/git/repositories/bots/commits/{commit}/statuses?api-version=7.1 HTTP/1.1"
    );
    assert!(request.starts_with(&path), "{request}");
    let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(
        (body["state"].as_str(), body["context"]["name"].as_str()),
        (Some("succeeded"), Some("bot/production"))
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_no_error_holds_the_token() {
    let (base, server) = stub("302 Found\r\nlocation: http://127.0.0.1:1/steal").await;
    let bench = Bench::with(|config| {
        with_tokens(config);
        config.git.github_api = base;
    });
    let refused = bench
        .git
        .write_status(
            &repository(ConnectionKind::GitHub),
            &"a".repeat(40),
            &status("x", StatusState::Error),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected);
    assert!(!format!("{refused:?}").contains(TOKEN));
    server.await.unwrap();
}

#[tokio::test]
async fn private_hosts_and_missing_tokens_are_refused() {
    let private = Bench::with(|config| {
        with_tokens(config);
        config.git.allow_private_hosts = false;
        config.git.github_api = "https://127.0.0.1:1".to_owned();
    });
    let hidden = Bench::new();
    for (bench, sign) in [(&private, "private network"), (&hidden, "No token")] {
        let refused = bench
            .git
            .write_status(
                &repository(ConnectionKind::GitHub),
                &"a".repeat(40),
                &status("x", StatusState::Error),
            )
            .await
            .unwrap_err();
        assert_eq!(refused.kind, PortErrorKind::Rejected);
        assert!(refused.message.contains(sign), "{refused}");
    }
}

#[tokio::test]
async fn a_missing_token_says_which_reference_is_empty() {
    let bench = Bench::with(|config| config.git.github_token = Some("file:nowhere".to_owned()));
    let missing = bench
        .git
        .head(&repository(ConnectionKind::GitHub), "main")
        .await
        .unwrap_err();
    assert!(missing.message.contains("file:nowhere"), "{missing}");
}

/// Heads of the audit log: a commit each on a branch of their own, once, beside what others write there.
#[tokio::test]
async fn heads_of_the_audit_log_are_commits_of_a_branch() {
    let (folder, port) = anchors("heads");
    let origin = folder.path().join("origin");
    let git = |arguments: &[&str]| super::bench::git(&origin, arguments);
    let first = port.write("log.example/audit", 5, "note of five\n").await;
    let first = first.unwrap();
    assert_eq!(git(&["rev-parse", "heads"]), first);
    let again = port.write("log.example/audit", 5, "note of five\n").await;
    assert_eq!(again.unwrap(), first, "the answer to the first was lost");
    let file = "heads:checkpoints/log.example_audit.txt";
    assert_eq!(git(&["show", file]), "note of five");
    let second = port.write("log.example/audit", 9, "note of nine\n").await;
    assert_eq!(git(&["rev-parse", "heads"]), second.unwrap());
    let other = port.write("other.example/audit", 2, "another log\n").await;
    other.unwrap();
    assert_eq!(git(&["show", file]), "note of nine");
    let subjects = git(&["log", "--format=%s", "heads"]);
    let subjects: Vec<&str> = subjects.lines().collect();
    assert_eq!(
        subjects,
        [
            "Checkpoint over 2 events of other.example/audit",
            "Checkpoint over 9 events of log.example/audit",
            "Checkpoint over 5 events of log.example/audit"
        ]
    );
    assert_eq!(
        git(&["show", "heads~1:checkpoints/log.example_audit.txt"]),
        "note of nine"
    );
}

fn anchors(branch: &str) -> (tempfile::TempDir, std::sync::Arc<dyn Anchors>) {
    let folder = tempfile::tempdir().unwrap();
    let origin = folder.path().join("origin");
    std::fs::create_dir(&origin).unwrap();
    super::bench::git(&origin, &["init", "--quiet", "--bare"]);
    let file = folder.path().join("clearance.toml");
    let text = format!(
        "data_dir = '{}'\n[audit_log.anchors.git]\nrepository = 'file://{}'\nbranch = '{branch}'\n",
        folder.path().join("data").display(),
        origin.display()
    );
    std::fs::write(&file, text).unwrap();
    let overrides = Overrides {
        file: Some(file),
        ..Overrides::default()
    };
    let config = Config::from_parts(&overrides, Vec::new()).unwrap();
    let port = ports(&config).unwrap().anchors;
    (folder, port)
}
