//! Channels and choices over HTTP, without script: an address is taken and never given back.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::{ADMIN, Call, Plane};

const ADDRESS: &str = "https://140.82.112.3/T0/canary-5c1d";

fn page(path: &str, cookie: &str) -> axum::http::Request<axum::body::Body> {
    Call::get(path)
        .header("accept", "text/html")
        .cookie(cookie)
        .build()
}

fn post(
    path: &str,
    cookie: &str,
    fields: &[(&str, &str)],
) -> axum::http::Request<axum::body::Body> {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let value = value.replace(':', "%3A").replace('/', "%2F");
            format!("form%5B{name}%5D={value}")
        })
        .collect();
    Call::post(path)
        .own()
        .cookie(cookie)
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/notifications")
        .form(&body.join("&"))
}

#[tokio::test]
async fn a_channels_address_goes_in_and_never_comes_out() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let fields = [
        ("kind", "webhook"),
        ("name", "Desk"),
        ("address", ADDRESS),
        ("failed", "on"),
    ];
    let made = plane
        .send(post("/rpc/notifications/add-channel", &cookie, &fields))
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    assert!(made.text().contains("whsec_") && !made.text().contains("canary"));
    let later = plane.send(page("/notifications", &cookie)).await.text();
    assert!(later.contains("Desk") && !later.contains("whsec_") && !later.contains("canary"));
    let listed = plane
        .send(Call::get("/api/v1/channels").cookie(&cookie).build())
        .await;
    assert_eq!(listed.json()["channels"][0]["name"], "Desk");
    assert!(!listed.text().contains("canary"));
    let id = listed.json()["channels"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let tested = plane
        .send(post(
            "/rpc/notifications/test-channel",
            &cookie,
            &[("id", &id)],
        ))
        .await;
    assert_eq!(
        tested.header("location"),
        "/notifications?notice=channel_tested"
    );
    let messages = plane.send(page("/notifications", &cookie)).await.text();
    assert!(messages.contains("Test message for Desk") && messages.contains("Waiting"));
    let gone = Call::new(Method::DELETE, &format!("/api/v1/channels/{id}"))
        .own()
        .cookie(&cookie)
        .build();
    assert_eq!(plane.send(gone).await.status, StatusCode::NO_CONTENT);
    let none = plane.send(page("/notifications", &cookie)).await.text();
    assert!(none.contains("No channel yet") && none.contains("Test message for Desk"));
}

#[tokio::test]
async fn an_address_that_leads_inside_is_refused_at_its_field() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for address in [
        "https://169.254.169.254/canary",
        "http://140.82.112.3/canary",
        "env:HOME",
    ] {
        let fields = [
            ("kind", "slack"),
            ("name", "Desk"),
            ("address", address),
            ("failed", "on"),
        ];
        let refused = plane
            .send(post("/rpc/notifications/add-channel", &cookie, &fields))
            .await;
        assert_eq!(refused.status, StatusCode::FOUND, "{address}");
        let back = refused.header("location").to_owned();
        assert!(!back.contains("canary"), "{back}");
        let shown = plane.send(page(&back, &cookie)).await.text();
        assert!(shown.contains("public internet"), "{address}");
    }
    let token = plane.token(ADMIN, "read write").await;
    let body = json!({ "kind": "slack", "name": "x", "address": ADDRESS, "failed": "on" });
    let refused = Call::post("/api/v1/channels").token(&token).json(&body);
    plane.send(refused).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_person_chooses_what_they_hear() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let settings = plane.send(page("/settings", &cookie)).await.text();
    assert!(settings.contains("you have not chosen"));
    let chosen = plane
        .send(post(
            "/rpc/notifications/choose",
            &cookie,
            &[("live", "on")],
        ))
        .await;
    assert_eq!(
        chosen.header("location"),
        "/settings?notice=notifications_chosen"
    );
    let now = plane
        .send(Call::get("/api/v1/notifications").cookie(&cookie).build())
        .await;
    assert_eq!(now.json()["subjects"], json!(["live"]));
    assert_eq!(now.json()["chosen"], true);
}

#[tokio::test]
async fn failures_become_issues_where_an_administrator_says_so() {
    let plane = Plane::new().await;
    plane.connection("acme", "github").await;
    let cookie = plane.sign_in(ADMIN).await;
    let before = plane.send(page("/connections", &cookie)).await.text();
    assert!(before.contains("Switch on"));
    let fields = [("slug", "acme"), ("opens_issues", "on")];
    let changed = plane
        .send(post("/rpc/connections/change", &cookie, &fields))
        .await;
    assert_eq!(
        changed.header("location"),
        "/connections?notice=connection_changed"
    );
    let after = plane.send(page("/connections", &cookie)).await.text();
    assert!(after.contains("Switch off"));
}
