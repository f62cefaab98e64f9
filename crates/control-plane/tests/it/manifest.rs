//! Nothing goes live unless its manifest has, at that moment, the digest that was approved (invariant 1).

use control_plane::workers::Status;
use domain::approval::ApprovalState;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::error::Conflict;
use domain::identity::IdentityState;

use crate::support::{World, conflict};

/// The statement that changes the one version there is.
fn set(what: &str) -> String {
    format!("UPDATE versions SET {what}")
}

#[tokio::test]
async fn what_changes_after_the_approval_blocks_the_deployment_and_is_named() {
    let zero = "0".repeat(64);
    let attacks = [
        ("config", set(&format!("config_digest = 'sha256:{zero}'"))),
        ("image", set(&format!("image_digest = 'sha256:{zero}'"))),
        (
            "scopes",
            set("scopes = '[\"orders:read\",\"orders:write\"]'"),
        ),
        ("commit", set(&format!("commit_id = '{}'", "0".repeat(40)))),
        (
            "gate results",
            format!("UPDATE gate_runs SET evidence_digest = 'sha256:{zero}'"),
        ),
        (
            "policy",
            "UPDATE deployments SET policy_version = 0 WHERE number = 2".to_owned(),
        ),
    ];
    for (field, attack) in attacks {
        let world = World::asked().await;
        let plane = &world.plane;
        plane.approve(&world.approver, 2).await.unwrap();
        plane.sql(&attack).await.unwrap();
        plane.settle_all().await;
        world.expect(2, DeploymentState::Cleaned).await;
        let why = world.why(2).await;
        assert!(why.contains("Blocked"), "{field}: {why}");
        assert!(why.contains(field), "{field}: {why}");
        assert_eq!(plane.approval(2).await, Some(ApprovalState::Stale));
        assert_eq!(
            plane.live(&world.agent, Environment::Production).await,
            None
        );
        assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
        assert!(plane.identity(2).await.is_none());
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn what_changes_while_the_question_is_open_is_not_covered_by_the_answer() {
    let world = World::asked().await;
    let plane = &world.plane;
    let scopes = set("scopes = '[\"orders:read\",\"orders:write\"]'");
    let form = plane.approval_form(&world.approver, 2).await;
    plane.sql(&scopes).await.unwrap();
    let decided = control_plane::approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(decided), Conflict::ManifestChanged);
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Stale));
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    // People are asked anew, about what there is now.
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn what_changes_while_the_agent_is_verified_never_goes_live() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.approve(&world.approver, 2).await.unwrap();
    let step = plane.activate("advance_deployments").await.unwrap();
    assert_eq!(step, Status::Worked);
    world.expect(2, DeploymentState::Verifying).await;
    let config = set(&format!("config_digest = 'sha256:{}'", "0".repeat(64)));
    plane.sql(&config).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Cleaned).await;
    assert!(world.why(2).await.contains("Blocked"));
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    let (client, state, _) = plane.identity(2).await.unwrap();
    assert_eq!(state, IdentityState::Revoked);
    assert!(plane.fakes.identities.was_revoked(&client));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_forged_authorisation_without_a_decision_deploys_nothing() {
    let world = World::asked().await;
    let plane = &world.plane;
    let forged = "UPDATE deployments SET state = 'deploying', authorised_digest = manifest_digest WHERE number = 2";
    plane.sql(forged).await.unwrap();
    plane.settle_all().await;
    world.expect(2, DeploymentState::Cleaned).await;
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_approval_of_another_manifest_deploys_nothing() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.approve(&world.approver, 2).await.unwrap();
    let zero = "0".repeat(64);
    let other = format!("UPDATE approvals SET manifest_digest = 'sha256:{zero}'");
    plane.sql(&other).await.unwrap();
    plane.settle_all().await;
    world.expect(2, DeploymentState::Cleaned).await;
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn the_agent_manifest_that_starts_an_agent_is_the_one_that_was_checked() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.approve(&world.approver, 2).await.unwrap();
    let other = set(
        "manifest_text = replace(manifest_text, 'entrypoint: agent.py', 'entrypoint: evil.py')",
    );
    plane.sql(&other).await.unwrap();
    plane.settle_all().await;
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    world.expect(2, DeploymentState::Cleaned).await;
    world.plane.finish().await;
}
