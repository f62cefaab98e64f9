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
async fn what_changes_after_the_approval_is_named_and_asked_anew_before_anything_is_created() {
    let zero = "0".repeat(64);
    let changes = [
        ("image", set(&format!("image_digest = 'sha256:{zero}'"))),
        (
            "scopes",
            set("scopes = '[\"orders:read\",\"orders:write\"]'"),
        ),
        (
            "gate results",
            format!("UPDATE gate_runs SET evidence_digest = 'sha256:{zero}'"),
        ),
        (
            "policy",
            "UPDATE deployments SET policy_version = 0 WHERE number = 2".to_owned(),
        ),
    ];
    for (field, change) in changes {
        let world = World::asked().await;
        let plane = &world.plane;
        let old = plane.approval_form(&world.approver, 2).await;
        plane.approve(&world.approver, 2).await.unwrap();
        plane.sql(&change).await.unwrap();
        world.settle().await;
        world.expect(2, DeploymentState::AwaitingApproval).await;
        let shown = control_plane::approvals::get(&plane.cp, &world.approver, 2).await;
        let shown = shown.unwrap();
        assert_eq!((shown.row.round, shown.row.state), (2, ApprovalState::Open));
        assert_eq!(shown.rounds[0].state, ApprovalState::Stale, "{field}");
        assert_eq!(shown.rounds[1].changed, [field]);
        assert_eq!(shown.row.approvals, 0, "{field}: nothing counts on");
        let events = plane.events().await;
        let mut settled = events.iter().filter(|e| e.action == "approval_settled");
        let stale = settled.rfind(|e| e.detail.get("state").is_some_and(|s| s == "stale"));
        let reason = stale.unwrap().reason.clone().unwrap();
        assert_eq!(reason, format!("Changed since it was approved: {field}."));
        assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
        assert!(plane.identity(2).await.is_none());
        // The answer of before is about another manifest.
        let late = control_plane::approvals::decide(&plane.cp, &world.approver, &old).await;
        assert_eq!(conflict(late), Conflict::ManifestChanged);
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn what_was_approved_anew_goes_live_and_what_changes_once_more_is_asked_once_more() {
    let world = World::asked().await;
    let plane = &world.plane;
    for (round, scope) in [(1, "orders:write"), (2, "orders:list")] {
        plane.approve(&world.approver, 2).await.unwrap();
        let scopes = set(&format!("scopes = '[\"orders:read\",\"{scope}\"]'"));
        plane.sql(&scopes).await.unwrap();
        world.settle().await;
        let shown = control_plane::approvals::get(&plane.cp, &world.approver, 2).await;
        let shown = shown.unwrap();
        assert_eq!(shown.row.round, round + 1);
        assert!(shown.diff.added_scopes.contains(&scope.to_owned()));
    }
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    let (_, _, scopes) = plane.identity(2).await.unwrap();
    assert_eq!(scopes, ["orders:read", "orders:list"]);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_nobody_can_be_shown_anew_ends_and_nothing_is_created() {
    let zero = "0".repeat(64);
    let attacks = [
        set(&format!("config_digest = 'sha256:{zero}'")),
        set(&format!("commit_id = '{}'", "0".repeat(40))),
    ];
    for attack in attacks {
        let world = World::asked().await;
        let plane = &world.plane;
        plane.approve(&world.approver, 2).await.unwrap();
        plane.sql(&attack).await.unwrap();
        plane.settle_all().await;
        world.expect(2, DeploymentState::Cleaned).await;
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
async fn the_agent_manifest_that_starts_an_agent_is_the_one_that_was_approved() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.approve(&world.approver, 2).await.unwrap();
    let other = set(
        "manifest_text = replace(manifest_text, 'entrypoint: agent.py', 'entrypoint: evil.py')",
    );
    plane.sql(&other).await.unwrap();
    world.settle().await;
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    world.expect(2, DeploymentState::AwaitingApproval).await;
    let shown = control_plane::approvals::get(&plane.cp, &world.approver, 2).await;
    assert_eq!(shown.unwrap().rounds[1].changed, ["agent manifest"]);
    world.plane.finish().await;
}
