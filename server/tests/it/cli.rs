//! The command line against a running server: it reads with a token, and decides only as a person who signs in.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use control_plane::testing::TestPlane;
use domain::approval::ApprovalState;
use domain::gate::{Gate, Verdict};
use tokio::net::TcpListener;

use crate::support::{ADMIN, PASSWORD, Plane};

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

/// A report of #1 in which the fake scanner found something.
async fn failing(test: &TestPlane) {
    test.fakes.verdicts.set(Gate::ImageScan, Verdict::Failed);
    let agent = test.agent("order-helper").await;
    test.push(&agent, agent.files()).await;
    test.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gives_and_ends_a_waiver_and_a_token_only_reads_them() {
    let running = Running::start().await;
    let token = &running.reader;
    let (code, text) = running.run(&["waivers", "list"], token, "").await;
    assert_eq!((code, text.trim()), (0, "Nothing."));
    failing(&running.test).await;
    let words = [
        "waivers",
        "give",
        "--as",
        APPROVER,
        "--deployment",
        "3",
        "--gate",
        "image_scan",
        "--finding",
        "fake-rule",
        "--location",
        "agent.py",
        "--environment",
        "non_prod",
        "--until",
        "2026-03-10",
        "--reason",
        "The function is never called.",
    ];
    let (code, text) = running.run(&words, "", "").await;
    assert_eq!((code, text.contains("W-1 is given.")), (0, true), "{text}");
    let (code, text) = running.run(&["waivers", "list"], token, "").await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("W-1  Active  order-helper (payments) in non_prod  image_scan"),
        "{text}"
    );
    let mut wrong = words;
    wrong[7] = "colour";
    let (code, text) = running.run(&wrong, "", "").await;
    assert_eq!((code, text.contains("no such gate")), (2, true), "{text}");
    let end = ["waivers", "end", "1", "--as", APPROVER, "--reason"];
    let short = [&end[..], &["no"]].concat();
    let (code, text) = running.run(&short, "", "").await;
    assert_eq!((code, text.contains("too short")), (2, true), "{text}");
    let whole = [&end[..], &["It is called after all."]].concat();
    let (code, text) = running.run(&whole, "", "").await;
    assert_eq!((code, text.contains("W-1 is ended.")), (0, true), "{text}");
    let (_, text) = running.run(&["waivers", "list", "--json"], token, "").await;
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["rows"][0]["state"], "revoked");
    // Every session of a person was ended, that of the refused attempt too.
    let (signed_in, out) = (
        running.test.count_events("signed_in").await,
        running.test.count_events("signed_out").await,
    );
    assert_eq!(out, 3, "of {signed_in}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_for_a_time_is_asked_for_given_and_ended_on_the_command_line() {
    let running = Running::start().await;
    let ask = [
        "elevations",
        "ask",
        "--as",
        "ops@example.com",
        "--role",
        "developer",
        "--team",
        "payments",
        "--hours",
        "2",
        "--reason",
        "A refund is stuck since noon.",
    ];
    let (code, text) = running.run(&ask, "", "").await;
    assert_eq!((code, text.contains("as request 1.")), (0, true), "{text}");
    let (code, text) = running
        .run(&["elevations", "list"], &running.reader, "")
        .await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("1  Awaiting an answer  ops as developer in payments for 2 h"),
        "{text}"
    );
    let own = [
        "elevations",
        "decide",
        "1",
        "--approve",
        "--as",
        "ops@example.com",
    ];
    let (code, text) = running.run(&own, "", "1\n").await;
    assert_eq!(code, 2, "nobody gives themselves a role: {text}");
    let decide = ["elevations", "decide", "1", "--approve", "--as", APPROVER];
    let (code, text) = running.run(&decide, "", "2\n").await;
    assert_eq!((code, text.contains("Not confirmed.")), (1, true), "{text}");
    let (code, text) = running.run(&decide, "", "1\n").await;
    assert_eq!(
        (code, text.contains("It is now: Active.")),
        (0, true),
        "{text}"
    );
    let end = ["elevations", "end", "1", "--as", "ops@example.com"];
    let (code, text) = running.run(&end, "", "").await;
    assert_eq!((code, text.contains("Ended early")), (0, true), "{text}");
    let (code, text) = running.run(&decide, "", "1\n").await;
    assert_eq!(
        (code, text.contains("no open request")),
        (2, true),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_reviewed_on_the_command_line_and_never_by_a_token() {
    let running = Running::start().await;
    let reader = &running.reader;
    for words in [&["reviews", "list"][..], &["segregation"]] {
        let (code, text) = running.run(words, reader, "").await;
        assert_eq!(code, 2, "an approver exports no evidence: {text}");
    }
    let start = ["reviews", "start", "--as", ADMIN];
    let (code, text) = running.run(&start, "", "").await;
    assert_eq!((code, text.contains("as review 1.")), (0, true), "{text}");
    // The roles of three people, by name, and the tokens of two of them.
    let decide = async |item: &str, how: &str| {
        let words = ["reviews", "decide", "1", item, how, "--as", ADMIN];
        running.run(&words, "", "").await
    };
    let (code, text) = decide("1", "--keep").await;
    assert_eq!(
        (code, text.contains("your own access")),
        (2, true),
        "{text}"
    );
    let used = running
        .run(&["findings", "list"], &running.operator, "")
        .await;
    assert_eq!(used.0, 0, "{}", used.1);
    let (code, text) = decide("5", "--remove").await;
    assert_eq!(
        (code, text.contains("Recorded: removed.")),
        (0, true),
        "{text}"
    );
    let (code, text) = running
        .run(&["findings", "list"], &running.operator, "")
        .await;
    assert_eq!(code, 2, "the token was revoked: {text}");
    let sign = ["reviews", "sign-off", "1", "--as", ADMIN];
    let (code, text) = running.run(&sign, "", "").await;
    assert_eq!(
        (code, text.contains("not decided yet")),
        (2, true),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_and_findings_are_listed_and_shown() {
    let running = Running::start().await;
    let token = &running.reader;
    for words in [&["incidents", "list"][..], &["findings", "list"]] {
        let (code, text) = running.run(words, token, "").await;
        assert_eq!((code, text.trim()), (0, "Nothing."), "{words:?}");
    }
    let operator = running
        .test
        .person("lead@example.com", domain::actor::Role::Operator)
        .await;
    let form = domain::form::incident::OpenIncidentForm {
        agent: "refund-assistant".to_owned(),
        environment: "non_prod".to_owned(),
        title: "It invents refunds".to_owned(),
    };
    control_plane::incidents::open(&running.test.cp, &operator, &form)
        .await
        .unwrap();
    running.test.fakes.runtime.add_foreign("foreign-agent");
    for _ in 0..4 {
        running.test.clock.advance(chrono::Duration::minutes(2));
        running.test.settle().await;
    }
    let (code, text) = running
        .run(&["incidents", "list", "--state", "open"], token, "")
        .await;
    assert_eq!(code, 0, "{text}");
    let line = "INC-1  Open  refund-assistant (payments) in non_prod: It invents refunds";
    assert!(text.contains(line), "{text}");
    let (code, text) = running
        .run(&["incidents", "show", "INC-1"], token, "")
        .await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains(line) && text.contains("Incident opened"),
        "{text}"
    );
    let (code, text) = running.run(&["incidents", "show", "two"], token, "").await;
    assert_eq!((code, text.contains("write a number")), (2, true), "{text}");
    let kind = ["findings", "list", "--kind", "unregistered_runtime"];
    let (code, text) = running.run(&kind, token, "").await;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("foreign-agent runs") && text.contains("owner nobody yet"),
        "{text}"
    );
    let (_, text) = running
        .run(&["findings", "list", "--json"], token, "")
        .await;
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["rows"][0]["subject"], "foreign-agent");
    let (code, text) = running
        .run(&["findings", "list", "--state", "lost"], token, "")
        .await;
    assert_eq!((code, text.contains("no such state")), (2, true), "{text}");
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

/// Runs `clearance suites` on a file of this name and text.
fn suites(words: &[&str], name: &str, text: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
    command.arg("suites").args(words).arg(&file);
    command.output().unwrap()
}

#[test]
fn a_suite_is_looked_at_without_a_server() {
    let rows: String = (0..40)
        .map(|at| format!("{{\"input\":\"What is {at}?\",\"ideal\":\"{at}\"}}\n"))
        .collect();
    let good = suites(&["check", "--json"], "math.evals.jsonl", &rows);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    let told: serde_json::Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!(told["format"], "OpenAI evals");
    assert_eq!(told["advice"]["cases"], 40);
    assert_eq!(told["advice"]["needed"], 35);

    let few: String = rows
        .lines()
        .take(5)
        .map(|line| format!("{line}\n"))
        .collect();
    let few = suites(&["check"], "math.evals.jsonl", &few);
    let text = String::from_utf8(few.stdout).unwrap();
    assert_eq!(few.status.code(), Some(1));
    assert!(text.contains("the policy needs 35, all passed"), "{text}");

    let broken = suites(&["check"], "own.jsonl", "\n{\"id\": \u{1b}[31m}\n");
    let text = String::from_utf8(broken.stdout).unwrap();
    assert_eq!(broken.status.code(), Some(1));
    assert!(text.contains("line 2, column"), "{text}");
    assert!(!text.contains('\u{1b}'), "nothing moves the cursor: {text}");
}

#[test]
fn a_suite_of_another_tool_becomes_rows_that_are_read_again() {
    let promptfoo = "tests:\n  - vars: {question: Who made it?}\n    assert:\n      - {type: contains, value: Ada}\n      - {type: javascript, value: 'output.length > 3'}\nprompts: ['{{question}}']\n";
    let converted = suites(&["convert"], "suite.yaml", promptfoo);
    let (rows, listed) = (
        String::from_utf8(converted.stdout).unwrap(),
        String::from_utf8(converted.stderr).unwrap(),
    );
    assert_eq!(converted.status.code(), Some(0), "{listed}");
    assert!(listed.contains("not judged: "), "{listed}");
    assert!(
        rows.contains("Who made it?") && rows.contains("Ada"),
        "{rows}"
    );
    let again = suites(&["check", "--json"], "suite.rows.jsonl", &rows);
    let told: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(told["problems"].as_array().unwrap().len(), 0, "{told}");
    assert_eq!(told["advice"]["cases"], 1);
}
