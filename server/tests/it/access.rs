//! The Authorization API of OpenID AuthZEN over HTTP: its shapes, its errors, and what hostile questions come to.

use axum::http::{Method, Request, StatusCode};
use control_plane::testing::TestPlane;
use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, Call, Plane};

const ONE: &str = "/access/v1/evaluation";
const MANY: &str = "/access/v1/evaluations";
const CLIENT: &str = "refund-assistant-2";

/// A server whose agent is live in production as #2, and a token that may ask.
async fn live() -> (TestPlane, Plane, String) {
    let (test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "access").await;
    (test, plane, token)
}

async fn ask(plane: &Plane, token: &str, path: &str, question: &Value) -> Answer {
    plane
        .send(Call::post(path).token(token).json(question))
        .await
}

fn question(resource: &str, action: &str) -> Value {
    json!({
        "subject": { "type": "agent", "id": CLIENT },
        "resource": { "type": "resource", "id": resource },
        "action": { "name": action },
    })
}

#[tokio::test]
async fn the_metadata_names_the_endpoints() {
    let plane = Plane::new().await;
    let answer = plane.get("/.well-known/authzen-configuration").await.json();
    let base = &plane.config.base_url;
    assert_eq!(answer["policy_decision_point"], *base);
    assert_eq!(answer["access_evaluation_endpoint"], format!("{base}{ONE}"));
    assert_eq!(
        answer["access_evaluations_endpoint"],
        format!("{base}{MANY}")
    );
}

#[tokio::test]
async fn a_decision_names_its_reasons_the_deployment_and_the_approval() {
    let (test, plane, token) = live().await;
    let yes = ask(&plane, &token, ONE, &question("orders", "read")).await;
    assert_eq!(yes.status, StatusCode::OK, "{}", yes.text());
    assert_eq!(yes.header("cache-control"), "no-store");
    let yes = yes.json();
    assert_eq!(yes["decision"], true);
    assert_eq!(yes["context"]["reason"], "granted");
    assert_eq!(yes["context"]["agent"], "refund-assistant");
    assert_eq!(yes["context"]["version"], "2.3.0");
    assert_eq!(yes["context"]["deployment"], 2);
    assert_eq!(yes["context"]["approval"], 2);
    let no = ask(&plane, &token, ONE, &question("orders", "delete"))
        .await
        .json();
    assert_eq!(no["decision"], false);
    assert_eq!(no["context"]["reason"], "out_of_scope");
    assert!(no["context"]["reason_admin"]["en"].is_string());
    assert_eq!(
        no["context"]["reason_user"]["en"],
        "This agent may not do this."
    );
    // The same resource, named by its type; members that the standard does not name are left alone.
    let typed = json!({
        "subject": { "type": "identity", "id": CLIENT, "properties": { "ip": "203.0.113.7" } },
        "resource": { "type": "orders", "id": "order/4711" },
        "action": { "name": "read", "properties": { "method": "GET" } },
        "context": { "environment": "production", "time": "2026-01-01T00:00:00Z" },
        "whatever": [1, 2, 3],
    });
    assert_eq!(
        ask(&plane, &token, ONE, &typed).await.json()["decision"],
        true
    );
    let mut elsewhere = typed;
    elsewhere["context"]["environment"] = json!("non_prod");
    let elsewhere = ask(&plane, &token, ONE, &elsewhere).await.json();
    assert_eq!(elsewhere["decision"], false);
    assert_eq!(elsewhere["context"]["reason"], "other_environment");
    test.finish().await;
}

#[tokio::test]
async fn many_questions_share_what_they_have_in_common_and_stop_as_asked() {
    let (test, plane, token) = live().await;
    let batch = |semantic: &str| {
        json!({
            "subject": { "type": "agent", "id": CLIENT },
            "action": { "name": "read" },
            "options": { "evaluations_semantic": semantic },
            "evaluations": [
                { "resource": { "type": "orders", "id": "1" } },
                { "resource": { "type": "payroll", "id": "1" } },
                { "action": { "name": "write" }, "resource": { "type": "orders", "id": "2" } },
                { "resource": 7 },
                { "subject": { "type": "agent", "id": "nobody" }, "resource": { "type": "orders", "id": "1" } },
            ],
        })
    };
    for (semantic, expected) in [
        ("execute_all", vec![true, false, false, false, false]),
        ("deny_on_first_deny", vec![true, false]),
        ("permit_on_first_permit", vec![true]),
    ] {
        let answer = ask(&plane, &token, MANY, &batch(semantic)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let all = answer.json()["evaluations"].as_array().unwrap().clone();
        let decisions: Vec<bool> = all.iter().map(|one| one["decision"] == true).collect();
        assert_eq!(decisions, expected, "{semantic}");
        if let Some(unreadable) = all.get(3) {
            assert_eq!(unreadable["context"]["error"]["status"], 400);
            assert_eq!(unreadable["context"]["error"]["code"], "wrong_type");
        }
    }
    // Without questions of its own a batch is the single question.
    for body in [question("orders", "read"), {
        let mut empty = question("orders", "read");
        empty["evaluations"] = json!([]);
        empty
    }] {
        let answer = ask(&plane, &token, MANY, &body).await.json();
        assert_eq!(answer["decision"], true, "{answer}");
    }
    test.finish().await;
}

/// A question with one part in the place of another.
fn with(place: &str, value: Value) -> Value {
    let mut body = question("orders", "read");
    body[place] = value;
    body
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_named() {
    let plane = Plane::new().await;
    let token = plane.token(ADMIN, "access").await;
    let deep = (0..40).fold(json!("x"), |inner, _| json!([inner]));
    let agent = |id: Value| with("subject", json!({ "type": "agent", "id": id }));
    for (body, code) in [
        (json!([]), "not_json"),
        (json!("x"), "not_json"),
        (json!({}), "missing"),
        (with("subject", json!("x")), "wrong_type"),
        (with("subject", Value::Null), "wrong_type"),
        (with("subject", json!({ "type": "agent" })), "missing"),
        (agent(json!("")), "missing"),
        (agent(json!(7)), "wrong_type"),
        (agent(json!("x".repeat(201))), "too_long"),
        (with("action", json!({ "name": ["read"] })), "wrong_type"),
        (with("resource", json!({ "id": "1" })), "missing"),
        (with("context", json!("production")), "wrong_type"),
        (with("context", json!({ "environment": 1 })), "wrong_type"),
        (with("context", json!({ "deep": deep })), "too_deep"),
    ] {
        let answer = ask(&plane, &token, ONE, &body).await;
        answer.is_problem(400, code);
    }
    let many: Vec<Value> = (0..201).map(|_| question("orders", "read")).collect();
    let mut guess = with("evaluations", json!([{}]));
    guess["options"] = json!({ "evaluations_semantic": "guess" });
    for (body, code) in [
        (with("evaluations", json!({})), "wrong_type"),
        (with("evaluations", json!(many)), "too_many"),
        (guess, "unknown_semantic"),
    ] {
        let answer = ask(&plane, &token, MANY, &body).await;
        answer.is_problem(400, code);
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_is_refused() {
    let plane = Plane::new().await;
    let token = plane.token(ADMIN, "access").await;
    let raw = |body: Vec<u8>| -> Request<axum::body::Body> {
        let call = Call::new(Method::POST, ONE).token(&token);
        call.header("content-type", "application/json").body(body)
    };
    let nested = "[".repeat(100_000).into_bytes();
    for body in [b"{".to_vec(), vec![0xff, 0xfe], nested, Vec::new()] {
        plane.send(raw(body)).await.is_problem(400, "not_json");
    }
    let huge = plane.send(raw(vec![b' '; 300 * 1_024])).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    let text = Call::post(ONE).token(&token);
    let text = text.header("content-type", "text/plain").body("{}");
    let text = plane.send(text).await;
    assert_eq!(text.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn only_a_token_with_the_scope_asks_and_cookies_count_for_nothing() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let reader = plane.token(ADMIN, "read write").await;
    let body = question("orders", "read");
    for path in [ONE, MANY] {
        for (call, status) in [
            (Call::post(path), StatusCode::UNAUTHORIZED),
            (
                Call::post(path).own().cookie(&cookie),
                StatusCode::UNAUTHORIZED,
            ),
            (
                Call::post(path).token("clr_wrong"),
                StatusCode::UNAUTHORIZED,
            ),
            (Call::post(path).token(&reader), StatusCode::FORBIDDEN),
        ] {
            let answer = plane.send(call.json(&body)).await;
            assert_eq!(answer.status, status, "{}", answer.text());
        }
    }
    // It reads nothing else.
    let token = plane.token(ADMIN, "access").await;
    for path in ["/api/v1/agents", "/api/v1/audit", "/api/v1/deployments"] {
        let answer = plane.send(Call::get(path).token(&token).build()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn a_revoked_identity_is_denied_and_inactive_by_the_next_question() {
    let (test, plane, token) = live().await;
    let yes = ask(&plane, &token, ONE, &question("orders", "read")).await;
    assert_eq!(yes.json()["decision"], true);
    let cookie = plane.sign_in(ADMIN).await;
    let page = format!("/identities/{CLIENT}");
    let call = Call::get(&page)
        .header("accept", "text/html")
        .cookie(&cookie);
    let shown = plane.send(call.build()).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    for text in [
        "orders:read",
        "Revoke identity",
        "at most 5 minutes",
        "/approvals/2",
    ] {
        assert!(shown.text().contains(text), "{text}");
    }
    let form = format!("form%5Bclient_id%5D={CLIENT}&form%5Breason%5D=It+exports+records+at+night");
    let revoke = Call::post("/rpc/identities/revoke").own().cookie(&cookie);
    let revoke = revoke
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/");
    let revoked = plane.send(revoke.form(&form)).await;
    assert_eq!(
        revoked.header("location"),
        format!("{page}?notice=identity_revoked")
    );
    let no = ask(&plane, &token, ONE, &question("orders", "read"))
        .await
        .json();
    assert_eq!(no["decision"], false);
    assert_eq!(no["context"]["reason"], "unknown_subject");
    assert_eq!(no["context"].get("agent"), None);
    let shown = plane
        .send(
            Call::get(&page)
                .header("accept", "text/html")
                .cookie(&cookie)
                .build(),
        )
        .await;
    assert!(
        shown.text().contains("It cannot come back"),
        "{}",
        shown.text()
    );
    assert!(!shown.text().contains("Revoke identity"));
    let list = plane
        .send(
            Call::get("/identities?state=revoked")
                .header("accept", "text/html")
                .cookie(&cookie)
                .build(),
        )
        .await;
    assert!(list.text().contains(&page), "{}", list.text());
    test.settle().await;
    test.finish().await;
}
