//! Spans come from agents alone: nobody else's credentials count.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{ADMIN, Call, Plane};

#[tokio::test]
async fn online_spans_are_taken_from_no_person_and_no_api_token() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let token = plane.token(ADMIN, "read").await;
    let path = "/otlp/v1/traces";
    let spans = json!({ "resourceSpans": [] });
    for call in [
        Call::post(path),
        Call::post(path).cookie(&cookie),
        Call::post(path).token(&token),
        Call::post(path).token("x.y.z"),
    ] {
        let answer = plane.send(call.json(&spans)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
    }
}
