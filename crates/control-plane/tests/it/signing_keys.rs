//! The key of access tokens changes by schedule and by hand, once at a time, and in the record.

use chrono::TimeDelta;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, signing_keys};
use domain::actor::Role;
use domain::error::Conflict;
use domain::form::signing_key::RotateSigningKeyForm;
use domain::signing_key::{EVERY, KEPT, LEAD, SigningKeyState as S};

use crate::support::conflict;

fn form(reason: &str) -> RotateSigningKeyForm {
    RotateSigningKeyForm {
        reason: reason.to_owned(),
    }
}

const WHY: &str = "Somebody left who could read the old one";

async fn states(plane: &TestPlane, viewer: &OpCtx) -> Vec<(i64, S)> {
    let list = signing_keys::list(&plane.cp, viewer).await.unwrap();
    assert!(!list.can_rotate, "a viewer");
    list.keys
        .iter()
        .map(|key| (key.number, key.state))
        .collect()
}

#[tokio::test]
async fn the_schedule_changes_the_key_once_and_writes_it_down() {
    let plane = TestPlane::new().await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    assert!(signing_keys::current(&plane.cp).await.unwrap().is_empty());
    for _ in 0..2 {
        plane.activate("rotate_signing_keys").await.unwrap();
    }
    assert_eq!(states(&plane, &viewer).await, [(0, S::Signing)]);
    assert_eq!(plane.count_events("signing_key_rotated").await, 0);
    plane.clock.advance(EVERY);
    for _ in 0..2 {
        plane.activate("rotate_signing_keys").await.unwrap();
    }
    assert_eq!(
        states(&plane, &viewer).await,
        [(1, S::Next), (0, S::Signing)]
    );
    assert_eq!(plane.count_events("signing_key_rotated").await, 1);
    plane.clock.advance(LEAD);
    assert_eq!(
        states(&plane, &viewer).await,
        [(1, S::Signing), (0, S::Retiring)]
    );
    plane.clock.advance(KEPT);
    assert_eq!(
        states(&plane, &viewer).await,
        [(1, S::Signing), (0, S::Retired)]
    );
    plane.finish().await;
}

#[tokio::test]
async fn an_administrator_changes_it_by_hand_and_nobody_else() {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    for role in [Role::Operator, Role::Approver, Role::Auditor] {
        let other = plane.person(&format!("{role}@example.com"), role).await;
        let refused = signing_keys::rotate(&plane.cp, &other, &form(WHY)).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{role}");
    }
    let short = signing_keys::rotate(&plane.cp, &admin, &form("no")).await;
    assert!(matches!(short, Err(Error::Invalid(_))));
    // Nobody looked at the schedule yet: the root is noted with the change.
    signing_keys::rotate(&plane.cp, &admin, &form(WHY))
        .await
        .unwrap();
    let again = signing_keys::rotate(&plane.cp, &admin, &form(WHY)).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    assert_eq!(
        states(&plane, &viewer).await,
        [(1, S::Next), (0, S::Signing)]
    );
    plane.clock.advance(LEAD + TimeDelta::seconds(1));
    signing_keys::rotate(&plane.cp, &admin, &form(WHY))
        .await
        .unwrap();
    let found = states(&plane, &viewer).await;
    assert_eq!(found, [(2, S::Next), (1, S::Signing), (0, S::Retiring)]);
    let events = plane.events().await;
    let event = events
        .iter()
        .rfind(|event| event.action == "signing_key_rotated");
    assert_eq!(event.unwrap().reason.as_deref(), Some(WHY));
    plane.finish().await;
}

#[tokio::test]
async fn two_changes_at_once_have_the_effect_of_one() {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let why = form(WHY);
    let change = || signing_keys::rotate(&plane.cp, &admin, &why);
    let (one, two) = tokio::join!(change(), change());
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    assert_eq!(plane.count_events("signing_key_rotated").await, 1);
    plane.finish().await;
}
