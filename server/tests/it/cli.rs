//! The command line against a running server: it reads with a token, and decides only as a person who signs in.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use control_plane::testing::TestPlane;
use domain::approval::ApprovalState;
use tokio::net::TcpListener;

use crate::support::{PASSWORD, Plane};

const APPROVER: &str = "approver@example.com";

/// A server on a port of its own, on which #2 waits for approval, and the tokens of two people.
struct Running {
    test: TestPlane,
    address: String,
    reader: String,
    operator: String,
}

impl Running {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let test = TestPlane::new().await;
        let plane = Plane::beside(&test, &[("CLEARANCE_BASE_URL", &address)]);
        plane.set_up().await;
        plane.add(APPROVER, "approver").await;
        plane.add("ops@example.com", "operator").await;
        let agent = test.agent("refund-assistant").await;
        test.push(&agent, agent.files()).await;
        test.settle().await;
        let (reader, operator) = (
            plane.token(APPROVER, "read").await,
            plane.token("ops@example.com", "read write").await,
        );
        let router = plane.into_router();
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        drop(tokio::spawn(
            async move { axum::serve(listener, router).await },
        ));
        Self {
            test,
            address,
            reader,
            operator,
        }
    }

    /// Runs `clearance` with these words, a token, and what is typed.
    async fn run(&self, words: &[&str], token: &str, typed: &str) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
        command
            .args(words)
            .args(["--server", &self.address])
            .env("CLEARANCE_TOKEN", token)
            .env("CLEARANCE_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let typed = typed.to_owned();
        let run = move || -> Output {
            let mut child = command.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            // A program that asks nothing may have ended already.
            drop(stdin.write_all(typed.as_bytes()));
            drop(stdin);
            child.wait_with_output().unwrap()
        };
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        let code = output.status.code().unwrap();
        (code, String::from_utf8_lossy(&text).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lists_shows_and_asks_why_and_never_decides() {
    let running = Running::start().await;
    let token = &running.reader;
    let (code, text) = running.run(&["approvals", "list"], token, "").await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("#2  Awaiting approval  0 of 1  refund-assistant"),
        "{text}"
    );
    let (code, text) = running.run(&["approvals", "show", "2"], token, "").await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("Manifest sha256:") && text.contains("Can decide: approver"),
        "{text}"
    );
    let why = ["deployments", "why", "2"];
    let (code, text) = running.run(&why, token, "").await;
    assert_eq!(code, 1, "conditions are open: {text}");
    assert!(
        text.contains("open  1 approval, only approver can give it"),
        "{text}"
    );
    let json = ["deployments", "why", "2", "--json"];
    let (_, text) = running.run(&json, token, "").await;
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["title"], "Before this can go live");

    let (code, text) = running.run(&["approvals", "show", "99"], token, "").await;
    assert_eq!((code, text.contains("Not found.")), (2, true), "{text}");
    let (code, text) = running.run(&["approvals", "list"], "", "").await;
    assert_eq!(
        (code, text.contains("CLEARANCE_TOKEN")),
        (2, true),
        "{text}"
    );
    let (code, text) = running
        .run(&["approvals", "list", "--state", "lost"], token, "")
        .await;
    assert_eq!((code, text.contains("no such state")), (2, true), "{text}");
    assert_eq!(running.test.approval(2).await, Some(ApprovalState::Open));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_decides_after_seeing_the_digest_and_typing_the_number() {
    let running = Running::start().await;
    let words = ["approvals", "decide", "2", "--approve", "--as", APPROVER];
    let (code, text) = running.run(&words, "", "3\n").await;
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("Not confirmed. Nothing was recorded."),
        "{text}"
    );
    assert!(
        text.contains("Manifest sha256:"),
        "the digest is shown first: {text}"
    );
    assert_eq!(running.test.approval(2).await, Some(ApprovalState::Open));
    let (code, text) = running.run(&words, "", "2\n").await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("The approval is now: Approved."), "{text}");
    assert_eq!(
        running.test.approval(2).await,
        Some(ApprovalState::Approved)
    );
    assert_eq!(
        running.test.count_events("signed_out").await,
        2,
        "no session is left"
    );

    running.test.settle().await;
    let short = ["rollback", "2", "--reason", "no"];
    let (code, text) = running.run(&short, &running.operator, "").await;
    assert_eq!(
        (code, text.contains("reason: This is too short.")),
        (2, true),
        "{text}"
    );
    let whole = [
        "rollback",
        "2",
        "--reason",
        "It answers nonsense since noon.",
    ];
    let (code, text) = running.run(&whole, &running.operator, "").await;
    assert_eq!(code, 2, "there is nothing to go back to: {text}");
    assert!(text.contains("no earlier version"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_fetched_and_verified_without_the_server() {
    let running = Running::start().await;
    let file = running.test.folder().join("bundle.jsonl");
    let path = file.to_str().unwrap();
    let (code, text) = running
        .run(
            &["evidence", "export", "1", "-o", path],
            &running.reader,
            "",
        )
        .await;
    assert_eq!(code, 0, "{text}");
    let key = running.test.key.to_string();
    let verify = |path: &str, key: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
        command.args(["evidence", "verify", path, "--key", key, "--json"]);
        let output = command.env_clear().output().unwrap();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), told)
    };
    let (code, told) = verify(path, &key);
    assert_eq!((code, &told["verdict"]), (0, &"good".into()), "{told}");
    assert_eq!(
        (&told["deployment"], &told["decision"]),
        (&1.into(), &serde_json::Value::Null)
    );

    let mut bytes = std::fs::read(&file).unwrap();
    let third = bytes
        .split(|b| *b == b'\n')
        .take(2)
        .map(|line| line.len() + 1)
        .sum::<usize>()
        + 40;
    bytes[third] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let (code, told) = verify(path, &key);
    assert_eq!((code, &told["line"]), (1, &3.into()), "{told}");
    assert_eq!(verify("/nowhere", &key).0, 2);
    assert_eq!(verify(path, "no key").0, 2);
    std::fs::write(&file, b"hello\n").unwrap();
    assert_eq!(verify(path, &key).0, 2);

    let (code, text) = running
        .run(&["evidence", "export", "99"], &running.reader, "")
        .await;
    assert_eq!(code, 2, "{text}");
}
