//! Who answers for an agent, and what happens when they have left; and what runs without an identity.

use chrono::TimeDelta;
use control_plane::testing::TestPlane;
use control_plane::{Error, agents, findings, identities, rollbacks};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::form::agent::OwnerForm;
use domain::form::query::FindingQuery;
use domain::identity::OWNER_GRACE_HOURS;

use crate::identities::{WHY, kill};
use crate::support::World;

/// The world's agent, owned by somebody whose only role is in its team.
async fn owned() -> World {
    let world = World::live().await;
    let plane = &world.plane;
    let owner = plane
        .person_with(
            "owner@example.com",
            &[(Role::Developer, Some(plane.team))],
            &[],
        )
        .await;
    let form = OwnerForm {
        agent: world.agent.slug.clone(),
        owner: "owner@example.com".to_owned(),
    };
    agents::set_owner(&plane.cp, &owner, &form).await.unwrap();
    world
}

/// Takes every role from the owner.
async fn leaves(world: &World) {
    let gone = "DELETE FROM role_grants WHERE user_id = (SELECT id FROM users WHERE email = 'owner@example.com')";
    world.plane.sql(gone).await.unwrap();
}

#[tokio::test]
async fn nothing_new_goes_live_for_an_agent_whose_owner_has_left_and_a_rollback_does() {
    let world = owned().await;
    let plane = &world.plane;
    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    leaves(&world).await;
    world.push_code("print('third')\n").await;
    world.settle().await;
    assert!(world.why(5).await.contains("answers for this agent"));
    let operator = plane.person("ops@example.com", Role::Operator).await;
    rollbacks::start(&plane.cp, &operator, &TestPlane::back(4))
        .await
        .unwrap();
    world.settle().await;
    world.expect(6, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_agent_whose_owner_has_left_is_a_finding_and_then_suspended() {
    let world = owned().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    leaves(&world).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let left = FindingQuery {
        kind: "owner_left".to_owned(),
        ..FindingQuery::default()
    };
    plane.clock.advance(TimeDelta::minutes(1));
    world.settle().await;
    assert_eq!(
        findings::list(cp, &operator, &left)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    assert!(
        agents::get(cp, &operator, &world.agent.slug)
            .await
            .unwrap()
            .owner
            .unwrap()
            .left
    );
    let client = "refund-assistant-2";
    plane
        .clock
        .advance(TimeDelta::hours(i64::from(OWNER_GRACE_HOURS) - 1));
    world.settle().await;
    assert!(identities::active(cp, client).await.unwrap().is_some());
    plane.clock.advance(TimeDelta::hours(2));
    world.settle().await;
    assert_eq!(identities::active(cp, client).await.unwrap(), None);
    // Somebody else answers for it from now on.
    let form = OwnerForm {
        agent: world.agent.slug.clone(),
        owner: "ops@example.com".to_owned(),
    };
    agents::set_owner(cp, &operator, &form).await.unwrap();
    identities::resume(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    plane.clock.advance(TimeDelta::hours(1));
    world.settle().await;
    assert!(identities::active(cp, client).await.unwrap().is_some());
    assert!(
        findings::list(cp, &operator, &left)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn an_owner_is_somebody_of_the_team_and_named_by_who_may_change_the_agent() {
    let world = owned().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let elsewhere = plane.add_team("elsewhere").await;
    let theirs = [(Role::Developer, Some(elsewhere))];
    let theirs = plane.person_with("theirs@example.com", &theirs, &[]).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let named = |owner: &str| OwnerForm {
        agent: world.agent.slug.clone(),
        owner: owner.to_owned(),
    };
    for word in ["theirs@example.com", "nobody@example.com", ""] {
        let refused = agents::set_owner(cp, &operator, &named(word)).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{word}: {refused:?}"
        );
    }
    let refused = agents::set_owner(cp, &viewer, &named("ops@example.com")).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    let hidden = agents::set_owner(cp, &theirs, &named("ops@example.com")).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    for _ in 0..2 {
        agents::set_owner(cp, &operator, &named("ops@example.com"))
            .await
            .unwrap();
    }
    assert_eq!(plane.count_events("agent_owner_changed").await, 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_runs_after_its_identity_was_revoked_is_a_finding() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    identities::revoke(cp, &operator, &kill("refund-assistant-2", WHY))
        .await
        .unwrap();
    plane.clock.advance(TimeDelta::minutes(1));
    world.settle().await;
    let without = FindingQuery {
        kind: "without_identity".to_owned(),
        ..FindingQuery::default()
    };
    let found = findings::list(cp, &operator, &without).await.unwrap();
    assert_eq!(found.rows.len(), 1);
    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    plane.clock.advance(TimeDelta::minutes(1));
    world.settle().await;
    let found = findings::list(cp, &operator, &without).await.unwrap();
    assert!(found.rows.is_empty());
    world.plane.finish().await;
}
