//! Pages read and forms work without script.

use axum::http::StatusCode;

use crate::support::{ADMIN, Call, Plane};

const PAGES: [&str; 8] = [
    "/",
    "/agents",
    "/agents/new",
    "/deployments",
    "/approvals",
    "/audit",
    "/connections",
    "/settings",
];

fn page(path: &str, cookie: &str) -> axum::http::Request<axum::body::Body> {
    Call::get(path)
        .header("accept", "text/html")
        .cookie(cookie)
        .build()
}

#[tokio::test]
async fn every_page_is_whole_on_arrival() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for path in PAGES {
        let answer = plane.send(page(path, &cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let html = answer.text();
        assert!(html.contains("<h1"), "{path} has no heading");
        assert!(html.contains("</html>"), "{path} ends early");
    }
}

#[tokio::test]
async fn a_visitor_is_sent_to_sign_in_and_on_to_the_page() {
    let plane = Plane::new().await;
    let answer = plane
        .send(Call::get("/agents").header("accept", "text/html").build())
        .await;
    assert!(answer.status.is_redirection(), "{}", answer.status);
    assert!(
        answer.header("location").starts_with("/sign-in"),
        "{}",
        answer.header("location")
    );
}

#[tokio::test]
async fn things_that_are_not_there_are_404() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for path in [
        "/agents/none",
        "/deployments/999",
        "/deployments/x",
        "/approvals/999",
        "/audit/999999",
    ] {
        assert_eq!(
            plane.send(page(path, &cookie)).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_form_without_script_returns_to_its_page_and_nowhere_else() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let post = |referer: &str| {
        Call::post("/rpc/teams/create")
            .own()
            .cookie(&cookie)
            .header("accept", "text/html")
            .header("referer", referer)
            .form("form%5Bslug%5D=&form%5Bname%5D=")
    };
    let answer = plane.send(post("http://127.0.0.1:3000/settings")).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text());
    assert!(
        answer.header("location").starts_with("/settings?"),
        "{}",
        answer.header("location")
    );
    let shown = plane.send(page(answer.header("location"), &cookie)).await;
    assert!(
        shown.text().contains("role=\"alert\""),
        "the error is not shown"
    );
    for hostile in [
        "https://evil.example/settings",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let answer = plane.send(post(hostile)).await;
        let to = answer.header("location");
        assert!(
            to.starts_with('/') && !to.starts_with("//") && !to.contains("evil"),
            "{to}"
        );
    }
}
