//! Other sites cannot act with a visitor's cookie.

use axum::http::StatusCode;
use control_plane::people;

use crate::support::{ADMIN, Call, Plane};

const TEAM: &str = "form%5Bslug%5D=care&form%5Bname%5D=Care";

async fn teams(plane: &Plane) -> usize {
    people::teams(&plane.cp, &plane.admin().await)
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_server_function_called_by_another_site_changes_nothing() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let before = teams(&plane).await;
    let post = || Call::post("/rpc/teams/create").cookie(&cookie);
    for call in [
        post(),
        post().header("sec-fetch-site", "cross-site"),
        post().header("sec-fetch-site", "same-site"),
        post().header("origin", "https://evil.example"),
        post().header("origin", "null"),
        post().header("referer", "http://127.0.0.1:3000/settings"),
        post()
            .header("sec-fetch-site", "cross-site")
            .header("origin", "http://127.0.0.1:3000"),
    ] {
        plane
            .send(call.form(TEAM))
            .await
            .is_problem(403, "cross_site");
    }
    assert_eq!(teams(&plane).await, before);
    let own = plane
        .send(post().header("origin", "http://127.0.0.1:3000").form(TEAM))
        .await;
    assert!(
        own.status.is_success() || own.status.is_redirection(),
        "{} {}",
        own.status,
        own.text()
    );
    assert_eq!(teams(&plane).await, before + 1);
}

#[tokio::test]
async fn a_server_function_that_changes_something_is_no_get() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let before = teams(&plane).await;
    let answer = plane
        .send(
            Call::get(&format!("/rpc/teams/create?{TEAM}"))
                .cookie(&cookie)
                .build(),
        )
        .await;
    assert!(answer.status.is_client_error());
    assert_eq!(teams(&plane).await, before);
}

#[tokio::test]
async fn forms_of_the_session_are_protected_too() {
    let plane = Plane::new().await;
    for path in [
        "/sign-in",
        "/sign-out",
        "/first-run",
        "/theme",
        "/density",
        "/keys",
    ] {
        plane
            .send(
                Call::post(path)
                    .header("sec-fetch-site", "cross-site")
                    .form("theme=dark"),
            )
            .await
            .is_problem(403, "cross_site");
    }
}

#[tokio::test]
async fn the_api_by_cookie_is_protected_and_by_token_needs_no_proof() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let body = serde_json::json!({ "slug": "acme", "name": "Acme", "kind": "github" });
    plane
        .send(
            Call::post("/api/v1/connections")
                .cookie(&cookie)
                .json(&body),
        )
        .await
        .is_problem(403, "cross_site");
    let own = plane
        .send(
            Call::post("/api/v1/connections")
                .own()
                .cookie(&cookie)
                .json(&body),
        )
        .await;
    assert_eq!(own.status, StatusCode::CREATED, "{}", own.text());
    let token = plane.token(ADMIN, "read").await;
    let read = plane
        .send(Call::get("/api/v1/connections").token(&token).build())
        .await;
    assert_eq!(read.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_token_beside_a_good_cookie_is_nobody() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let call = |header: &str| {
        Call::get("/api/v1/agents")
            .cookie(&cookie)
            .header("authorization", header)
            .build()
    };
    for header in ["Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer", ""] {
        plane
            .send(call(header))
            .await
            .is_problem(401, "unauthenticated");
    }
}
