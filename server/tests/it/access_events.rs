//! Reports of access events over HTTP: who may send them, what they come to, and what hostile ones come to.

use axum::http::StatusCode;
use control_plane::testing::TestPlane;
use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, Call, Plane};

const REPORT: &str = "/api/v1/access-events";
const OWN: &str = "/access/v1/events";

fn event(test: &TestPlane, id: &str) -> Value {
    json!({
        "id": id, "identity": "refund-assistant-2", "resource": "orders", "action": "read",
        "object": "order/<b>4711</b>", "allowed": true, "occurred_at": test.now().to_rfc3339(),
        "agent": "somebody-else", "deployment": 4471,
    })
}

async fn send(plane: &Plane, token: &str, body: &Value) -> Answer {
    plane.send(Call::post(REPORT).token(token).json(body)).await
}

#[tokio::test]
async fn a_report_becomes_lines_of_the_agent_and_of_the_resource() {
    let (test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "access").await;
    let body = json!({ "events": [event(&test, "e1"), { "id": "e2" }, event(&test, "e1")] });
    let answer = send(&plane, &token, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let receipt = answer.json();
    assert_eq!(
        (&receipt["accepted"], &receipt["known"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(receipt["rejected"][0]["index"], 1);
    assert_eq!(receipt["rejected"][0]["code"], "missing");

    let cookie = plane.sign_in(ADMIN).await;
    let listed = plane.send(Call::get(REPORT).cookie(&cookie).build()).await;
    let line = listed.json()["rows"][0].clone();
    assert_eq!(line["agent"], "refund-assistant");
    assert_eq!(
        (&line["deployment"], &line["approval"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(line["reporter"], "test");
    for page in ["/agents/refund-assistant/access", "/resources/orders"] {
        let page = plane.send(Call::get(page).cookie(&cookie).build()).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let text = page.text();
        assert!(text.contains("order/&lt;b&gt;4711"), "{text}");
        assert!(text.contains("/approvals/2"), "{text}");
        assert!(!text.contains("<b>4711") && !text.contains("somebody-else"));
    }
    let identity = Call::get("/identities/refund-assistant-2").cookie(&cookie);
    let identity = plane.send(identity.build()).await.text();
    assert!(identity.contains("Last used"), "{identity}");
    test.finish().await;
}

#[tokio::test]
async fn only_a_token_for_it_reports_and_an_agents_door_takes_agents_alone() {
    let (test, plane) = Plane::live().await;
    let cookie = plane.sign_in(ADMIN).await;
    let body = json!({ "events": [event(&test, "e1")] });
    for scopes in ["read", "read write"] {
        let token = plane.token(ADMIN, scopes).await;
        let answer = send(&plane, &token, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    }
    let by_cookie = Call::post(REPORT).own().cookie(&cookie).json(&body);
    assert_eq!(plane.send(by_cookie).await.status, StatusCode::FORBIDDEN);
    let access = plane.token(ADMIN, "access").await;
    for call in [
        Call::post(OWN),
        Call::post(OWN).cookie(&cookie),
        Call::post(OWN).token(&access),
        Call::post(OWN).token("x.y.z"),
        Call::post(REPORT).own(),
        Call::post(REPORT).token("x.y.z"),
    ] {
        let answer = plane.send(call.json(&body)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
    }
    // It reads nothing either.
    let reads = plane.send(Call::get(REPORT).token(&access).build()).await;
    assert_eq!(reads.status, StatusCode::FORBIDDEN, "{}", reads.text());
    test.finish().await;
}

#[tokio::test]
async fn a_report_that_is_no_report_or_too_large_is_refused_whole() {
    let (test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "access").await;
    for odd in [json!([]), json!({}), json!({ "events": 7 })] {
        let answer = send(&plane, &token, &odd).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    }
    let many = json!({ "events": vec![json!({}); 501] });
    send(&plane, &token, &many)
        .await
        .is_problem(413, "too_many_events");
    let large = json!({ "events": [{ "id": "x".repeat(300_000) }] });
    let answer = send(&plane, &token, &large).await;
    assert_eq!(
        answer.status,
        StatusCode::PAYLOAD_TOO_LARGE,
        "{}",
        answer.text()
    );
    let listed = plane.get(REPORT).await;
    assert_eq!(listed.status, StatusCode::UNAUTHORIZED);
    test.finish().await;
}
