//! One's own sessions and tokens: seen, and ended.

use axum::http::StatusCode;
use domain::actor::{Actor, Role};
use http_body_util::BodyExt as _;

use crate::provider::is_somebody;
use crate::support::{ADMIN, Call, Plane};

#[tokio::test]
async fn a_session_that_is_ended_elsewhere_ends_its_stream() {
    let plane = Plane::new().await;
    let (here, there) = (plane.sign_in(ADMIN).await, plane.sign_in(ADMIN).await);
    let stream = plane
        .open(Call::get("/events").cookie(&there).build())
        .await;
    assert_eq!(stream.status(), StatusCode::OK);
    let ended = Call::post("/rpc/sessions/end-others")
        .own()
        .cookie(&here)
        .form("");
    assert!(
        plane
            .send(ended)
            .await
            .header("location")
            .contains("notice=sessions_ended")
    );
    let begun = std::time::Instant::now();
    let rest = tokio::time::timeout(
        std::time::Duration::from_secs(5),
        stream.into_body().collect(),
    )
    .await;
    assert!(rest.is_ok(), "still open after {:?}", begun.elapsed());
    assert!(!is_somebody(&plane, &there).await);
    assert!(is_somebody(&plane, &here).await);
}

#[tokio::test]
async fn a_token_is_listed_revoked_and_never_wider_than_its_person() {
    let plane = Plane::new().await;
    plane.add("dev@example.com", "developer").await;
    let text = plane.token("dev@example.com", "read").await;
    let ask = async || {
        plane
            .send(Call::get("/api/v1/agents").token(&text).build())
            .await
            .status
    };
    assert_eq!(ask().await, StatusCode::OK);
    let cookie = plane.sign_in("dev@example.com").await;
    let page = plane
        .send(Call::get("/settings/tokens").cookie(&cookie).build())
        .await
        .text();
    assert!(
        page.contains(&text[..8]) && !page.contains(&text[..12]),
        "the first characters alone"
    );
    assert!(!page.contains("Never"), "its use is noted");

    // Whoever loses a role loses it for their tokens too, at once.
    let admin = plane.admin().await;
    let people = control_plane::people::list(&plane.cp, &admin)
        .await
        .unwrap();
    let dev = people
        .iter()
        .find(|person| person.email == "dev@example.com")
        .unwrap();
    let form = domain::form::elevation::TakeAwayForm {
        grant: dev.roles[0].grant.clone(),
        reason: "they left the team for another".to_owned(),
    };
    control_plane::elevations::take_away(&plane.cp, &admin, &form)
        .await
        .unwrap();
    assert_eq!(ask().await, StatusCode::FORBIDDEN, "demoted");
    let actor = control_plane::tokens::actor(&plane.cp, &text)
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(&actor, Actor::Token { grants, .. } if !grants.iter().any(|g| g.role == Role::Developer))
    );

    let tokens = control_plane::tokens::list(&plane.cp, &admin)
        .await
        .unwrap();
    let id = tokens.others.unwrap()[0].id.clone();
    plane.add("eve@example.com", "developer").await;
    let eve = plane.sign_in("eve@example.com").await;
    let revoke = |cookie: &str| {
        Call::post("/rpc/tokens/revoke")
            .own()
            .cookie(cookie)
            .form(&format!("form%5Bid%5D={id}"))
    };
    assert!(
        plane.send(revoke(&eve)).await.status == StatusCode::NOT_FOUND,
        "not theirs"
    );
    assert!(
        control_plane::tokens::actor(&plane.cp, &text)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        plane
            .send(revoke(&cookie))
            .await
            .header("location")
            .contains("token_revoked")
    );
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
}
