//! Clean-up: nothing that a deployment created is left, and nothing that it did not create is touched (invariant 4).

use control_plane::agents;
use control_plane::deployments;
use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use domain::actor::Role;
use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::gate::{Gate, Verdict};
use domain::identity::IdentityState;
use domain::ledger::{ResourceKind, ResourceState};

use crate::support::{World, conflict};

const SILENT: Fault = Fault::Refused(PortErrorKind::Unavailable);

#[tokio::test]
async fn the_identity_is_revoked_before_anything_else_is_torn_down() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    let teardown: Vec<String> = plane
        .fakes
        .faults
        .calls()
        .iter()
        .filter(|c| {
            matches!(
                c.name,
                "identity.revoke" | "runtime.remove" | "images.remove"
            )
        })
        .map(|c| c.name.to_owned())
        .collect();
    assert_eq!(
        teardown,
        ["identity.revoke", "runtime.remove", "images.remove"]
    );
    let events = plane.events().await;
    let revoked = events.iter().position(|e| e.action == "identity_revoked");
    let deleted = events.iter().position(|e| e.action == "resource_deleted");
    assert!(revoked.unwrap() < deleted.unwrap());
    let first = &events[deleted.unwrap()];
    assert_eq!(first.detail["kind"], "identity");
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_that_cannot_be_revoked_outside_is_useless_inside_at_once() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.fakes.faults.next("identity.revoke", 2, SILENT);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle().await;
    let (client, state, _) = plane.identity(1).await.unwrap();
    assert_eq!(state, IdentityState::Revoked);
    assert!(plane.fakes.identities.names().contains(&client));
    world.expect(1, DeploymentState::CleanupIncomplete).await;
    plane.settle_all().await;
    world.expect(1, DeploymentState::Cleaned).await;
    assert!(plane.fakes.identities.was_revoked(&client));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_deletion_that_fails_five_times_is_reported_and_then_done() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.fakes.faults.next("runtime.remove", 5, SILENT);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle().await;
    world.expect(1, DeploymentState::CleanupIncomplete).await;
    let receipt = plane.receipt(1).await.unwrap();
    assert_eq!(receipt.left.len(), 1, "{receipt:?}");
    assert!(receipt.left[0].contains("clearance-1"), "{receipt:?}");
    plane.settle_all().await;
    world.expect(1, DeploymentState::Cleaned).await;
    let receipt = plane.receipt(1).await.unwrap();
    assert_eq!(receipt.sentence(), "3 created, 3 gone, 0 left");
    assert_eq!(plane.fakes.faults.count("runtime.remove"), 6);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_provider_that_cannot_be_listed_writes_no_receipt_that_says_gone() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.fakes.faults.next("runtime.list", 3, SILENT);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle().await;
    assert_eq!(plane.receipt(1).await, None);
    plane.settle_all().await;
    world.expect(1, DeploymentState::Cleaned).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn what_clearance_did_not_create_is_never_touched() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.runtime.add_foreign("foreign-agent");
    plane.fakes.identities.add_foreign("foreign-client");
    plane.fakes.images.add_foreign("foreign:image");
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    assert_eq!(plane.fakes.runtime.names(), ["foreign-agent"]);
    assert_eq!(plane.fakes.identities.names(), ["foreign-client"]);
    assert_eq!(plane.fakes.images.names(), ["foreign:image"]);
    world.plane.finish().await;
}

#[tokio::test]
async fn the_receipt_of_a_replaced_version_says_that_its_image_is_kept() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    for number in [1, 2] {
        world.expect(number, DeploymentState::Superseded).await;
        let receipt = plane.receipt(number).await.unwrap();
        assert_eq!(receipt.sentence(), "2 created, 2 gone, 0 left");
        assert_eq!(receipt.kept.len(), 1, "{receipt:?}");
    }
    assert_eq!(plane.fakes.images.names().len(), 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_promotion_that_fails_leaves_the_image_that_non_prod_runs() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.approve(&world.approver, 2).await.unwrap();
    let rejected = Fault::Refused(PortErrorKind::Rejected);
    plane.fakes.faults.next("runtime.start", 1, rejected);
    world.settle().await;
    world.expect(2, DeploymentState::Cleaned).await;
    let receipt = plane.receipt(2).await.unwrap();
    assert_eq!((receipt.created, receipt.gone), (2, 2));
    assert_eq!(receipt.kept.len(), 1, "{receipt:?}");
    assert_eq!(plane.fakes.images.names().len(), 1);
    world.expect(1, DeploymentState::Live).await;
    // Another try needs no new build.
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let again = deployments::promote(&plane.cp, &developer, &TestPlane::form(1)).await;
    world.settle().await;
    plane
        .approve(&world.approver, again.unwrap())
        .await
        .unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    assert_eq!(plane.fakes.faults.count("images.build"), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_version_whose_image_was_removed_is_built_again() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    let first = plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    assert_eq!(plane.version(1).await.image, None);
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Passed);
    let second = world.push_code("print('second')\n").await;
    world.settle().await;
    let (repository, branch) = (&world.agent.repository, &world.agent.branch);
    plane.fakes.git.move_branch(repository, branch, &first);
    let delivery = plane.delivery(&world.agent, Some(&second), Some(&first));
    plane.deliver(&delivery).await.unwrap();
    world.settle().await;
    let live = plane
        .live(&world.agent, Environment::NonProd)
        .await
        .unwrap();
    assert_eq!(plane.version(live).await.number, "2.3.0");
    assert_eq!(plane.fakes.faults.count("images.build"), 3);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_image_that_two_deployments_of_a_version_used_goes_with_the_last() {
    let world = World::new().await;
    let plane = &world.plane;
    let first = plane.push(&world.agent, world.agent.files()).await;
    for worker in ["ingest_deliveries", "cut_versions"] {
        plane.activate(worker).await.unwrap();
    }
    for _ in 0..2 {
        plane.activate("advance_deployments").await.unwrap();
    }
    world.expect(1, DeploymentState::Checking).await;
    // The branch moves away and back: the same version again, while the first deployment of it is cancelled.
    let (repository, branch) = (&world.agent.repository, &world.agent.branch);
    let broken = world.agent.files_with("clearance.yaml", "schema: 1\n");
    let second = plane.push(&world.agent, broken).await;
    for worker in ["ingest_deliveries", "cut_versions"] {
        plane.activate(worker).await.unwrap();
    }
    plane.fakes.git.move_branch(repository, branch, &first);
    let delivery = plane.delivery(&world.agent, Some(&second), Some(&first));
    plane.deliver(&delivery).await.unwrap();
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.settle_all().await;
    assert_eq!(plane.numbers().await, [1, 2]);
    world.expect(1, DeploymentState::Cleaned).await;
    world.expect(2, DeploymentState::Cleaned).await;
    assert_eq!(plane.version(2).await.number, "2.3.0");
    assert!(plane.fakes.images.names().is_empty(), "nobody needs it");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_cancelled_deployment_leaves_nothing_in_any_state() {
    for steps in 0..5 {
        let world = World::new().await;
        let plane = &world.plane;
        plane.push(&world.agent, world.agent.files()).await;
        for worker in ["ingest_deliveries", "cut_versions"] {
            plane.activate(worker).await.unwrap();
        }
        for _ in 0..steps {
            plane.activate("advance_deployments").await.unwrap();
        }
        let ctx = plane.person("ops@example.com", Role::Operator).await;
        let form = TestPlane::form(1);
        let cancelled = deployments::cancel(&plane.cp, &ctx, &form).await;
        if plane.state(1).await == DeploymentState::Live {
            assert_eq!(conflict(cancelled), Conflict::WrongState);
            world.settle().await;
        } else {
            cancelled.unwrap();
            world.settle().await;
            world.expect(1, DeploymentState::Cleaned).await;
            assert!(plane.arrows(1).await.contains(&DeploymentEvent::Cancelled));
            assert!(plane.fakes.images.names().is_empty(), "after {steps}");
        }
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn decommissioning_revokes_first_and_takes_everything_down() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let from = plane.fakes.faults.calls().len();
    let form = world.leaving();
    agents::decommission(&plane.cp, &operator, &form)
        .await
        .unwrap();
    for number in [3, 4] {
        world.expect(number, DeploymentState::Decommissioned).await;
        let (_, state, _) = plane.identity(number).await.unwrap();
        assert_eq!(state, IdentityState::Revoked, "before any worker ran");
    }
    world.settle().await;
    assert!(plane.fakes.runtime.names().is_empty());
    assert!(plane.fakes.identities.names().is_empty());
    assert!(plane.fakes.images.names().is_empty());
    for number in [3, 4] {
        let calls = plane.fakes.faults.calls();
        let of = |name: &str, subject: &str| {
            let mut later = calls[from..].iter();
            later.position(|c| c.name == name && c.subject == subject)
        };
        let revoke = of("identity.revoke", &format!("refund-assistant-{number}"));
        let remove = of("runtime.remove", &format!("clearance-{number}"));
        assert!(revoke.unwrap() < remove.unwrap());
        assert_eq!(plane.receipt(number).await.unwrap().left.len(), 0);
    }
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );

    let again = agents::decommission(&plane.cp, &operator, &form).await;
    assert_eq!(conflict(again), Conflict::Decommissioned);
    world.push_code("print('too late')\n").await;
    world.settle().await;
    assert_eq!(plane.numbers().await, [1, 2, 3, 4]);
    world.plane.finish().await;
}

#[tokio::test]
async fn decommissioning_ends_what_is_on_its_way_and_takes_kept_images_too() {
    let world = World::asked().await;
    let plane = &world.plane;
    // The first version is deployed again by #5, which uses the image that #1 built.
    let first = plane.version(1).await.commit;
    let second = world.push_code("print('second')\n").await;
    world.settle().await;
    let (repository, branch) = (&world.agent.repository, &world.agent.branch);
    plane.fakes.git.move_branch(repository, branch, &first);
    let delivery = plane.delivery(&world.agent, Some(&second), Some(&first));
    plane.deliver(&delivery).await.unwrap();
    world.settle().await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let form = world.leaving();
    agents::decommission(&plane.cp, &operator, &form)
        .await
        .unwrap();
    plane.settle_all().await;
    assert!(plane.fakes.images.names().is_empty());
    assert!(plane.fakes.runtime.names().is_empty());
    for number in plane.numbers().await {
        let left = plane.ledger(number).await.into_iter().find(|r| {
            r.kind != ResourceKind::Image
                && !matches!(r.state, ResourceState::Deleted | ResourceState::Retained)
        });
        assert_eq!(left, None, "#{number}");
    }
    world.plane.finish().await;
}
