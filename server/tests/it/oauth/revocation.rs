//! One token is ended by the agent that has it (RFC 7009).

use axum::http::StatusCode;
use serde_json::json;

use super::agent::{LIVE, Stage};
use crate::support::{ADMIN, Call};

const OTHER: &str = "refund-assistant-1";

#[tokio::test]
async fn a_revoked_token_is_dead_at_once_and_the_others_live() {
    let stage = Stage::new().await;
    let (one, two) = (stage.token(LIVE, "a").await, stage.token(LIVE, "b").await);
    assert_eq!(stage.introspected(&one, "c").await["active"], true);
    for jti in ["d", "e"] {
        let fields = [
            ("token", one.as_str()),
            ("token_type_hint", "refresh_token"),
        ];
        let answer = stage.ask("/oauth/revoke", LIVE, jti, &fields).await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, String::new())
        );
    }
    assert_eq!(
        stage.introspected(&one, "f").await,
        json!({ "active": false })
    );
    assert_eq!(stage.introspected(&two, "g").await["active"], true);
    for (token, status) in [(&one, StatusCode::UNAUTHORIZED), (&two, StatusCode::OK)] {
        let spans = Call::post("/otlp/v1/traces").token(token);
        let answer = stage.plane.send(spans.json(&json!({}))).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    assert_eq!(stage.test.count_events("access_token_revoked").await, 1);
    stage.test.finish().await;
}

#[tokio::test]
async fn nobody_revokes_the_token_of_another_and_what_is_no_token_is_no_error() {
    let stage = Stage::new().await;
    let token = stage.token(LIVE, "a").await;
    let answer = stage
        .ask("/oauth/revoke", OTHER, "b", &[("token", &token)])
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"], "unauthorized_client");
    let person = stage.plane.token(ADMIN, "write").await;
    let by_person = Call::post("/oauth/revoke").token(&person);
    let answer = stage
        .plane
        .send(by_person.form(&format!("token={token}")))
        .await;
    assert_eq!(answer.json()["error"], "invalid_request");
    assert_eq!(stage.introspected(&token, "c").await["active"], true);
    for (jti, text) in [
        ("d", "x.y.z"),
        ("e", "clr_00"),
        ("f", &token[..token.len() - 2]),
    ] {
        let answer = stage
            .ask("/oauth/revoke", LIVE, jti, &[("token", text)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{text}");
    }
    let nothing = stage.ask("/oauth/revoke", LIVE, "g", &[]).await;
    assert_eq!(nothing.json()["error"], "invalid_request");
    assert_eq!(stage.test.count_events("access_token_revoked").await, 0);
    stage.test.finish().await;
}
