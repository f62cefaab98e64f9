//! Refusals in the log: the first are events of their own, many of a kind are summed up, and none goes uncounted.

use audit_log::LeafEvent;
use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::workers::Status;
use control_plane::{Error, OpCtx, audit, people};
use domain::actor::Role;
use domain::form::person::TeamForm;

const WORKER: &str = "tell_refusals";

async fn try_it(plane: &TestPlane, ctx: &OpCtx) {
    let form = TeamForm {
        slug: "mine".to_owned(),
        name: "Mine".to_owned(),
    };
    let refused = people::create_team(&plane.cp, ctx, &form).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
}

/// What each event says of the refusals of an actor: how many it tells of.
async fn told(plane: &TestPlane, ctx: &OpCtx) -> Vec<u64> {
    let events = plane.events().await;
    let of =
        |event: &&LeafEvent| event.action == "refused" && event.actor.id == ctx.actor().audit_id();
    let count = |event: &LeafEvent| event.detail.get("count").map_or(1, |n| n.parse().unwrap());
    events.iter().filter(of).map(count).collect()
}

#[tokio::test]
async fn who_tries_again_is_told_of_and_who_tries_very_often_is_summed_up() {
    let plane = TestPlane::new().await;
    let ann = plane.person("ann@example.com", Role::Viewer).await;
    let bob = plane.person("bob@example.com", Role::Viewer).await;
    for _ in 0..12 {
        try_it(&plane, &ann).await;
    }
    try_it(&plane, &bob).await;
    assert_eq!(told(&plane, &ann).await, [1; 5]);
    assert_eq!(told(&plane, &bob).await, [1]);
    // The minute is not over.
    let since = plane.now();
    plane.clock.advance(Duration::seconds(59));
    assert_eq!(plane.activate(WORKER).await.unwrap(), Status::Idle);
    plane.clock.advance(Duration::seconds(1));
    assert_eq!(plane.activate(WORKER).await.unwrap(), Status::Worked);
    assert_eq!(plane.activate(WORKER).await.unwrap(), Status::Idle);
    assert_eq!(told(&plane, &ann).await, [1, 1, 1, 1, 1, 7]);
    let events = plane.events().await;
    let last = events.last().unwrap();
    assert_eq!(last.actor.name, "ann");
    assert_eq!(last.object.id, "people::create_team");
    assert_eq!(last.reason.as_deref(), Some("administer"));
    let told_since = last.detail.get("since").unwrap();
    let told_since = chrono::DateTime::parse_from_rfc3339(told_since).unwrap();
    assert_eq!(told_since, since);
    // The event of the sum was the first of the next minute.
    for _ in 0..6 {
        try_it(&plane, &ann).await;
    }
    plane.clock.advance(Duration::seconds(61));
    // Where somebody comes before the worker, the event tells of those before it as well.
    try_it(&plane, &ann).await;
    assert_eq!(told(&plane, &ann).await, [1, 1, 1, 1, 1, 7, 1, 1, 1, 1, 3]);
    assert_eq!(plane.activate(WORKER).await.unwrap(), Status::Idle);
    plane.finish().await;
}

#[tokio::test]
async fn at_the_end_of_the_process_all_of_them_are_told() {
    let plane = TestPlane::new().await;
    let ann = plane.person("ann@example.com", Role::Viewer).await;
    let all = (0..40).map(|_| try_it(&plane, &ann));
    futures::future::join_all(all).await;
    audit::tell_all_refusals(&plane.cp).await.unwrap();
    let counts = told(&plane, &ann).await;
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (6, 40));
    plane.finish().await;
}

#[tokio::test]
async fn what_the_database_did_not_take_is_told_later() {
    let plane = TestPlane::new().await;
    let ann = plane.person("ann@example.com", Role::Viewer).await;
    let away = "ALTER TABLE audit_leaves RENAME TO away";
    plane.sql(away).await.unwrap();
    for _ in 0..7 {
        try_it(&plane, &ann).await;
    }
    plane.clock.advance(Duration::minutes(2));
    plane.activate(WORKER).await.unwrap_err();
    let back = "ALTER TABLE away RENAME TO audit_leaves";
    plane.sql(back).await.unwrap();
    plane.clock.advance(Duration::minutes(2));
    plane.activate(WORKER).await.unwrap();
    assert_eq!(told(&plane, &ann).await, [7]);
    plane.finish().await;
}
