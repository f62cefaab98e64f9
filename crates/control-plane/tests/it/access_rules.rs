//! What the policy in force says of agents at work: windows narrow what is in scope, and hold at once for what runs already.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Timelike as _};
use control_plane::access;
use control_plane::testing::TestPlane;
use domain::access::{AccessReason, Asked, CORRECT_WITHIN_SECONDS, ContextValue};
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

const RESTRICTIONS: &str = r#"
access:
  restrictions:
    context: { amount: Long }
    cedar: |
      @reason("More than 500 is for people.")
      forbid (principal, action == Action::"orders:read", resource)
      unless { context has amount && context.amount <= 500 };

      @reason("Personal data stays in one team.")
      forbid (principal, action, resource)
      when { resource has class && resource.class == "personal" && principal.team != "customer-care" };
"#;

fn beside(asked: &Asked, amount: ContextValue) -> Asked {
    let context = vec![("amount".to_owned(), amount)];
    Asked {
        context,
        ..asked.clone()
    }
}

#[tokio::test]
async fn a_restriction_forbids_what_is_in_scope_and_allows_nothing() {
    let world = World::live().await;
    let plane = &world.plane;
    let read = about("refund-assistant-2", "read");
    adopt(&world, &format!("{STANDARD}{RESTRICTIONS}")).await;
    let small = beside(&read, ContextValue::Long(500));
    assert_eq!(decide(plane, &small).await.reason, AccessReason::Granted);
    for (asked, why) in [
        (
            beside(&read, ContextValue::Long(501)),
            "More than 500 is for people.",
        ),
        (read.clone(), "More than 500 is for people."),
        (
            beside(&read, ContextValue::Other),
            "context.amount must be a whole number.",
        ),
        (
            beside(&read, ContextValue::String("5".to_owned())),
            "context.amount must be a whole number.",
        ),
    ] {
        let no = decide(plane, &asked).await;
        assert_eq!(
            (no.reason, no.detail.as_deref()),
            (AccessReason::Restricted, Some(why))
        );
    }
    let write = beside(&about("refund-assistant-2", "write"), ContextValue::Long(1));
    assert_eq!(decide(plane, &write).await.reason, AccessReason::OutOfScope);
    // What the catalogue says of the data counts with the next reading.
    plane
        .sql("INSERT INTO catalogue (name, description, data_class, actions, revision, created_at, updated_at) VALUES ('orders', '', 'personal', '{}', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')")
        .await
        .unwrap();
    let began = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    let no = loop {
        tick.tick().await;
        let found = decide(plane, &small).await;
        if found.reason != AccessReason::Granted {
            break found;
        }
        assert!(began.elapsed().as_secs() < CORRECT_WITHIN_SECONDS);
    };
    assert_eq!(
        no.detail.as_deref(),
        Some("Personal data stays in one team.")
    );
    world.plane.finish().await;
}
