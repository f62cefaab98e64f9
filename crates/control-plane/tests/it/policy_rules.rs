//! The rules of the policy that a deployment began with are obeyed, and a dry run tells what another would have stopped.

use chrono::{DateTime, Duration, Utc};
use control_plane::testing::TestPlane;
use control_plane::{Error, deployments, policies, rollbacks};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::deployment::DeploymentState;
use domain::error::{Conflict, Exclusion};

use crate::approvals::{excluded, reject};
use crate::policies::{administrators, adopt, form, with};
use crate::support::{World, conflict};

/// The open conditions of a deployment that speak of the clock.
async fn waits(world: &World, number: i64) -> Vec<String> {
    let ctx = &world.approver;
    let shown = deployments::get(&world.plane.cp, ctx, number, None, None).await;
    let conditions = shown.unwrap().conditions.into_iter();
    conditions
        .filter(|c| !c.met && c.text.contains(" until "))
        .map(|c| c.text)
        .collect()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_quorum_of_two_needs_two_different_people() {
    let world = World::new().await;
    let plane = &world.plane;
    let second = plane.person("second@example.com", Role::Approver).await;
    adopt(&world, &with(&[("quorum: 1", "quorum: 2")])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let first = plane.approve(&world.approver, 2).await;
    assert_eq!(first.unwrap(), ApprovalState::Open);
    let rule = excluded(&world, &world.approver, 2).await;
    assert_eq!(rule, Exclusion::AlreadyDecided);
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    assert_eq!(plane.authorised(2).await, None);
    let last = plane.approve(&second, 2).await;
    assert_eq!(last.unwrap(), ApprovalState::Approved);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn two_approvers_at_once_are_two() {
    let world = World::new().await;
    let plane = &world.plane;
    let second = plane.person("second@example.com", Role::Approver).await;
    adopt(&world, &with(&[("quorum: 1", "quorum: 2")])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let (a, b) = tokio::join!(plane.approve(&world.approver, 2), plane.approve(&second, 2));
    for (outcome, ctx) in [(a, &world.approver), (b, &second)] {
        match outcome {
            Ok(_) => {}
            // The slower of two that read the same revision looks again, and then counts.
            Err(Error::Conflict {
                why: Conflict::Changed,
            }) => {
                plane.approve(ctx, 2).await.unwrap();
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Approved));
    assert_eq!(plane.count_events("approval_decided").await, 2);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_deployment_keeps_the_policy_that_it_began_with() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.person("second@example.com", Role::Approver).await;
    adopt(&world, &with(&[("quorum: 1", "quorum: 2")])).await;
    let decided = plane.approve(&world.approver, 2).await;
    assert_eq!(decided.unwrap(), ApprovalState::Approved);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.push_code("print('second')\n").await;
    world.settle().await;
    let decided = plane.approve(&world.approver, 4).await;
    assert_eq!(decided.unwrap(), ApprovalState::Open);
    let pinned = "SELECT CAST(policy_version AS TEXT) FROM deployments ORDER BY number";
    assert_eq!(plane.column(pinned).await, ["1", "1", "2", "2"]);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rollback_restores_what_another_policy_cleared_even_in_a_freeze() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let window =
        "freeze: [{reason: Books, from: 2026-03-01T00:00:00Z, until: 2026-04-01T00:00:00Z}]";
    adopt(&world, &with(&[("freeze: []", window)])).await;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let mut asked = TestPlane::back(4);
    asked.reason = "It answers in riddles.".to_owned();
    rollbacks::start(&plane.cp, &operator, &asked)
        .await
        .unwrap();
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    assert_eq!(plane.authorised(5).await, plane.authorised(2).await);
    world.plane.finish().await;
}

#[tokio::test]
async fn nobody_is_asked_in_a_freeze_and_it_goes_on_by_itself() {
    let world = World::new().await;
    let plane = &world.plane;
    let window =
        "freeze: [{reason: Books, from: 2026-03-02T08:00:00Z, until: 2026-03-02T12:00:00Z}]";
    adopt(&world, &with(&[("freeze: []", window)])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    world.expect(2, DeploymentState::Queued).await;
    let said = "Frozen until 2026-03-02 12:00 UTC: Books";
    assert_eq!(waits(&world, 2).await, [said]);
    plane.clock.advance_to(time("2026-03-02T11:59:59Z"));
    world.settle().await;
    world.expect(2, DeploymentState::Queued).await;
    plane.clock.advance_to(time("2026-03-02T12:00:00Z"));
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    assert!(waits(&world, 2).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_freeze_that_begins_after_the_approval_holds_up_the_deploying() {
    let world = World::new().await;
    let plane = &world.plane;
    let window =
        "freeze: [{reason: Books, from: 2026-03-02T12:00:00Z, until: 2026-03-02T18:00:00Z}]";
    adopt(&world, &with(&[("freeze: []", window)])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    plane.clock.advance_to(time("2026-03-02T12:00:00Z"));
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Deploying).await;
    assert_eq!(plane.identity(2).await, None);
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    assert_eq!(waits(&world, 2).await.len(), 1);
    plane.clock.advance_to(time("2026-03-02T18:00:00Z"));
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_version_stays_in_non_prod_as_long_as_the_policy_asks() {
    let world = World::new().await;
    let plane = &world.plane;
    adopt(&world, &with(&[("soak_minutes: 0", "soak_minutes: 60")])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    world.expect(2, DeploymentState::Queued).await;
    assert!(waits(&world, 2).await[0].starts_with("In non-prod until 2026-03-02 10:"));
    // A newer version takes its place, and waits for itself.
    plane.clock.advance(Duration::minutes(30));
    world.push_code("print('second')\n").await;
    world.settle().await;
    world.expect(2, DeploymentState::Cleaned).await;
    plane.clock.advance(Duration::minutes(45));
    world.settle().await;
    world.expect(4, DeploymentState::Queued).await;
    plane.clock.advance(Duration::minutes(16));
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn what_a_lower_threshold_judged_is_not_proven_under_a_higher_one() {
    let world = World::asked().await;
    let plane = &world.plane;
    reject(plane, &world.approver, 2).await;
    world.settle().await;
    adopt(&world, &with(&[("relevance: 90", "relevance: 95")])).await;
    let developer = plane.person("developer@example.com", Role::Developer).await;
    let promoted = deployments::promote(&plane.cp, &developer, &TestPlane::form(1)).await;
    assert_eq!(conflict(promoted), Conflict::GatesNotSatisfied);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_dry_run_names_what_would_have_been_stopped() {
    let world = World::live().await;
    let plane = &world.plane;
    plane.person("second@example.com", Role::Approver).await;
    let (one, _) = administrators(plane).await;
    let text = with(&[
        ("quorum: 1", "quorum: 2"),
        ("relevance: 90", "relevance: 95"),
    ]);
    policies::propose(&plane.cp, &one, &form(&text))
        .await
        .unwrap();
    let same = policies::dry_run(&plane.cp, &one, 1).await.unwrap();
    assert_eq!((same.checked, same.stopped.len()), (2, 0), "{same:?}");
    let found = policies::dry_run(&plane.cp, &one, 2).await.unwrap();
    let rows: Vec<_> = found
        .stopped
        .iter()
        .map(|r| (r.number, r.live, r.lacks.clone()))
        .collect();
    let judged = "Relevance and quality was judged by 90 %, not 95 %".to_owned();
    assert_eq!(
        rows,
        [
            (2, true, vec![judged.clone(), "1 of 2 approvals".to_owned()]),
            (1, true, vec![judged]),
        ]
    );
    // Old ones are looked at only as long as they are live.
    plane.clock.advance(Duration::days(91));
    let later = policies::dry_run(&plane.cp, &one, 2).await.unwrap();
    assert_eq!(later.checked, 2);
    let elsewhere = plane.add_team("elsewhere").await;
    let viewer = [(Role::Viewer, Some(elsewhere))];
    let stranger = plane.person_with("stranger@example.com", &viewer, &[]);
    let stranger = stranger.await;
    let nothing = policies::dry_run(&plane.cp, &stranger, 2).await.unwrap();
    assert_eq!(nothing.checked, 0);
    assert!(
        policies::dry_run(&plane.cp, &plane.anonymous(), 2)
            .await
            .is_err()
    );
    world.plane.finish().await;
}
