//! Rollback readiness: looked at again and again, kept with its time, and a finding when it turns.

use chrono::TimeDelta;
use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use control_plane::{agents, findings, overview, rollbacks};
use domain::actor::Role;
use domain::error::Conflict;
use domain::form::query::FindingQuery;
use domain::rollback::Readiness;
use domain::view::agent::RollbackBadge;

use crate::support::{World, conflict};

async fn found(world: &World) -> Vec<String> {
    let ctx = world.plane.system();
    let query = FindingQuery {
        kind: "rollback_not_ready".to_owned(),
        ..FindingQuery::default()
    };
    let page = findings::list(&world.plane.cp, &ctx, &query).await.unwrap();
    page.rows.into_iter().map(|row| row.what).collect()
}

async fn badge(world: &World) -> RollbackBadge {
    let ctx = world.plane.system();
    let agent = agents::get(&world.plane.cp, &ctx, &world.agent.slug)
        .await
        .unwrap();
    agent.environments[1].rollback.clone()
}

/// Ready, not ready and not known of production, as the overview counts them.
async fn counted(world: &World) -> (u64, usize, u64) {
    let ctx = world.plane.system();
    let seen = overview::get(&world.plane.cp, &ctx).await.unwrap();
    (
        seen.rollback_ready,
        seen.rollback_not_ready.len(),
        seen.rollback_unchecked,
    )
}

async fn later(world: &World) {
    world.plane.clock.advance(TimeDelta::minutes(6));
    world.settle().await;
}

#[tokio::test]
async fn a_target_that_loses_its_image_turns_not_ready_within_one_check_and_back() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    assert_eq!(counted(&world).await, (1, 0, 0));
    assert!(found(&world).await.is_empty());
    let image = plane.version(2).await.image.unwrap();
    plane.fakes.images.damage_image(&image);
    // The page looks for itself; the overview says what was found last.
    assert!(matches!(
        badge(&world).await,
        RollbackBadge::NotReady {
            reason: Readiness::ImageDamaged,
            ..
        }
    ));
    assert_eq!(counted(&world).await, (1, 0, 0));
    later(&world).await;
    assert_eq!(counted(&world).await, (0, 1, 0));
    let said = found(&world).await;
    // Production and non-prod both ran this version before.
    assert!(
        !said.is_empty() && said[0].contains("its image is damaged"),
        "{said:?}"
    );
    assert_eq!(plane.count_events("finding_raised").await, said.len());
    later(&world).await;
    assert_eq!(plane.count_events("finding_raised").await, said.len());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_said_and_refuses_a_rollback() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let gone = Fault::Refused(PortErrorKind::NotFound);
    plane.fakes.faults.next("secrets.read", 1, gone);
    let events = plane.events().await.len();
    let refused = rollbacks::start(&plane.cp, &operator, &TestPlane::back(4)).await;
    assert_eq!(conflict(refused), Conflict::TargetNotReady);
    assert_eq!(plane.numbers().await, [1, 2, 3, 4]);
    assert_eq!(plane.events().await.len(), events, "nothing was changed");
    plane.fakes.faults.next("secrets.read", 2, gone);
    later(&world).await;
    assert!(found(&world).await[0].contains("secret"));
    later(&world).await;
    assert!(found(&world).await.is_empty(), "it ends by itself");
    world.plane.finish().await;
}

#[tokio::test]
async fn what_does_not_answer_is_neither_ready_nor_a_finding() {
    let world = World::live_twice().await;
    let silent = Fault::Refused(PortErrorKind::Unavailable);
    world.plane.fakes.faults.next("identity.list", 50, silent);
    world.plane.clock.advance(TimeDelta::minutes(6));
    world.plane.activate("check_rollbacks").await.unwrap();
    assert_eq!(counted(&world).await, (0, 0, 1));
    assert!(matches!(
        badge(&world).await,
        RollbackBadge::NotReady {
            reason: Readiness::Unchecked,
            ..
        }
    ));
    assert!(found(&world).await.is_empty());
    world.plane.fakes.faults.clear();
    later(&world).await;
    assert_eq!(counted(&world).await, (1, 0, 0));
    world.plane.finish().await;
}

#[tokio::test]
async fn the_estimate_is_what_past_rollbacks_took() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    assert!(matches!(
        badge(&world).await,
        RollbackBadge::Ready {
            about_seconds: None,
            ..
        }
    ));
    world.push_code("print('third')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 6).await.unwrap();
    world.settle().await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    rollbacks::start(&plane.cp, &operator, &TestPlane::back(6))
        .await
        .unwrap();
    plane.clock.advance(TimeDelta::seconds(7));
    world.settle().await;
    assert!(matches!(
        badge(&world).await,
        RollbackBadge::Ready {
            about_seconds: Some(7),
            ..
        }
    ));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_person_may_choose_an_older_version_that_was_verified_live() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    world.push_code("print('third')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 6).await.unwrap();
    world.settle().await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let to = |target: i64| domain::form::deployment::RollbackForm {
        target: target.to_string(),
        ..TestPlane::back(6)
    };
    for wrong in [5, 6, 1, 99] {
        let refused = rollbacks::start(&plane.cp, &operator, &to(wrong)).await;
        assert_eq!(conflict(refused), Conflict::NoTarget, "{wrong}");
    }
    let number = rollbacks::start(&plane.cp, &operator, &to(2))
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(plane.version(number).await, plane.version(2).await);
    assert_eq!(plane.authorised(number).await, plane.authorised(2).await);
    world.plane.finish().await;
}
