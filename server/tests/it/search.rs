//! The search over everything: a page without script, which leads straight to what is called exactly so.

use axum::http::StatusCode;

use crate::support::{ADMIN, Answer, Call, Plane};

async fn get(plane: &Plane, cookie: &str, query: &str) -> Answer {
    let call = Call::get(&format!("/search?{query}")).header("accept", "text/html");
    plane.send(call.cookie(cookie).build()).await
}

#[tokio::test]
async fn what_is_called_exactly_so_is_where_the_search_leads() {
    let (_test, plane) = Plane::live().await;
    let cookie = plane.sign_in(ADMIN).await;
    for (q, page) in [
        ("refund-assistant", "/agents/refund-assistant"),
        ("%232", "/deployments/2"),
    ] {
        let answer = get(&plane, &cookie, &format!("q={q}&go=1")).await;
        assert!(answer.status.is_redirection(), "{q}: {}", answer.status);
        assert_eq!(answer.header("location"), page);
        // Who looks at the list, as the search over other pages does, stays where they are.
        let listed = get(&plane, &cookie, &format!("q={q}")).await;
        assert_eq!(listed.status, StatusCode::OK);
        assert!(listed.text().contains(&format!("href=\"{page}\"")), "{q}");
    }
    // What one id calls in several places is a list.
    let both = get(&plane, &cookie, "q=+refund-assistant-2+&go=1").await;
    assert!(
        both.text()
            .contains("href=\"/identities/refund-assistant-2\"")
    );
    let several = get(&plane, &cookie, "q=refund&go=1").await;
    assert_eq!(several.status, StatusCode::OK);
    assert!(several.text().contains("href=\"/agents/refund-assistant\""));
}

#[tokio::test]
async fn pages_are_found_by_their_words_and_acts_by_who_may_begin_them() {
    let plane = Plane::new().await;
    plane.add("viewer@example.com", "viewer").await;
    let (admin, viewer) = (
        plane.sign_in(ADMIN).await,
        plane.sign_in("viewer@example.com").await,
    );
    let hits = |answer: Answer| {
        let text = answer.text();
        text.split_once("id=\"hits\"").unwrap().1.to_owned()
    };
    let for_admin = hits(get(&plane, &admin, "q=polic").await);
    assert!(
        for_admin.contains("href=\"/policies\"") && for_admin.contains("href=\"/policies/new\"")
    );
    let for_viewer = hits(get(&plane, &viewer, "q=polic").await);
    assert!(
        for_viewer.contains("href=\"/policies\"") && !for_viewer.contains("href=\"/policies/new\"")
    );
    let all = hits(get(&plane, &viewer, "").await);
    assert!(all.contains("href=\"/audit\"") && all.contains("href=\"/settings/passkeys\""));
}

#[tokio::test]
async fn whatever_is_typed_finds_nothing_at_worst() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    let long = "a".repeat(3_000);
    for q in [
        "%00",
        "%27+OR+1%3D1--",
        "%22",
        "%25_%5C",
        "%E2%80%AE",
        "%3Cscript%3E",
        long.as_str(),
        "*",
        "NEAR%28",
    ] {
        let answer = get(&plane, &cookie, &format!("q={q}&go=1")).await;
        assert_eq!(answer.status, StatusCode::OK, "{q}");
        assert!(!answer.text().contains("<script>&"), "{q}");
        assert!(!answer.text().contains("called <script>"), "{q}");
    }
    let anonymous = Call::get("/search?q=a&go=1")
        .header("accept", "text/html")
        .build();
    let answer = plane.send(anonymous).await;
    assert!(answer.header("location").starts_with("/sign-in"));
}

#[tokio::test]
async fn single_keys_are_turned_off_and_on() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for (word, kept) in [
        ("off", "clearance_keys=off;"),
        ("on", "clearance_keys=on;"),
        ("x%0d%0aset-cookie", "clearance_keys=on;"),
    ] {
        let answer = plane
            .send(Call::post("/keys").own().form(&format!("keys={word}")))
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.header("set-cookie").starts_with(kept), "{word}");
    }
    let off = Call::get("/keyboard").header("accept", "text/html");
    let off = plane
        .send(off.cookie(&format!("{cookie}; clearance_keys=off")).build())
        .await;
    assert!(off.text().contains("data-keys=\"off\"") && off.text().contains("Turn single keys on"));
}
