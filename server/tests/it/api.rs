//! The API: problems in one form, tokens within their bounds, and answers that can be asked for again.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{ADMIN, Call, Plane};

#[tokio::test]
async fn what_cannot_be_read_is_a_problem() {
    let plane = Plane::new().await;
    let token = plane.token(ADMIN, "read write").await;
    let post = || Call::post("/api/v1/agents").token(&token);
    plane
        .send(post().header("content-type", "application/json").body("{"))
        .await
        .is_problem(400, "bad_request");
    plane
        .send(post().form("slug=x"))
        .await
        .is_problem(415, "unsupported_media_type");
    plane
        .send(Call::get("/api/v1/agents?limit=many").token(&token).build())
        .await
        .is_problem(400, "bad_request");
    plane
        .send(Call::get("/api/v1/deployments/x").token(&token).build())
        .await
        .is_problem(404, "not_found");
    let invalid = plane.send(post().json(&json!({ "slug": "!" }))).await;
    invalid.is_problem(422, "invalid");
    assert!(
        invalid.json()["fields"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["field"] == "slug" && f["problem"] == "bad_slug")
    );
}

#[tokio::test]
async fn a_token_never_decides_and_never_administers() {
    let plane = Plane::new().await;
    let token = plane.token(ADMIN, "read write").await;
    let body = json!({ "slug": "acme", "name": "Acme", "kind": "github" });
    plane
        .send(Call::post("/api/v1/connections").token(&token).json(&body))
        .await
        .is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_token_shrinks_to_its_scopes() {
    let plane = Plane::new().await;
    plane.connection("acme", "github").await;
    let token = plane.token(ADMIN, "read").await;
    assert_eq!(
        plane
            .send(Call::get("/api/v1/agents").token(&token).build())
            .await
            .status,
        StatusCode::OK
    );
    let body = json!({ "slug": "bot", "team": "care", "connection": "acme", "repository": "https://github.com/acme/bots" });
    let answer = plane
        .send(Call::post("/api/v1/agents").token(&token).json(&body))
        .await;
    assert!(
        answer.status == StatusCode::FORBIDDEN || answer.status == StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_another_request_a_conflict() {
    let plane = Plane::new().await;
    plane.connection("acme", "github").await;
    plane.team("care").await;
    let token = plane.token(ADMIN, "read write").await;
    let body = json!({ "slug": "bot", "team": "care", "connection": "acme", "repository": "https://github.com/acme/bots" });
    let post = |key: &str, body| {
        Call::post("/api/v1/agents")
            .token(&token)
            .header("idempotency-key", key)
            .json(body)
    };
    let first = plane.send(post("k1", &body)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let again = plane.send(post("k1", &body)).await;
    assert_eq!((again.status, again.text()), (first.status, first.text()));
    let other = json!({ "slug": "other", "team": "care", "connection": "acme", "repository": "https://github.com/acme/bots" });
    plane
        .send(post("k1", &other))
        .await
        .is_problem(409, "conflict");
    plane
        .send(post("k2", &body))
        .await
        .is_problem(422, "invalid");
    plane
        .send(post(&"k".repeat(300), &body))
        .await
        .is_problem(400, "bad_request");
}

#[tokio::test]
async fn the_description_is_complete() {
    let plane = Plane::new().await;
    let answer = plane.get("/api/v1/openapi.json").await;
    let document = answer.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = answer.text();
    for reference in text
        .split("\"#/components/schemas/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(
            document["components"]["schemas"].get(reference).is_some(),
            "no schema {reference}"
        );
    }
}
