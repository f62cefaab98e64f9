//! How long a session lasts, by the product's clock: sixty minutes without a request, twelve hours in all.

use axum::http::StatusCode;
use chrono::Duration;
use control_plane::testing::TestPlane;

use crate::support::{ADMIN, Call, Plane};

struct World {
    test: TestPlane,
    plane: Plane,
    cookie: String,
}

impl World {
    async fn new() -> Self {
        let test = TestPlane::new().await;
        let plane = Plane::over(&test).await;
        let cookie = plane.sign_in(ADMIN).await;
        Self {
            test,
            plane,
            cookie,
        }
    }

    async fn status_after(&self, wait: Duration) -> StatusCode {
        self.test.clock.advance(wait);
        let call = Call::get("/api/v1/agents").cookie(&self.cookie).build();
        self.plane.send(call).await.status
    }

    async fn kept(&self) -> Vec<String> {
        self.test
            .column("SELECT id || data || expires_at FROM sessions")
            .await
    }
}

#[tokio::test]
async fn a_session_ends_without_requests() {
    let world = World::new().await;
    for _ in 0..3 {
        let status = world.status_after(Duration::minutes(59)).await;
        assert_eq!(status, StatusCode::OK);
    }
    let status = world.status_after(Duration::minutes(60)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    world.test.finish().await;
}

#[tokio::test]
async fn a_session_ends_whatever_happens() {
    let world = World::new().await;
    for hour in 1..24 {
        let status = world.status_after(Duration::minutes(30)).await;
        assert_eq!(status, StatusCode::OK, "after {hour} half hours");
    }
    let status = world.status_after(Duration::minutes(30)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    world.test.finish().await;
}

#[tokio::test]
async fn a_cookie_that_opens_nothing_any_more_is_taken_back() {
    let world = World::new().await;
    world.test.clock.advance(Duration::hours(2));
    let call = Call::get("/api/v1/agents").cookie(&world.cookie).build();
    let answer = world.plane.send(call).await;
    answer.is_problem(401, "unauthenticated");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    world.test.finish().await;
}

#[tokio::test]
async fn the_time_of_the_last_request_is_written_once_a_minute() {
    let world = World::new().await;
    let first = world.kept().await;
    world.status_after(Duration::seconds(59)).await;
    assert_eq!(world.kept().await, first);
    world.status_after(Duration::seconds(1)).await;
    let second = world.kept().await;
    assert_ne!(second, first);
    world.status_after(Duration::seconds(59)).await;
    assert_eq!(world.kept().await, second);
    world.test.finish().await;
}

#[tokio::test]
async fn one_person_has_one_row_for_each_browser_and_the_row_does_not_hold_the_id() {
    let world = World::new().await;
    let id = world.cookie.split_once('=').unwrap().1;
    let kept = world.kept().await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains(id));
    let form = format!("email={ADMIN}&password=correct+horse+battery");
    let again = Call::post("/sign-in").own().cookie(&world.cookie);
    world.plane.send(again.form(&form)).await;
    let after = world.kept().await;
    assert_eq!(after.len(), 1, "the row of the session before stayed");
    assert_ne!(after, kept);
    world.plane.sign_in(ADMIN).await;
    assert_eq!(world.kept().await.len(), 2);
    world.test.finish().await;
}
