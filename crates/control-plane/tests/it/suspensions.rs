//! Suspending an identity by hand, beside a quarantine and without, and giving it another key.

use chrono::TimeDelta;
use control_plane::fakes::Fault;
use control_plane::{Error, identities, quarantines};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::identity::IdentityState;
use domain::suspension::SuspensionState;

use crate::identities::{WHY, exp, kill, opened};
use crate::support::{World, conflict};

#[tokio::test]
async fn a_suspended_identity_can_do_nothing_until_a_person_lets_it_act_again() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let client = "refund-assistant-2";
    let form = kill(client, WHY);
    let early = identities::resume(cp, &operator, &form).await;
    assert_eq!(conflict(early), Conflict::WrongState);
    identities::suspend(cp, &operator, &form).await.unwrap();
    // Before anything outside was asked.
    assert_eq!(identities::active(cp, client).await.unwrap(), None);
    assert_eq!(identities::public_jwk(cp, client).await.unwrap(), None);
    let late = identities::grant(cp, &plane.anonymous(), client, "late", exp(plane)).await;
    assert!(matches!(late, Err(Error::Unauthenticated)), "{late:?}");
    world.settle().await;
    assert!(plane.fakes.identities.is_suspended(client));
    world.expect(2, DeploymentState::Live).await;
    let shown = identities::get(cp, &operator, client).await.unwrap();
    let held = shown.suspension.clone().unwrap();
    assert_eq!(
        (held.state, held.reason.as_str()),
        (SuspensionState::InForce, WHY)
    );
    assert!(shown.can_resume && shown.can_revoke && !shown.can_suspend);
    let again = identities::suspend(cp, &operator, &form).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    identities::resume(cp, &operator, &form).await.unwrap();
    // Not before its provider has answered.
    assert_eq!(identities::active(cp, client).await.unwrap(), None);
    world.settle().await;
    assert!(identities::active(cp, client).await.unwrap().is_some());
    assert!(!plane.fakes.identities.is_suspended(client));
    let shown = identities::get(cp, &operator, client).await.unwrap();
    assert!(shown.suspension.is_none() && shown.can_suspend && !shown.can_resume);
    assert_eq!(plane.count_events("identity_suspended").await, 1);
    assert_eq!(plane.count_events("identity_resumed").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_suspension_and_a_quarantine_hold_an_identity_each_by_itself() {
    for first_lifted in ["suspension", "quarantine"] {
        let world = World::live().await;
        let plane = &world.plane;
        let cp = &plane.cp;
        let operator = plane.person("ops@example.com", Role::Operator).await;
        let client = "refund-assistant-2";
        let incident = opened(&world, &operator).await;
        identities::suspend(cp, &operator, &kill(client, WHY))
            .await
            .unwrap();
        quarantines::begin(cp, &operator, &incident).await.unwrap();
        world.settle().await;
        let (one, other) = match first_lifted {
            "suspension" => (true, false),
            _ => (false, true),
        };
        for suspension in [one, other] {
            assert_eq!(identities::active(cp, client).await.unwrap(), None);
            if suspension {
                let form = kill(client, WHY);
                identities::resume(cp, &operator, &form).await.unwrap();
            } else {
                quarantines::release(cp, &operator, &incident)
                    .await
                    .unwrap();
            }
            world.settle().await;
        }
        assert!(
            identities::active(cp, client).await.unwrap().is_some(),
            "{first_lifted} first"
        );
        assert!(!plane.fakes.identities.is_suspended(client));
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_suspension_and_a_quarantine_that_end_at_once_leave_it_usable_here_and_there() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let client = "refund-assistant-2";
    let incident = opened(&world, &operator).await;
    quarantines::begin(cp, &operator, &incident).await.unwrap();
    identities::suspend(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    world.settle().await;
    identities::resume(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    quarantines::release(cp, &operator, &incident)
        .await
        .unwrap();
    world.settle().await;
    assert!(identities::active(cp, client).await.unwrap().is_some());
    assert!(!plane.fakes.identities.is_suspended(client));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_leaves_it_suspended_and_is_asked_again() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let client = "refund-assistant-2";
    identities::suspend(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    world.settle().await;
    plane
        .fakes
        .faults
        .next("identity.resume", 3, Fault::AnswerLost);
    identities::resume(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(identities::active(cp, client).await.unwrap(), None);
    let shown = identities::get(cp, &operator, client).await.unwrap();
    assert!(shown.suspension.unwrap().last_error.is_some());
    for _ in 0..3 {
        plane.clock.advance(TimeDelta::hours(1));
        world.settle().await;
    }
    assert!(identities::active(cp, client).await.unwrap().is_some());
    // A suspension ends with its identity.
    identities::suspend(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    identities::revoke(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    world.settle().await;
    let shown = identities::get(cp, &operator, client).await.unwrap();
    assert_eq!(shown.row.state, IdentityState::Revoked);
    assert!(shown.suspension.is_none() && !shown.can_resume);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_is_given_another_key_and_the_old_one_counts_no_more() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let client = "refund-assistant-2";
    let before = identities::public_jwk(cp, client).await.unwrap();
    let form = kill(client, "The key was in a support ticket");
    plane
        .fakes
        .faults
        .next("identity.rotate", 1, Fault::AnswerLost);
    identities::rotate(cp, &operator, &form).await.unwrap();
    let again = identities::rotate(cp, &operator, &form).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    world.settle().await;
    plane.clock.advance(TimeDelta::hours(1));
    world.settle().await;
    let after = identities::public_jwk(cp, client).await.unwrap();
    assert!(after.is_some() && after != before);
    let shown = identities::get(cp, &operator, client).await.unwrap();
    assert!(shown.can_rotate && shown.rotating.is_none());
    assert!(shown.row.key_made_at > shown.row.created_at);
    assert!(shown.row.usable, "it goes on");
    assert_eq!(plane.count_events("identity_key_rotated").await, 1);
    // A change that was asked for ends with its identity.
    identities::rotate(cp, &operator, &form).await.unwrap();
    identities::revoke(cp, &operator, &form).await.unwrap();
    world.settle().await;
    let shown = identities::get(cp, &operator, client).await.unwrap();
    assert!(!shown.can_rotate && shown.rotating.is_none());
    world.plane.finish().await;
}
