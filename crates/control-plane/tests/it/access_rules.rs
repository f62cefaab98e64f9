//! What the policy in force says of agents at work: windows narrow what is in scope, and hold at once for what runs already.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Timelike as _};
use control_plane::access;
use control_plane::testing::TestPlane;
use domain::access::{AccessReason, Asked, CORRECT_WITHIN_SECONDS};
use domain::policy::STANDARD;

use crate::access::{about, asks};
use crate::policies::adopt;
use crate::support::World;

async fn decide(plane: &TestPlane, asked: &Asked) -> access::Decision {
    let ctx = asks(plane);
    let desk = access::open(&plane.cp, &ctx).await.unwrap();
    desk.decide(asked)
}

#[tokio::test]
async fn a_window_is_held_by_the_clock_of_its_zone() {
    let world = World::live().await;
    let plane = &world.plane;
    let read = about("refund-assistant-2", "read");
    let hour = plane.now().hour();
    // Closed now, whatever the hour is, and open three hours later.
    let (from, until) = ((hour + 2) % 24, (hour + 5) % 24);
    let text = format!(
        "{STANDARD}\naccess:\n  windows:\n    - {{reason: Office hours, scope: \"orders:read\", environment: production, from: \"{from:02}:00\", until: \"{until:02}:00\", zone: UTC}}\n"
    );
    assert_eq!(decide(plane, &read).await.reason, AccessReason::Granted);
    adopt(&world, &text).await;
    // The deployment began under the policy of before; the next question goes by this one all the same.
    let no = decide(plane, &read).await;
    assert_eq!(
        (no.reason, no.detail.as_deref()),
        (AccessReason::OutsideWindow, Some("Office hours"))
    );
    assert_eq!(no.grant.unwrap().deployment, 2);
    // Scope comes first, and nothing that the policy says lets anybody do more.
    let write = about("refund-assistant-2", "write");
    assert_eq!(decide(plane, &write).await.reason, AccessReason::OutOfScope);
    plane.clock.advance(TimeDelta::hours(3));
    assert_eq!(decide(plane, &read).await.reason, AccessReason::Granted);
    plane.clock.advance(TimeDelta::hours(3));
    assert_eq!(
        decide(plane, &read).await.reason,
        AccessReason::OutsideWindow
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_policy_that_another_replica_put_in_force_is_obeyed_within_the_promise() {
    let world = World::live().await;
    let plane = &world.plane;
    let read = about("refund-assistant-2", "read");
    assert_eq!(decide(plane, &read).await.reason, AccessReason::Granted);
    let hour = plane.now().hour();
    let (from, until) = ((hour + 2) % 24, (hour + 5) % 24);
    let text = format!(
        "{STANDARD}\naccess:\n  windows:\n    - {{reason: Office hours, resource: orders, from: \"{from:02}:00\", until: \"{until:02}:00\", zone: UTC}}\n"
    );
    adopt(&world, &text).await;
    assert_eq!(
        decide(plane, &read).await.reason,
        AccessReason::OutsideWindow
    );
    // As another replica would: past this process, which hears of it by reading alone.
    plane
        .sql("UPDATE policies SET state = 'superseded'")
        .await
        .unwrap();
    let (began, mut tick) = (
        Instant::now(),
        tokio::time::interval(Duration::from_millis(50)),
    );
    while decide(plane, &read).await.reason != AccessReason::Granted {
        tick.tick().await;
        assert!(
            began.elapsed().as_secs() < CORRECT_WITHIN_SECONDS,
            "still denied"
        );
    }
    world.plane.remove().await;
}
