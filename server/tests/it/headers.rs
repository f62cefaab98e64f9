//! Every answer carries the headers that keep browsers strict.

use axum::http::{Method, StatusCode};

use crate::support::{ADMIN, Call, Plane};

const EVERYWHERE: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

#[tokio::test]
async fn all_answers_carry_them_errors_too() {
    let plane = Plane::new().await;
    let paths = [
        "/",
        "/sign-in",
        "/agents",
        "/no/such/page",
        "/health/live",
        "/api/v1/agents",
        "/pkg/none.js",
        "/log/v1/checkpoint",
        "/rpc/none",
    ];
    for path in paths {
        let answer = plane
            .send(Call::get(path).header("accept", "text/html").build())
            .await;
        for (name, value) in EVERYWHERE {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "{path}: plain http promises nothing"
        );
    }
}

#[tokio::test]
async fn a_page_names_the_nonce_of_its_scripts() {
    let plane = Plane::new().await;
    let first = plane
        .send(Call::get("/sign-in").header("accept", "text/html").build())
        .await;
    assert_eq!(first.status, StatusCode::OK);
    let policy = first.header("content-security-policy");
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .expect("a nonce");
    assert!(policy.contains("'strict-dynamic'") && policy.contains("'wasm-unsafe-eval'"));
    let html = first.text();
    for script in html.match_indices("<script").map(|(at, _)| &html[at..]) {
        let tag = &script[..script.find('>').unwrap()];
        assert!(
            tag.contains(&format!("nonce=\"{nonce}\"")),
            "a script without the nonce: {tag}"
        );
    }
    let second = plane
        .send(Call::get("/sign-in").header("accept", "text/html").build())
        .await;
    assert!(
        !second.header("content-security-policy").contains(nonce),
        "a nonce came twice"
    );
}

#[tokio::test]
async fn https_is_insisted_on_where_it_is_used() {
    let plane = Plane::empty(&[("CLEARANCE_BASE_URL", "https://clearance.example.com")]).await;
    let answer = plane.get("/health/live").await;
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
}

#[tokio::test]
async fn a_local_server_answers_only_to_local_names() {
    let plane = Plane::new().await;
    let request = axum::http::Request::builder()
        .uri("/sign-in")
        .header("host", "rebound.evil.example")
        .body(axum::body::Body::empty());
    plane
        .send(request.unwrap())
        .await
        .is_problem(421, "wrong_host");
}

#[tokio::test]
async fn unknown_addresses_are_not_found() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let page = plane
        .send(
            Call::get("/no/such/page")
                .header("accept", "text/html")
                .cookie(&cookie)
                .build(),
        )
        .await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    plane.get("/api/v1/none").await.is_problem(404, "not_found");
    plane
        .send(Call::new(Method::DELETE, "/health/live").build())
        .await
        .is_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn health_and_readiness_answer() {
    let plane = Plane::new().await;
    assert_eq!(plane.get("/health/live").await.json()["status"], "live");
    assert_eq!(plane.get("/health/ready").await.json()["status"], "ready");
}

#[tokio::test]
async fn a_form_larger_than_any_form_is_refused() {
    let plane = Plane::new().await;
    let form = format!("email={}", "a".repeat(300_000));
    plane
        .send(
            Call::post("/sign-in")
                .own()
                .header("content-length", "300006")
                .form(&form),
        )
        .await
        .is_problem(413, "too_large");
}
