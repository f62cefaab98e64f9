//! Pages read and forms work without script.

use axum::http::StatusCode;

use crate::support::{ADMIN, Call, Plane};

const PAGES: &[&str] = &[
    "/",
    "/agents",
    "/agents/new",
    "/deployments",
    "/approvals",
    "/audit",
    "/audit?q=approved&team=care&from=2026-01-01&outcome=done",
    "/find",
    "/find?id=refund-assistant",
    "/compliance",
    "/compliance/soc2",
    "/compliance/packages",
    "/compliance/schedules",
    "/connections",
    "/engines",
    "/engines/coverage",
    "/findings",
    "/incidents",
    "/policies",
    "/policies/1",
    "/policies/new",
    "/notifications",
    "/policies/calendar",
    "/waivers",
    "/settings",
    "/settings/sessions",
    "/settings/tokens",
    "/settings/service-accounts",
    "/settings/legal-holds",
    "/help",
    "/help/audit-log",
    "/keyboard",
    "/performance",
    "/registry/comparison",
    "/registry/similar",
    "/reviews",
    "/search",
    "/search?q=refund",
    "/scopes",
    "/scopes?q=crm",
    "/identities?state=usable&scope=crm:read",
    "/deployments?mark=rollback_ready&passed=hallucination",
    "/segregation",
    "/agents?as_of=2030-01-01",
    "/agents?team=care&team=sales&risk=unknown&sort=-name",
    "/suites/check",
    "/tools",
    "/tools?kind=server",
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

/// Parts of a page that stand in the queue for a connection while nobody asks them would keep those before them waiting.
#[tokio::test]
async fn many_pages_at_once_do_not_wait_for_each_other() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let all = PAGES.iter().cycle().take(3 * PAGES.len());
    let answers = all.map(|path| plane.send(page(path, &cookie)));
    for answer in futures::future::join_all(answers).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
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

/// What one build can tell: it has the page of the components if and only if it is a build for development, and what has no such page
/// answers as at any address where nothing is. Whoever is signed in sees it.
#[tokio::test]
async fn components_are_shown_by_development_builds_alone() {
    let plane = Plane::new().await;
    let stranger = plane.send(page("/styleguide", "")).await;
    let nothing = plane.send(page("/no-such-page", "")).await;
    let cookie = plane.sign_in(ADMIN).await;
    let shown = plane.send(page("/styleguide", &cookie)).await;
    let routed = server::http::page_paths().contains(&"/styleguide");
    assert_eq!(routed, cfg!(debug_assertions));
    if cfg!(debug_assertions) {
        assert!(stranger.status.is_redirection(), "{}", stranger.status);
        assert_eq!(shown.status, StatusCode::OK);
        assert!(shown.text().contains("Components and states"));
    } else {
        assert_eq!(stranger.status, nothing.status);
        assert_eq!(shown.status, StatusCode::NOT_FOUND);
        assert!(!shown.text().contains("Components and states"));
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

#[tokio::test]
async fn a_secret_is_on_the_page_that_answers_and_nowhere_else() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for (path, form, shown_on, begins) in [
        (
            "/rpc/connections/create",
            "form%5Bslug%5D=acme&form%5Bname%5D=Acme&form%5Bkind%5D=github&form%5Bsecret_reference%5D=",
            "/connections",
            "Its webhook secret is shown once",
        ),
        (
            "/rpc/tokens/create",
            "form%5Bname%5D=ci&form%5Bscopes%5D=read&form%5Bdays%5D=1",
            "/settings/tokens",
            "is shown once, now",
        ),
    ] {
        let post = Call::post(path)
            .own()
            .cookie(&cookie)
            .header("accept", "text/html")
            .header("referer", "http://127.0.0.1:3000/somewhere");
        let answer = plane.send(post.form(form)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-location"), shown_on);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.text().contains(begins), "{path} shows no secret");
        let later = plane.send(page(shown_on, &cookie)).await;
        assert_eq!(later.status, StatusCode::OK);
        assert!(!later.text().contains(begins), "{shown_on} shows it again");
    }
}

#[tokio::test]
async fn a_policy_is_proposed_and_decided_without_script_and_a_wrong_one_says_where() {
    let plane = Plane::new().await;
    plane.add("approver@example.com", "approver").await;
    let cookie = plane.sign_in(ADMIN).await;
    let propose = |quorum: &str| {
        let text = domain::policy::STANDARD.replace("quorum: 1", &format!("quorum: {quorum}"));
        let encoded: String = text.bytes().map(|b| format!("%{b:02X}")).collect();
        let body = format!("form%5Btext%5D={encoded}&form%5Breason%5D=Because+it+must+be");
        Call::post("/rpc/policies/propose")
            .own()
            .cookie(&cookie)
            .header("accept", "text/html")
            .header("referer", "http://127.0.0.1:3000/policies/new")
            .form(&body)
    };
    let wrong = plane.send(propose("0")).await;
    assert_eq!(wrong.status, StatusCode::OK, "{}", wrong.text());
    assert!(
        wrong
            .text()
            .contains("column 11: Write a whole number from 1 to 10.")
    );
    assert!(wrong.text().contains("quorum: 0"), "what was typed is lost");
    let proposed = plane.send(propose("1")).await;
    assert_eq!(
        proposed.header("location"),
        "/policies/2",
        "{}",
        proposed.text()
    );
    let own = plane.send(page("/policies/2", &cookie)).await.text();
    assert!(own.contains("another administrator decides") && !own.contains("Approve policy"));

    plane.add("second@example.com", "administrator").await;
    let second = plane.sign_in("second@example.com").await;
    assert!(
        plane
            .send(page("/policies/2", &second))
            .await
            .text()
            .contains("Approve policy")
    );
    let decided = plane
        .send(
            Call::post("/rpc/policies/decide")
                .own()
                .cookie(&second)
                .header("accept", "text/html")
                .form("form%5Bnumber%5D=2&form%5Bagainst%5D=1&form%5Bverdict%5D=approve"),
        )
        .await;
    assert_eq!(decided.header("location"), "/policies?notice=policy_active");
    let list = plane.send(page("/policies", &second)).await.text();
    assert!(list.contains("Superseded") && list.contains("standard v2"));
}

#[tokio::test]
async fn a_period_that_cannot_be_read_is_said_at_its_field_and_never_another_one() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for path in [
        "/compliance",
        "/compliance/soc2",
        "/segregation",
        "/performance",
    ] {
        let answer = plane
            .send(page(&format!("{path}?from=soon"), &cookie))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let html = answer.text();
        assert!(html.contains("href=\"#f-period-from\""), "{path}");
        assert!(
            html.contains("value=\"soon\""),
            "{path} forgot what was typed"
        );
        let api = Call::get(&format!("/api/v1{path}?to=2001-01-01&from=2002-01-01"));
        let api = plane.send(api.cookie(&cookie).build()).await;
        api.is_problem(422, "invalid");
    }
}

#[tokio::test]
async fn a_chapter_that_is_none_is_not_found_inside_of_the_frame() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let answer = plane.send(page("/help/nothing", &cookie)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.text().matches("<main").count(), 1);
}
