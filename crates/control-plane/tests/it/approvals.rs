//! Approvals: who may decide, and that a decision counts once (invariants 2 and 6).

use chrono::Duration;
use control_plane::fakes::NewCommit;
use control_plane::{Error, OpCtx, approvals, deployments};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::authz::Action;
use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::environment::Environment;
use domain::error::{Conflict, Exclusion, FieldProblem};
use domain::form::approval::DecisionForm;

use crate::support::{World, conflict, token_of};
use control_plane::testing::TestPlane;

/// Tries to approve and gives the rule that stood in the way. It must be in the audit log.
pub(crate) async fn excluded(world: &World, ctx: &OpCtx, number: i64) -> Exclusion {
    let plane = &world.plane;
    let refused = plane.count_events("refused").await;
    let rule = match plane.approve(ctx, number).await {
        Err(Error::Excluded { rule }) => rule,
        other => panic!("not excluded: {other:?}"),
    };
    let events = plane.events().await;
    assert_eq!(plane.count_events("refused").await, refused + 1);
    let last = events.last().unwrap();
    assert_eq!(last.reason.as_deref(), Some(rule.as_str()));
    assert_eq!(last.actor.id, ctx.actor().audit_id());
    rule
}

#[tokio::test]
async fn author_and_committer_cannot_approve_under_any_of_their_addresses() {
    let world = World::new().await;
    let plane = &world.plane;
    let author = plane.person("wrote@example.com", Role::Approver).await;
    let committer = plane.person("commits@example.com", Role::Approver).await;
    let approver = [(Role::Approver, None)];
    let linked = ["Wrote@Example.com"];
    let linked = plane.person_with("other@example.com", &approver, &linked);
    let linked = linked.await;
    let commit = NewCommit {
        files: world.agent.files(),
        author: "Wrote@Example.com".to_owned(),
        committer: "commits@example.com".to_owned(),
        ..NewCommit::default()
    };
    plane.push_commit(&world.agent, commit).await;
    world.settle().await;

    assert_eq!(excluded(&world, &author, 2).await, Exclusion::CommitAuthor);
    assert_eq!(excluded(&world, &linked, 2).await, Exclusion::CommitAuthor);
    assert_eq!(excluded(&world, &committer, 2).await, Exclusion::Committer);
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Open));
    world.plane.finish().await;
}

#[tokio::test]
async fn administrators_are_no_exception() {
    let world = World::asked().await;
    let plane = &world.plane;
    let both = [(Role::Administrator, None), (Role::Approver, None)];
    let author = plane.person_with("author@example.com", &both, &[]).await;
    assert_eq!(excluded(&world, &author, 2).await, Exclusion::CommitAuthor);
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let refused = plane.approve(&admin, 2).await;
    assert!(
        matches!(
            refused,
            Err(Error::Forbidden {
                action: Action::Decide
            })
        ),
        "{refused:?}"
    );
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Open));
    world.plane.finish().await;
}

#[tokio::test]
async fn whoever_requested_a_promotion_cannot_approve_it() {
    let world = World::asked().await;
    let plane = &world.plane;
    reject(plane, &world.approver, 2).await;
    world.settle().await;
    let both = [(Role::Developer, None), (Role::Approver, None)];
    let eager = plane.person_with("eager@example.com", &both, &[]).await;
    let form = TestPlane::form(1);
    let number = deployments::promote(&plane.cp, &eager, &form).await;
    let number = number.unwrap();
    world.settle().await;
    world
        .expect(number, DeploymentState::AwaitingApproval)
        .await;
    assert_eq!(excluded(&world, &eager, number).await, Exclusion::Requester);
    plane.approve(&world.approver, number).await.unwrap();
    world.settle().await;
    world.expect(number, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn whoever_changed_the_config_bundle_since_the_live_version_cannot_approve() {
    let world = World::live().await;
    let plane = &world.plane;
    let editor = plane.person("prompts@example.com", Role::Approver).await;
    let before = plane.person("author@example.com", Role::Approver).await;
    let mut files = world.agent.files_with("prompts/system.md", "New words.\n");
    let by = |author: &str, files| NewCommit {
        files,
        author: author.to_owned(),
        ..NewCommit::default()
    };
    let commit = by("prompts@example.com", files.clone());
    plane.commit(&world.agent, commit);
    files.insert("agent.py".to_owned(), "print('new')\n".to_owned());
    let commit = by("coder@example.com", files);
    plane.push_commit(&world.agent, commit).await;
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;

    assert_eq!(excluded(&world, &editor, 4).await, Exclusion::ConfigEditor);
    // The author of the version that is live already has no part in this one.
    plane.approve(&before, 4).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_token_and_clearance_itself_never_decide() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    let token = token_of(plane, &world.approver);
    for ctx in [token, plane.system()] {
        let refused = approvals::decide(&plane.cp, &ctx, &form).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    }
    let stranger = approvals::decide(&plane.cp, &plane.anonymous(), &form).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Open));
    world.plane.finish().await;
}

#[tokio::test]
async fn for_an_approver_of_another_team_the_approval_does_not_exist() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    let other = plane.add_team("logistics").await;
    let role = [(Role::Approver, Some(other))];
    let stranger = plane.person_with("far@example.com", &role, &[]).await;
    let seen = approvals::get(&plane.cp, &stranger, 2).await;
    assert!(matches!(seen, Err(Error::NotFound { .. })), "{seen:?}");
    let decided = approvals::decide(&plane.cp, &stranger, &form).await;
    assert!(matches!(decided, Err(Error::NotFound { .. })));

    let role = [(Role::Approver, Some(plane.team))];
    let near = plane.person_with("near@example.com", &role, &[]).await;
    approvals::decide(&plane.cp, &near, &form).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn of_two_approvers_at_once_one_decides_and_the_other_learns_it() {
    let world = World::asked().await;
    let plane = &world.plane;
    let second = plane.person("second@example.com", Role::Approver).await;
    let form = plane.approval_form(&world.approver, 2).await;
    let (one, two) = tokio::join!(
        approvals::decide(&plane.cp, &world.approver, &form),
        approvals::decide(&plane.cp, &second, &form)
    );
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert_eq!(won.unwrap(), ApprovalState::Approved);
    let why = conflict(lost);
    assert!(
        matches!(why, Conflict::AlreadyDecided | Conflict::Changed),
        "{why}"
    );
    assert_eq!(plane.count_events("approval_decided").await, 1);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_double_click_decides_once() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    let decide = || approvals::decide(&plane.cp, &world.approver, &form);
    let (one, two) = tokio::join!(decide(), decide());
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    conflict(if one.is_ok() { two } else { one });
    assert_eq!(conflict(decide().await), Conflict::AlreadyDecided);
    assert_eq!(plane.count_events("approval_decided").await, 1);
    world.settle().await;
    world.plane.finish().await;
}

pub(crate) async fn reject(plane: &TestPlane, ctx: &OpCtx, number: i64) {
    let form = DecisionForm {
        verdict: "reject".to_owned(),
        reason: "Not before the audit.".to_owned(),
        ..plane.approval_form(ctx, number).await
    };
    let decided = approvals::decide(&plane.cp, ctx, &form).await;
    assert_eq!(decided.unwrap(), ApprovalState::Rejected);
}

#[tokio::test]
async fn a_rejection_needs_a_reason_and_ends_the_deployment_alone() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = DecisionForm {
        verdict: "reject".to_owned(),
        reason: "no".to_owned(),
        ..plane.approval_form(&world.approver, 2).await
    };
    let refused = approvals::decide(&plane.cp, &world.approver, &form).await;
    let Err(Error::Invalid(fields)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(fields.get("reason"), Some(FieldProblem::TooShort));

    reject(plane, &world.approver, 2).await;
    world.settle().await;
    world.expect(2, DeploymentState::Cleaned).await;
    assert!(world.why(2).await.contains("Not before the audit."));
    world.expect(1, DeploymentState::Live).await;
    assert_eq!(plane.fakes.images.names().len(), 1, "non-prod needs it");
    world.plane.finish().await;
}

#[tokio::test]
async fn an_approval_that_nobody_answers_expires_and_cannot_be_given_late() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    plane.clock.advance(Duration::hours(72));
    // The worker that ends it has not run yet; the rule holds all the same.
    let late = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(late), Conflict::AlreadyDecided);
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Expired));
    world.expect(2, DeploymentState::Cleaned).await;
    assert!(plane.arrows(2).await.contains(&DeploymentEvent::Expired));
    let late = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(late), Conflict::AlreadyDecided);
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_decision_binds_to_the_manifest_and_the_scopes_that_were_shown() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    let other = DecisionForm {
        manifest_digest: format!("sha256:{}", "0".repeat(64)),
        ..form.clone()
    };
    let decided = approvals::decide(&plane.cp, &world.approver, &other).await;
    assert_eq!(conflict(decided), Conflict::ManifestChanged);
    let unread = DecisionForm {
        accepted_scopes: String::new(),
        ..form
    };
    let decided = approvals::decide(&plane.cp, &world.approver, &unread).await;
    let Err(Error::Invalid(fields)) = decided else {
        panic!("{decided:?}")
    };
    assert_eq!(
        fields.get("accepted_scopes"),
        Some(FieldProblem::NotAccepted)
    );
    assert_eq!(plane.count_events("approval_decided").await, 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_newer_version_withdraws_the_question_about_an_older_one() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    world.push_code("print('second')\n").await;
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Withdrawn));
    world.expect(2, DeploymentState::Cleaned).await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    let decided = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(decided), Conflict::AlreadyDecided);
    world.plane.finish().await;
}
