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
    let text = domain::policy::STANDARD.replace("quorum: 1", "quorum: 2");
    adopt(plane, text).await;
}

/// Puts a policy in force, by the first administrator and `other.admin@example.com`.
pub(crate) async fn adopt(plane: &Plane, text: String) {
    use control_plane::policies;
    use domain::form::policy::{PolicyDecisionForm, PolicyForm};
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
        password: String::new(),
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
    let fields = fields.map(|(name, value)| (format!("form[{name}]"), value));
    post(plane, cookie, "/rpc/approvals/decide", &fields).await
}

/// Sends a form as a browser without script does.
async fn post(plane: &Plane, cookie: &str, path: &str, fields: &[(String, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let call = Call::post(path)
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
async fn a_policy_asks_for_the_password_too_and_keeps_what_was_typed() {
    use domain::form::policy::PolicyForm;
    let (test, plane) = asked(1).await;
    let form = PolicyForm {
        text: domain::policy::STANDARD.replace("approval_hours: 72", "approval_hours: 24"),
        reason: "The auditors asked for it.".to_owned(),
    };
    let version = control_plane::policies::propose(&plane.cp, &plane.admin().await, &form).await;
    assert_eq!(version.unwrap(), 2);
    plane.add("other.admin@example.com", "administrator").await;
    let cookie = plane.sign_in("other.admin@example.com").await;
    let decide = async |verdict: &str, password: &str| {
        let fields = [
            ("form[number]".to_owned(), "2"),
            ("form[against]".to_owned(), "1"),
            ("form[verdict]".to_owned(), verdict),
            ("form[reason]".to_owned(), "Compared & agreed on both."),
            ("form[password]".to_owned(), password),
        ];
        post(&plane, &cookie, "/rpc/policies/decide", &fields).await
    };
    test.clock.advance(Duration::minutes(6));
    for verdict in ["approve", "reject"] {
        let html = decide(verdict, "").await.text();
        assert!(html.contains("sign-in of the last 5 minutes"), "says why");
        assert!(html.contains("Compared &amp; agreed on both."), "{verdict}");
        assert_eq!(html.matches(r#"name="form[password]""#).count(), 2);
    }
    let html = decide("approve", "not the password").await.text();
    assert!(html.contains("the password is wrong") && html.contains("Compared &amp; agreed"));
    assert!(!html.contains("not the password"), "never sent back");
    assert_eq!(test.count_events("policy_decided").await, 0);
    let done = decide("approve", PASSWORD).await;
    assert_eq!(done.header("location"), "/policies?notice=policy_active");
    // Somebody who was slower is told, though there is no form any more.
    let late = decide("approve", "").await.text();
    assert!(late.contains(r#"role="alert""#), "{late}");
    test.finish().await;
}

#[tokio::test]
async fn a_refused_break_glass_and_post_review_keep_what_was_typed() {
    let (test, plane) = asked(1).await;
    plane.add("ops@example.com", "operator").await;
    let cookie = plane.sign_in("ops@example.com").await;
    let digest = digest(&shown(&plane, &cookie).await);
    let press = async |digest: &str, incident: &str, password: &str| {
        let fields = [
            ("form[number]".to_owned(), "2"),
            ("form[manifest_digest]".to_owned(), digest),
            ("form[incident]".to_owned(), incident),
            ("form[reason]".to_owned(), "Customers wait & cannot pay."),
            ("password".to_owned(), password),
        ];
        post(&plane, &cookie, "/rpc/deployments/break-glass", &fields).await
    };
    let kept = |html: &str, digest: &str, incident: &str| {
        html.contains("Customers wait &amp; cannot pay.")
            && html.contains(&format!(r#"value="{digest}""#))
            && html.contains(&format!(r#"value="{incident}""#))
            && html.contains(r#"role="alert""#)
    };
    let html = press(&digest, "ftp://example.com/1", "").await.text();
    assert!(kept(&html, &digest, "ftp://example.com/1"), "{html}");
    let html = press("sha256:00", "INC-118", "").await.text();
    assert!(kept(&html, "sha256:00", "INC-118"), "{html}");
    test.clock.advance(Duration::minutes(6));
    let html = press(&digest, "INC-118", "").await.text();
    assert!(kept(&html, &digest, "INC-118"), "{html}");
    assert!(html.contains(r#"name="password""#) && html.contains("last 5 minutes"));
    let html = press(&digest, "INC-118", "not the password").await.text();
    assert!(kept(&html, &digest, "INC-118") && !html.contains("not the password"));
    assert_eq!(test.count_events("glass_broken").await, 0);
    let done = press(&digest, "INC-118", PASSWORD).await;
    assert!(
        done.header("location").contains("notice=glass_broken"),
        "{}",
        done.text()
    );
    test.settle().await;

    let reviewer = plane.sign_in(APPROVER).await;
    let fields = [
        ("form[number]".to_owned(), "1"),
        ("form[outcome]".to_owned(), "violation"),
        ("form[reason]".to_owned(), "short"),
    ];
    let html = post(&plane, &reviewer, "/rpc/post-reviews/close", &fields)
        .await
        .text();
    assert!(html.contains(">short</textarea>"), "{html}");
    assert!(html.contains(r#"value="violation" selected"#), "{html}");
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
async fn a_role_that_nobody_used_is_taken_away_by_a_session_and_by_no_token() {
    let (test, plane) = asked(1).await;
    plane.add("idle@example.com", "operator").await;
    test.clock.advance(Duration::days(31));
    let cookie = plane.sign_in(ADMIN).await;
    let list = Call::get("/api/v1/elevations").cookie(&cookie).build();
    let found = plane.send(list).await.json();
    let unused = found["unused"].as_array().unwrap();
    let idle = unused.iter().find(|grant| grant["person"] == "idle");
    let id = idle.unwrap()["id"].as_str().unwrap();
    let path = format!("/api/v1/roles/{id}/take-away");
    let body = json!({ "reason": "Nobody used it for a month." });
    let token = plane.token(ADMIN, "read write").await;
    let refused = plane
        .send(Call::post(&path).token(&token).json(&body))
        .await;
    refused.is_problem(403, "forbidden");
    let session = || Call::post(&path).own().cookie(&cookie);
    let silent = plane.send(session().json(&json!({}))).await;
    silent.is_problem(422, "invalid");
    let done = plane.send(session().json(&body)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert_eq!(test.count_events("role_taken_away").await, 1);
    plane
        .send(session().json(&body))
        .await
        .is_problem(404, "not_found");
    test.settle().await;
    test.finish().await;
}

#[tokio::test]
async fn groups_and_stand_ins_are_kept_on_the_settings_page() {
    let (test, plane) = asked(1).await;
    let cookie = plane.sign_in(ADMIN).await;
    let send = async |cookie: &str, path: &str, form: &str| {
        let call = Call::post(path)
            .own()
            .cookie(cookie)
            .header("accept", "text/html")
            .form(form);
        plane.send(call).await.header("location").to_owned()
    };
    let made = send(
        &cookie,
        "/rpc/groups/create",
        "form%5Bslug%5D=security&form%5Bname%5D=Security",
    )
    .await;
    assert!(made.contains("notice=group_created"), "{made}");
    let member = "form%5Bslug%5D=security&form%5Bemail%5D=approver%40example.com";
    let added = send(&cookie, "/rpc/groups/add", member).await;
    assert!(added.contains("notice=group_changed"), "{added}");
    let own = plane.sign_in(APPROVER).await;
    let until = "form%5Bemail%5D=admin%40example.com&form%5Buntil%5D=2026-03-10T09%3A00";
    let named = send(&own, "/rpc/stand-ins/name", until).await;
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
