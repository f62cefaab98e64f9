//! Issues and work items: the fake and both adapters keep one contract, against a stand-in that remembers.

use std::sync::{Arc, Mutex};

use axum::extract::{Query, Request, State};
use axum::response::IntoResponse as _;
use axum::{Json, Router};
use control_plane::fakes::Fakes;
use control_plane::ports::PortErrorKind;
use control_plane::ports::git_host::{GitHost, Issue, Repository};
use domain::connection::ConnectionKind;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::bench::Bench;

const KEY: &str = "clearance-01980000-0000-7000-8000-000000000001";

fn issue(key: &str) -> Issue {
    Issue {
        key: key.to_owned(),
        title: "refund-assistant 1.0.0 failed in Non-prod (#1)".to_owned(),
        body: "It did not go live.\n\n    <script>alert(1)</script> @everyone".to_owned(),
    }
}

/// A git host's issues.
#[derive(Debug, Default)]
struct Tracker {
    issues: Vec<Value>,
    comments: Vec<(u64, Value)>,
    calls: Vec<String>,
}

type Shared = Arc<Mutex<Tracker>>;

struct Stub {
    base: String,
    tracker: Shared,
    _task: JoinSet<()>,
}

impl Stub {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let tracker = Shared::default();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&tracker));
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base,
            tracker,
            _task: task,
        }
    }

    fn count(&self, call: &str) -> usize {
        let tracker = self.tracker.lock().unwrap();
        tracker.calls.iter().filter(|c| c.contains(call)).count()
    }
}

async fn answer(
    State(tracker): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (verb, path) = (parts.method, parts.uri.path().to_owned());
    let mut tracker = tracker.lock().unwrap();
    tracker.calls.push(format!("{verb} {path}"));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let found = match (verb.as_str(), parts.as_slice()) {
        ("GET", ["repos", "acme", "bots", "issues"]) => {
            assert_eq!(query.get("labels").map(String::as_str), Some("clearance"));
            json!(tracker.issues)
        }
        ("POST", ["repos", "acme", "bots", "issues"]) => {
            let number = tracker.issues.len() + 1;
            let mut made = body;
            made["number"] = json!(number);
            made["state"] = json!("open");
            made["html_url"] = json!(format!("https://github.com/acme/bots/issues/{number}"));
            tracker.issues.push(made.clone());
            made
        }
        ("GET", ["repos", "acme", "bots", "issues", n, "comments"]) => comments(&tracker, n),
        ("POST", ["repos", "acme", "bots", "issues", n, "comments"]) => {
            comment(&mut tracker, n, body)
        }
        ("PATCH", ["repos", "acme", "bots", "issues", n]) => {
            let at = n.parse::<usize>().unwrap() - 1;
            tracker.issues[at]["state"] = body["state"].clone();
            tracker.issues[at].clone()
        }
        ("POST", ["acme", "My%20Project", "_apis", "wit", "wiql"]) => {
            let asked = body["query"].as_str().unwrap().to_owned();
            let tagged = |issue: &&Value| {
                let tags = issue["tags"].as_str().unwrap_or_default();
                tags.split("; ")
                    .any(|tag| asked.contains(&format!("CONTAINS '{tag}'")))
            };
            let ids: Vec<Value> = tracker
                .issues
                .iter()
                .filter(tagged)
                .map(|i| json!({ "id": i["id"] }))
                .collect();
            json!({ "workItems": ids })
        }
        (
            "POST",
            [
                "acme",
                "My%20Project",
                "_apis",
                "wit",
                "workitems",
                "$Issue",
            ],
        ) => {
            let field = |name: &str| {
                let fields = body.as_array().unwrap();
                let path = format!("/fields/{name}");
                fields.iter().find(|f| f["path"] == path.as_str()).unwrap()["value"].clone()
            };
            let id = tracker.issues.len() + 1;
            let made = work_item(id, &field("System.Tags"), &field("System.Description"));
            tracker.issues.push(made.clone());
            made
        }
        ("GET", ["acme", "My%20Project", "_apis", "wit", "workitems", n]) => {
            tracker.issues[n.parse::<usize>().unwrap() - 1].clone()
        }
        (
            "GET",
            [
                "acme",
                "My%20Project",
                "_apis",
                "wit",
                "workItems",
                n,
                "comments",
            ],
        ) => {
            json!({ "comments": comments(&tracker, n) })
        }
        (
            "POST",
            [
                "acme",
                "My%20Project",
                "_apis",
                "wit",
                "workItems",
                n,
                "comments",
            ],
        ) => comment(&mut tracker, n, body),
        _ => return axum::http::StatusCode::NOT_FOUND.into_response(),
    };
    Json(found).into_response()
}

fn work_item(id: usize, tags: &Value, description: &Value) -> Value {
    json!({
        "id": id,
        "tags": tags,
        "description": description,
        "_links": { "html": { "href": format!("https://dev.azure.com/acme/_workitems/edit/{id}") } },
    })
}

fn comments(tracker: &Tracker, number: &str) -> Value {
    let number: u64 = number.parse().unwrap();
    let all = tracker.comments.iter().filter(|(n, _)| *n == number);
    json!(all.map(|(_, c)| c.clone()).collect::<Vec<_>>())
}

fn comment(tracker: &mut Tracker, number: &str, body: Value) -> Value {
    tracker
        .comments
        .push((number.parse().unwrap(), body.clone()));
    body
}

fn repository(kind: ConnectionKind) -> Repository {
    let url = match kind {
        ConnectionKind::GitHub => "https://github.com/acme/bots",
        ConnectionKind::AzureDevOps => "https://dev.azure.com/acme/My%20Project/_git/bots",
    };
    Repository {
        url: url.to_owned(),
        kind,
    }
}

/// What every git host keeps.
async fn contract(git: &dyn GitHost, repository: &Repository) {
    let first = git.open_issue(repository, &issue(KEY)).await.unwrap();
    assert!(first.starts_with("https://"), "{first}");
    let again = git.open_issue(repository, &issue(KEY)).await.unwrap();
    assert_eq!(first, again, "the same key is the same issue");
    let other = git
        .open_issue(repository, &issue("clearance-2"))
        .await
        .unwrap();
    assert_ne!(first, other);
    for _ in 0..2 {
        git.close_issue(repository, KEY, "Version 1.0.1 is live.")
            .await
            .unwrap();
    }
    git.close_issue(repository, "clearance-never", "x")
        .await
        .unwrap();
    let after = git.open_issue(repository, &issue(KEY)).await.unwrap();
    assert_eq!(first, after, "one that is closed is not opened anew");
}

#[tokio::test]
async fn the_fake_keeps_the_contract_of_issues() {
    let fakes = Fakes::new();
    let repository = repository(ConnectionKind::GitHub);
    fakes
        .git
        .commit(&repository.url, control_plane::fakes::NewCommit::default());
    contract(fakes.git.as_ref(), &repository).await;
    let issues = fakes.git.issues(&repository.url);
    assert_eq!(issues.len(), 2);
    assert!(issues[0].1.is_some() && issues[1].1.is_none());
}

fn bench(base: &str) -> Bench {
    let base = base.to_owned();
    Bench::with(move |config| {
        super::write::with_tokens(config);
        config.git.github_api.clone_from(&base);
        config.git.azure_api = base;
    })
}

#[tokio::test]
async fn github_keeps_the_contract_of_issues() {
    let stub = Stub::start().await;
    contract(
        bench(&stub.base).git.as_ref(),
        &repository(ConnectionKind::GitHub),
    )
    .await;
    let tracker = stub.tracker.lock().unwrap();
    assert_eq!(tracker.issues.len(), 2);
    assert_eq!(tracker.issues[0]["state"], "closed");
    assert_eq!(tracker.issues[1]["state"], "open");
    assert_eq!(tracker.comments.len(), 1, "answered once");
    // What others wrote is indented, so it is code.
    assert!(
        tracker.issues[0]["body"]
            .as_str()
            .unwrap()
            .contains("\n    <script>")
    );
}

#[tokio::test]
async fn azure_devops_keeps_the_contract_of_issues() {
    let stub = Stub::start().await;
    contract(
        bench(&stub.base).git.as_ref(),
        &repository(ConnectionKind::AzureDevOps),
    )
    .await;
    assert_eq!(stub.count("$Issue"), 2);
    let tracker = stub.tracker.lock().unwrap();
    assert_eq!(tracker.comments.len(), 1, "answered once");
    let text = tracker.issues[0]["description"].as_str().unwrap();
    assert!(text.contains("&lt;script&gt;") && !text.contains("<script>"));
}

#[tokio::test]
async fn a_host_without_issues_says_so() {
    let bench = Bench::new();
    let refused = bench
        .git
        .open_issue(&bench.repository(), &issue(KEY))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected);
    let untold = bench
        .git
        .open_issue(&repository(ConnectionKind::GitHub), &issue(KEY))
        .await;
    assert!(untold.unwrap_err().message.contains("No token"));
}
