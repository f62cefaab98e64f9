//! Deciding over HTTP: by the page without script, and by the API.

use axum::http::StatusCode;
use chrono::Duration;
use control_plane::testing::TestPlane;
use domain::approval::ApprovalState;
use serde_json::json;

use crate::support::{ADMIN, Answer, Call, PASSWORD, Plane};

const APPROVER: &str = "approver@example.com";

/// A server in front of a plane on which #2 waits for approval.
async fn asked(quorum: u32) -> (TestPlane, Plane) {
    let test = TestPlane::new().await;
    let plane = Plane::beside(&test, &[]);
    plane.set_up().await;
    plane.add(APPROVER, "approver").await;
    if quorum == 2 {
        plane.add("second@example.com", "approver").await;
        plane.add("other.admin@example.com", "administrator").await;
        raise_quorum(&plane).await;
    }
    let agent = test.agent("refund-assistant").await;
    test.push(&agent, agent.files()).await;
    let errors = test.settle().await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(test.approval(2).await, Some(ApprovalState::Open));
    (test, plane)
}

async fn raise_quorum(plane: &Plane) {
    use control_plane::policies;
    use domain::form::policy::{PolicyDecisionForm, PolicyForm};
    let text = domain::policy::STANDARD.replace("quorum: 1", "quorum: 2");
    let reason = "The auditors asked for it.".to_owned();
    let form = PolicyForm { text, reason };
    let version = policies::propose(&plane.cp, &plane.admin().await, &form)
        .await
        .unwrap();
    let answer = PolicyDecisionForm {
        number: version.to_string(),
        verdict: "approve".to_owned(),
        reason: String::new(),
        against: "1".to_owned(),
    };
    let other = plane.ctx_of("other.admin@example.com").await;
    policies::decide(&plane.cp, &other, &answer).await.unwrap();
}

async fn shown(plane: &Plane, cookie: &str) -> serde_json::Value {
    let call = Call::get("/api/v1/approvals/2").cookie(cookie).build();
    plane.send(call).await.json()
}

fn digest(shown: &serde_json::Value) -> String {
    shown["manifest_digest"].as_str().unwrap().to_owned()
}

fn scopes(shown: &serde_json::Value) -> String {
    let all = shown["diff"]["added_scopes"].as_array().unwrap().iter();
    all.map(|s| s.as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Presses "Approve deployment" on the page, without script.
async fn press(
    plane: &Plane,
    cookie: &str,
    shown: &serde_json::Value,
    reason: &str,
    password: &str,
) -> Answer {
    let fields = [
        ("number", "2"),
        ("verdict", "approve"),
        ("manifest_digest", &digest(shown)),
        ("accepted_scopes", &scopes(shown)),
        ("reason", reason),
        ("password", password),
    ];
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(&format!("form[{name}]"), value);
    }
    let call = Call::post("/rpc/approvals/decide")
        .own()
        .cookie(cookie)
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/approvals/2")
        .form(&form.finish());
    plane.send(call).await
}

#[tokio::test]
async fn a_stale_sign_in_asks_for_the_password_and_keeps_what_was_typed() {
    let (test, plane) = asked(1).await;
    let cookie = plane.sign_in(APPROVER).await;
    let found = shown(&plane, &cookie).await;
    assert_eq!(found["sign_in_too_old"], json!(null));
    test.clock.advance(Duration::minutes(6));
    let reason = "Read </textarea><b>all</b> & agreed.";
    let kept = "Read &lt;/textarea&gt;&lt;b&gt;all&lt;/b&gt; &amp; agreed.";

    let answer = press(&plane, &cookie, &found, reason, "").await;
    assert_eq!(answer.status, StatusCode::OK);
    let html = answer.text();
    assert!(html.contains("sign-in of the last 5 minutes"), "says why");
    assert!(html.contains(kept), "keeps the text");
    assert!(
        html.contains(r#"name="form[password]""#),
        "asks for the password"
    );
    assert!(html.contains(" checked"), "keeps the tick");
    assert_eq!(test.approval(2).await, Some(ApprovalState::Open));

    let answer = press(&plane, &cookie, &found, reason, "not the password").await;
    let html = answer.text();
    assert!(html.contains("the password is wrong") && html.contains(kept));
    assert!(!html.contains("not the password"), "never sent back");
    assert_eq!(test.approval(2).await, Some(ApprovalState::Open));

    let answer = press(&plane, &cookie, &found, reason, PASSWORD).await;
    assert!(answer.status.is_redirection(), "{}", answer.text());
    assert!(answer.header("location").contains("notice=approved"));
    assert_eq!(test.approval(2).await, Some(ApprovalState::Approved));
    // The session knows it: the next reading is not asked for a password.
    assert_eq!(shown(&plane, &cookie).await["sign_in_too_old"], json!(null));
    assert_eq!(test.count_events("sign_in_confirmed").await, 1);
    test.settle().await;
    test.finish().await;
}

#[tokio::test]
async fn the_api_asks_for_the_same_and_a_token_never_decides() {
    let (test, plane) = asked(1).await;
    let cookie = plane.sign_in(APPROVER).await;
    let found = shown(&plane, &cookie).await;
    let body = json!({ "verdict": "approve", "manifest_digest": digest(&found), "accepted_scopes": scopes(&found) });
    let path = "/api/v1/approvals/2/decisions";
    let token = plane.token(APPROVER, "read write").await;
    let refused = plane.send(Call::post(path).token(&token).json(&body)).await;
    refused.is_problem(403, "forbidden");
    test.clock.advance(Duration::minutes(6));
    let late = plane
        .send(Call::post(path).own().cookie(&cookie).json(&body))
        .await;
    late.is_problem(403, "sign_in_too_old");
    assert_eq!(late.json()["minutes"], 5);
    let again = plane.sign_in(APPROVER).await;
    let done = plane
        .send(Call::post(path).own().cookie(&again).json(&body))
        .await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text());
    assert_eq!(done.json()["state"], "approved");
    test.settle().await;
    test.finish().await;
}

#[tokio::test]
async fn quorum_2_takes_two_people_and_a_repeated_click_decides_once() {
    let (test, plane) = asked(2).await;
    let (one, two) = (
        plane.sign_in(APPROVER).await,
        plane.sign_in("second@example.com").await,
    );
    let found = shown(&plane, &one).await;
    let first = press(&plane, &one, &found, "", "").await;
    assert!(
        first.header("location").contains("notice=recorded"),
        "{}",
        first.text()
    );
    // Back, and the same button again.
    let again = press(&plane, &one, &found, "", "").await;
    assert!(
        again.header("location").contains("__err="),
        "{}",
        again.header("location")
    );
    assert_eq!(test.count_events("approval_decided").await, 1);
    assert_eq!(test.approval(2).await, Some(ApprovalState::Open));
    let last = press(&plane, &two, &found, "", "").await;
    assert!(
        last.header("location").contains("notice=approved"),
        "{}",
        last.text()
    );
    assert_eq!(test.count_events("approval_decided").await, 2);
    test.settle().await;
    test.finish().await;
}

#[tokio::test]
async fn why_comments_and_taking_back_are_operations_of_the_api() {
    let (test, plane) = asked(1).await;
    plane.add("ops@example.com", "operator").await;
    let token = plane.token("ops@example.com", "read write").await;
    let get = |path: &str| Call::get(path).token(&token).build();
    let why = plane
        .send(get("/api/v1/deployments/2/conditions"))
        .await
        .json();
    assert_eq!(why["title"], "Before this can go live");
    assert!(why["open"].as_u64().unwrap() >= 1);
    let open = why["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["met"] == json!(false));
    assert!(!open.unwrap()["remedy"].as_str().unwrap().is_empty());
    let post = |path: &str| {
        Call::post(path)
            .token(&token)
            .json(&json!({ "reason": "Superseded by another plan." }))
    };
    let commented = plane.send(post("/api/v1/approvals/2/comments")).await;
    assert_eq!(
        commented.status,
        StatusCode::CREATED,
        "{}",
        commented.text()
    );
    plane
        .send(post("/api/v1/approvals/2/revoke"))
        .await
        .is_problem(409, "conflict");
    let withdrawn = plane.send(post("/api/v1/approvals/2/withdraw")).await;
    assert_eq!(
        withdrawn.status,
        StatusCode::ACCEPTED,
        "{}",
        withdrawn.text()
    );
    let list = plane
        .send(get("/api/v1/approvals?state=withdrawn"))
        .await
        .json();
    assert_eq!(list["decided"][0]["number"], 2);
    test.settle().await;
    test.finish().await;
}

#[tokio::test]
async fn groups_and_stand_ins_are_kept_on_the_settings_page() {
    let (test, plane) = asked(1).await;
    let cookie = plane.sign_in(ADMIN).await;
    let post = async |cookie: &str, path: &str, form: &str| {
        let call = Call::post(path)
            .own()
            .cookie(cookie)
            .header("accept", "text/html")
            .form(form);
        plane.send(call).await.header("location").to_owned()
    };
    let made = post(
        &cookie,
        "/rpc/groups/create",
        "form%5Bslug%5D=security&form%5Bname%5D=Security",
    )
    .await;
    assert!(made.contains("notice=group_created"), "{made}");
    let member = "form%5Bslug%5D=security&form%5Bemail%5D=approver%40example.com";
    let added = post(&cookie, "/rpc/groups/add", member).await;
    assert!(added.contains("notice=group_changed"), "{added}");
    let own = plane.sign_in(APPROVER).await;
    let until = "form%5Bemail%5D=admin%40example.com&form%5Buntil%5D=2026-03-10T09%3A00";
    let named = post(&own, "/rpc/stand-ins/name", until).await;
    assert!(named.contains("notice=stand_in_named"), "{named}");
    let page = plane
        .send(
            Call::get("/settings")
                .header("accept", "text/html")
                .cookie(&cookie)
                .build(),
        )
        .await;
    let html = page.text();
    assert!(html.contains("(approver@example.com)") && html.contains("admin for approver"));
    // Whoever stands in may decide now; as an administrator alone they may not.
    let found = shown(&plane, &cookie).await;
    assert_eq!(found["on_behalf_of"], "approver");
    test.finish().await;
}
