//! Rollbacks: runtime, config bundle, scopes and registry go back together, and what was left stays away (invariant 5).

use control_plane::agents;
use control_plane::fakes::{Fault, Start};
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, deployments, rollbacks};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::authz::Action;
use domain::deployment::{DeploymentEvent as E, DeploymentState};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::form::agent::LiftHoldForm;
use domain::identity::IdentityState;

use crate::support::{World, conflict};

async fn operator(world: &World) -> OpCtx {
    world.plane.person("ops@example.com", Role::Operator).await
}

async fn start(world: &World, ctx: &OpCtx, number: i64) -> Result<i64, Error> {
    rollbacks::start(&world.plane.cp, ctx, &TestPlane::back(number)).await
}

/// The second version asks for another scope and has another prompt; it is live in production as #4.
async fn two_versions() -> World {
    let world = World::live().await;
    let plane = &world.plane;
    let mut files = world.agent.files_with("prompts/system.md", "Bolder.\n");
    let scopes = ["orders:read", "orders:write"];
    let manifest = world.agent.manifest(&scopes);
    files.insert("clearance.yaml".to_owned(), manifest);
    plane.push(&world.agent, files).await;
    world.settle().await;
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    world
}

#[tokio::test]
async fn a_rollback_restores_version_config_scopes_and_pointer_under_the_approved_digest() {
    let world = two_versions().await;
    let plane = &world.plane;
    let (_, _, scopes) = plane.identity(4).await.unwrap();
    assert_eq!(scopes, ["orders:read", "orders:write"]);
    let asked = plane.count_events("approval_opened").await;
    let number = start(&world, &operator(&world).await, 4).await.unwrap();
    assert_eq!(number, 5);
    world.settle().await;

    world.expect(5, DeploymentState::Live).await;
    world.expect(4, DeploymentState::RolledBack).await;
    assert_eq!(
        plane.arrows(5).await,
        [E::RollbackCleared, E::Deployed, E::Verified]
    );
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(5)
    );
    assert_eq!(plane.version(5).await, plane.version(2).await);
    assert_eq!(plane.authorised(5).await, plane.authorised(2).await);
    assert_ne!(plane.authorised(5).await, plane.authorised(4).await);
    assert_eq!(plane.count_events("approval_opened").await, asked);
    let (client, state, scopes) = plane.identity(5).await.unwrap();
    assert_eq!(state, IdentityState::Active);
    assert_eq!(scopes, ["orders:read"]);
    assert_eq!(plane.fakes.identities.scopes(&client), Some(scopes));
    let (left, state, _) = plane.identity(4).await.unwrap();
    assert_eq!(state, IdentityState::Revoked);
    assert!(plane.fakes.identities.was_revoked(&left));
    let order = plane.fakes.runtime.order("clearance-5").unwrap();
    assert_eq!(Some(order.image_digest), plane.version(2).await.image);
    assert!(plane.version(4).await.held);
    assert_eq!(plane.count_events("hold_set").await, 1);
    // Non-prod is where it was.
    assert_eq!(
        plane.live(&world.agent, Environment::NonProd).await,
        Some(3)
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_held_version_comes_back_neither_by_a_push_nor_by_a_promotion_until_the_hold_is_lifted() {
    let world = two_versions().await;
    let plane = &world.plane;
    let operator = operator(&world).await;
    start(&world, &operator, 4).await.unwrap();
    world.settle().await;
    let held = plane.version(4).await;

    let promoted = deployments::promote(&plane.cp, &operator, &TestPlane::form(3)).await;
    assert_eq!(conflict(promoted), Conflict::Held);

    let third = world.push_code("print('third')\n").await;
    world.settle().await;
    let (repository, branch) = (&world.agent.repository, &world.agent.branch);
    plane
        .fakes
        .git
        .move_branch(repository, branch, &held.commit);
    let delivery = plane.delivery(&world.agent, Some(&third), Some(&held.commit));
    plane.deliver(&delivery).await.unwrap();
    world.settle().await;
    let pushes = plane.pushes().await;
    let (commit, _, state, note) = pushes.last().unwrap();
    assert_eq!((commit, state.as_str()), (&held.commit, "unchanged"));
    assert!(note.contains("held"), "{note}");

    let form = LiftHoldForm {
        agent: world.agent.slug.clone(),
        version: held.number.clone(),
        reason: "The cause was elsewhere.".to_owned(),
    };
    agents::lift_hold(&plane.cp, &operator, &form)
        .await
        .unwrap();
    let again = agents::lift_hold(&plane.cp, &operator, &form).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    // Away and back: now it is deployed.
    plane.fakes.git.move_branch(repository, branch, &third);
    let away = plane.delivery(&world.agent, Some(&held.commit), Some(&third));
    plane.deliver(&away).await.unwrap();
    world.settle().await;
    plane
        .fakes
        .git
        .move_branch(repository, branch, &held.commit);
    let back = plane.delivery(&world.agent, Some(&third), Some(&held.commit));
    plane.deliver(&back).await.unwrap();
    world.settle().await;
    let live = plane
        .live(&world.agent, Environment::NonProd)
        .await
        .unwrap();
    assert_eq!(plane.version(live).await.number, held.number);
    world.plane.finish().await;
}

#[tokio::test]
async fn the_content_of_a_held_version_does_not_come_back_under_another_number() {
    let world = two_versions().await;
    let plane = &world.plane;
    start(&world, &operator(&world).await, 4).await.unwrap();
    world.settle().await;
    world.push_code("print('something else')\n").await;
    world.settle().await;
    let mut files = world.agent.files_with("prompts/system.md", "Bolder.\n");
    let manifest = world.agent.manifest(&["orders:read", "orders:write"]);
    files.insert("clearance.yaml".to_owned(), manifest);
    plane.push(&world.agent, files).await;
    world.settle().await;
    let last = *plane.numbers().await.last().unwrap();
    world.expect(last, DeploymentState::Cleaned).await;
    assert!(world.why(last).await.contains("held"));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_question_that_is_open_while_its_version_is_rolled_back_brings_it_back_to_nobody() {
    let world = two_versions().await;
    let plane = &world.plane;
    let operator = operator(&world).await;
    let number = start(&world, &operator, 4).await.unwrap();
    // The version is not held yet: it is held when the rollback is live.
    let promoted = deployments::promote(&plane.cp, &operator, &TestPlane::form(3)).await;
    let promoted = promoted.unwrap();
    world.settle().await;
    world.expect(number, DeploymentState::Live).await;
    assert!(plane.version(promoted).await.held);
    if plane.state(promoted).await == DeploymentState::AwaitingApproval {
        // Nobody may be able to bring it back by answering a question that was asked before.
        let _ = plane.approve(&world.approver, promoted).await;
        plane.settle_all().await;
    }
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(number)
    );
    world.expect(promoted, DeploymentState::Cleaned).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_image_that_is_missing_or_damaged_is_said_before_anything_is_changed() {
    for damaged in [false, true] {
        let world = World::live_twice().await;
        let plane = &world.plane;
        let image = plane.version(2).await.image.unwrap();
        if damaged {
            plane.fakes.images.damage_image(&image);
        } else {
            plane.fakes.images.drop_image(&image);
        }
        let events = plane.events().await.len();
        let refused = start(&world, &operator(&world).await, 4).await;
        assert_eq!(conflict(refused), Conflict::TargetNotReady);
        world.settle().await;
        world.expect(4, DeploymentState::Live).await;
        assert_eq!(plane.numbers().await, [1, 2, 3, 4]);
        // The operator was added, and nothing else happened.
        assert_eq!(plane.events().await.len(), events + 1);
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn there_is_nothing_to_go_back_to_from_the_first_version() {
    let world = World::live().await;
    let refused = start(&world, &operator(&world).await, 2).await;
    assert_eq!(conflict(refused), Conflict::NoTarget);
    world.plane.finish().await;
}

#[tokio::test]
async fn only_the_live_deployment_is_rolled_back_and_only_by_those_who_may() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = operator(&world).await;
    let refused = start(&world, &operator, 2).await;
    assert!(
        matches!(conflict(refused), Conflict::WrongState | Conflict::NoTarget),
        "a superseded one"
    );
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let refusals = plane.count_events("refused").await;
    let refused = start(&world, &developer, 4).await;
    assert!(matches!(
        refused,
        Err(Error::Forbidden {
            action: Action::Rollback
        })
    ));
    assert_eq!(plane.count_events("refused").await, refusals + 1);
    assert_eq!(plane.numbers().await, [1, 2, 3, 4]);
    world.plane.finish().await;
}

#[tokio::test]
async fn two_clicks_on_roll_back_start_one() {
    let world = World::live_twice().await;
    let operator = operator(&world).await;
    let (one, two) = tokio::join!(start(&world, &operator, 4), start(&world, &operator, 4));
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    conflict(if one.is_ok() { two } else { one });
    world.settle().await;
    assert_eq!(world.plane.numbers().await, [1, 2, 3, 4, 5]);
    world.expect(5, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rollback_that_fails_leaves_what_is_live_alone() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    plane.fakes.runtime.set_start(Start::Stops);
    let operator = operator(&world).await;
    start(&world, &operator, 4).await.unwrap();
    world.settle().await;
    world.expect(5, DeploymentState::Cleaned).await;
    world.expect(4, DeploymentState::Live).await;
    assert!(!plane.version(4).await.held);
    let (_, state, _) = plane.identity(4).await.unwrap();
    assert_eq!(state, IdentityState::Active);
    assert_eq!(plane.fakes.images.names().len(), 2, "images stay");
    // It can be tried again.
    plane.fakes.runtime.set_start(Start::Healthy);
    start(&world, &operator, 4).await.unwrap();
    world.settle().await;
    world.expect(6, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rollback_in_non_prod_restores_the_version_before() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let number = start(&world, &operator(&world).await, 3).await.unwrap();
    world.settle().await;
    world.expect(number, DeploymentState::Live).await;
    world.expect(3, DeploymentState::RolledBack).await;
    assert_eq!(plane.version(number).await, plane.version(1).await);
    // Production is another question.
    world.expect(4, DeploymentState::Live).await;
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(4)
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rollback_of_a_rollback_goes_further_back_and_never_to_what_was_left() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    world.push_code("print('third')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 6).await.unwrap();
    world.settle().await;
    let operator = operator(&world).await;
    assert_eq!(start(&world, &operator, 6).await.unwrap(), 7);
    world.settle().await;
    assert_eq!(plane.version(7).await.number, "2.3.1");
    assert_eq!(start(&world, &operator, 7).await.unwrap(), 8);
    world.settle().await;
    world.expect(8, DeploymentState::Live).await;
    assert_eq!(plane.version(8).await.number, "2.3.0");
    let refused = start(&world, &operator, 8).await;
    assert_eq!(conflict(refused), Conflict::NoTarget);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rollback_gives_way_when_another_version_went_live_meanwhile() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    world.push_code("print('third')\n").await;
    world.settle().await;
    world.expect(6, DeploymentState::AwaitingApproval).await;
    // #6 is approved and slow to start; the rollback of #4, which begins then, is slower.
    let silent = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("runtime.start", 1, silent);
    plane.approve(&world.approver, 6).await.unwrap();
    plane.settle().await;
    world.expect(6, DeploymentState::Deploying).await;
    plane.clock.advance(chrono::Duration::milliseconds(100));
    plane.fakes.faults.next("runtime.start", 1, silent);
    start(&world, &operator(&world).await, 4).await.unwrap();
    plane.settle().await;
    world.expect(7, DeploymentState::Deploying).await;
    plane.settle_all().await;
    assert_eq!(plane.approval(6).await, Some(ApprovalState::Consumed));
    world.expect(7, DeploymentState::Cleaned).await;
    world.expect(6, DeploymentState::Live).await;
    world.plane.finish().await;
}
