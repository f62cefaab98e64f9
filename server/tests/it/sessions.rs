//! Sessions: made at sign-in, never before; ended at sign-out, at once and everywhere.

use axum::http::StatusCode;
use http_body_util::BodyExt as _;

use crate::support::{ADMIN, Call, PASSWORD, Plane};

#[tokio::test]
async fn the_cookie_is_strict() {
    let plane = Plane::new().await;
    let form = format!("email={ADMIN}&password={}", PASSWORD.replace(' ', "+"));
    let answer = plane.send(Call::post("/sign-in").own().form(&form)).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("clearance=")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax")
            && cookie.contains("Path=/")
    );
    assert!(!cookie.contains("Secure"), "plain http");
    let id = cookie
        .strip_prefix("clearance=")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    assert_eq!(id.len(), 22, "128 bits");
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let plane = Plane::empty(&[("CLEARANCE_BASE_URL", "https://clearance.example.com")]).await;
    let form = format!(
        "name=Ada&email={ADMIN}&password={}",
        PASSWORD.replace(' ', "+")
    );
    let answer = plane.send(Call::post("/first-run").own().form(&form)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-clearance=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    let own = answer.cookie().unwrap();
    let out = plane
        .send(Call::post("/sign-out").own().cookie(&own).build())
        .await;
    let forget = out.header("set-cookie");
    // A browser ignores a cookie of this name that is not secure, and with it the wish to forget it.
    assert!(forget.starts_with("__Host-clearance=;"), "{forget}");
    for attribute in ["Max-Age=0", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(forget.contains(&format!("; {attribute}")), "{forget}");
    }
}

#[tokio::test]
async fn strangers_and_programs_get_no_cookie() {
    let plane = Plane::new().await;
    for path in ["/sign-in", "/agents", "/nowhere", "/api/v1/agents"] {
        let call = Call::get(path).header("accept", "text/html").build();
        assert_eq!(plane.send(call).await.cookie(), None, "{path}");
    }
    let cookie = plane.sign_in(ADMIN).await;
    let token = plane.token(ADMIN, "read").await;
    for cookie in [&cookie, "clearance=AAAAAAAAAAAAAAAAAAAAAA"] {
        let call = Call::get("/api/v1/agents").cookie(cookie).token(&token);
        let answer = plane.send(call.build()).await;
        assert_eq!((answer.status, answer.cookie()), (StatusCode::OK, None));
    }
}

#[tokio::test]
async fn a_cookie_sent_twice_is_nobody() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for twice in [
        format!("{cookie}; clearance=AAAAAAAAAAAAAAAAAAAAAA"),
        format!("clearance=AAAAAAAAAAAAAAAAAAAAAA; {cookie}"),
    ] {
        plane
            .send(Call::get("/api/v1/agents").cookie(&twice).build())
            .await
            .is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_session_opens_and_sign_out_closes_it() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let agents = || Call::get("/api/v1/agents").cookie(&cookie).build();
    assert_eq!(plane.send(agents()).await.status, StatusCode::OK);
    let out = plane
        .send(Call::post("/sign-out").own().cookie(&cookie).build())
        .await;
    assert_eq!(
        (out.status, out.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in")
    );
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    plane
        .send(agents())
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_cookie_set_beforehand_is_never_taken_over() {
    let plane = Plane::new().await;
    // One that is an id of ours by its form, and one that is none.
    for planted in ["A".repeat(22), "a".repeat(64)] {
        let planted = format!("clearance={planted}");
        let form = format!("email={ADMIN}&password={}", PASSWORD.replace(' ', "+"));
        let answer = plane
            .send(Call::post("/sign-in").own().cookie(&planted).form(&form))
            .await;
        assert_ne!(answer.cookie().unwrap(), planted);
        plane
            .send(Call::get("/api/v1/agents").cookie(&planted).build())
            .await
            .is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let plane = Plane::new().await;
    let old = plane.sign_in(ADMIN).await;
    let form = format!("email={ADMIN}&password={}", PASSWORD.replace(' ', "+"));
    plane
        .send(Call::post("/sign-in").own().cookie(&old).form(&form))
        .await;
    plane
        .send(Call::get("/api/v1/agents").cookie(&old).build())
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_table_holds_nothing_that_opens_a_session() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let id = cookie.split('=').nth(1).unwrap();
    assert!(
        control_plane::sessions::load(&plane.cp, id)
            .await
            .unwrap()
            .is_none(),
        "the id itself is kept"
    );
}

#[tokio::test]
async fn wrong_credentials_come_back_as_a_word() {
    let plane = Plane::new().await;
    let answer = plane
        .send(
            Call::post("/sign-in")
                .own()
                .form("email=admin%40example.com&password=wrong&next=%2Fagents"),
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        "/sign-in?error=wrong_credentials&next=%2Fagents"
    );
    assert!(answer.cookie().is_none());
}

#[tokio::test]
async fn sign_in_leads_only_to_pages_of_this_site() {
    let plane = Plane::new().await;
    for (next, to) in [
        ("%2Fapprovals%3Fx%3D1", "/approvals?x=1"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
    ] {
        let form = format!(
            "email={ADMIN}&password={}&next={next}",
            PASSWORD.replace(' ', "+")
        );
        let answer = plane.send(Call::post("/sign-in").own().form(&form)).await;
        assert_eq!(answer.header("location"), to);
    }
}

#[tokio::test]
async fn set_up_works_once() {
    let plane = Plane::empty(&[]).await;
    let short = plane
        .send(
            Call::post("/first-run")
                .own()
                .form("name=Ada&email=ada&password=short"),
        )
        .await;
    assert_eq!(
        short.header("location"),
        "/first-run?error=invalid&fields=email.bad_email%2Cpassword.too_short"
    );
    let form = format!(
        "name=Ada&email={ADMIN}&password={}",
        PASSWORD.replace(' ', "+")
    );
    let first = plane.send(Call::post("/first-run").own().form(&form)).await;
    assert_eq!(first.header("location"), "/");
    let second = plane
        .send(
            Call::post("/first-run")
                .own()
                .form(&form.replace("admin", "mallory")),
        )
        .await;
    assert_eq!(second.header("location"), "/sign-in");
    assert!(second.cookie().is_none());
}

#[tokio::test]
async fn the_theme_returns_to_the_page_it_came_from() {
    let plane = Plane::new().await;
    let from = |referer: &str| {
        Call::post("/theme")
            .own()
            .header("referer", referer)
            .form("theme=dark")
    };
    let answer = plane.send(from("http://127.0.0.1:3000/agents?q=a")).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/agents?q=a")
    );
    assert!(
        answer
            .header("set-cookie")
            .starts_with("clearance_theme=dark;")
    );
    assert_eq!(
        plane
            .send(from("https://evil.example/agents"))
            .await
            .header("location"),
        "/"
    );
    let odd = plane
        .send(Call::post("/theme").own().form("theme=x%0d%0aset-cookie"))
        .await;
    assert!(
        odd.header("set-cookie")
            .starts_with("clearance_theme=system;")
    );
}

#[tokio::test]
async fn events_are_for_people_who_are_signed_in() {
    let plane = Plane::new().await;
    plane
        .get("/events")
        .await
        .is_problem(401, "unauthenticated");
    let token = plane.token(ADMIN, "read").await;
    plane
        .send(Call::get("/events").token(&token).build())
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn events_tell_of_changes_and_end_with_the_session() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let response = plane
        .open(Call::get("/events").cookie(&cookie).build())
        .await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    plane.add("dev@example.com", "developer").await;
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    let text = String::from_utf8(frame.to_vec()).unwrap();
    assert!(
        text.starts_with("data:") && text.contains("\"topic\":\"audit\""),
        "{text}"
    );
    plane
        .send(Call::post("/sign-out").own().cookie(&cookie).build())
        .await;
    let ended = async { while body.frame().await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(10), ended)
        .await
        .expect("the stream outlived its session");
}
