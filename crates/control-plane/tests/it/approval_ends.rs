//! What becomes of an approval: taken back, expired unused, reminded of, commented, stale and asked again; and why a
//! deployment is not further.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, approvals, deployments, rollbacks};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::form::approval::{ApprovalForm, DecisionForm};
use domain::form::query::ApprovalQuery;

use crate::approval_rules::{ask, asked_under};
use crate::approvals::reject;
use crate::policies::{adopt, with};
use crate::support::{World, conflict, token_of};

fn words(reason: &str) -> ApprovalForm {
    ApprovalForm {
        number: "2".to_owned(),
        reason: reason.to_owned(),
    }
}

/// A world in which #2 is approved and held up by a freeze.
async fn approved_and_frozen(block: &str) -> World {
    let world = World::new().await;
    let frozen = "freeze:\n    - { reason: Books, from: \"2026-03-02T10:00:00Z\", until: \"2026-04-02T10:00:00Z\" }";
    let text = with(&[(
        "freeze: []",
        &format!("{frozen}\n  approval: {{ {block} }}"),
    )]);
    adopt(&world, &text).await;
    ask(&world).await;
    let form = world.plane.approval_form(&world.approver, 2).await;
    world.plane.clock.advance(Duration::hours(2));
    let fresh = world.plane.fresh(&world.approver);
    let decided = approvals::decide(&world.plane.cp, &fresh, &form).await;
    assert_eq!(decided.unwrap(), ApprovalState::Approved);
    world.settle().await;
    world.expect(2, DeploymentState::Deploying).await;
    world
}

#[tokio::test]
async fn an_approval_that_is_not_used_in_time_expires_and_leaves_nothing() {
    let world = approved_and_frozen("unused_hours: 24").await;
    let plane = &world.plane;
    plane.clock.advance(Duration::hours(23));
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Approved));
    plane.clock.advance(Duration::hours(1));
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::ExpiredUnused));
    world.expect(2, DeploymentState::Cleaned).await;
    assert!(plane.arrows(2).await.contains(&DeploymentEvent::Expired));
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    world.expect(1, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_approval_can_be_revoked_until_it_is_used() {
    let world = approved_and_frozen("").await;
    let plane = &world.plane;
    let stranger = plane.person("other@example.com", Role::Approver).await;
    let reason = words("The supplier withdrew the model.");
    let refused = approvals::revoke(&plane.cp, &stranger, &reason).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let shown = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
    assert!(shown.can_revoke && !shown.can_withdraw);
    approvals::revoke(&plane.cp, &world.approver, &reason)
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Revoked));
    world.expect(2, DeploymentState::Cleaned).await;
    assert!(world.why(2).await.contains("The supplier withdrew"));
    let events = plane.events().await;
    let settled = events
        .iter()
        .rfind(|e| e.action == "approval_settled")
        .unwrap();
    assert!(
        settled
            .reason
            .as_ref()
            .unwrap()
            .contains("The supplier withdrew")
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn an_approval_that_was_used_cannot_be_taken_back() {
    let world = World::live().await;
    let plane = &world.plane;
    let reason = words("Too late, but let us try.");
    let late = approvals::revoke(&plane.cp, &world.approver, &reason).await;
    assert_eq!(conflict(late), Conflict::ApprovalUsed);
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn whoever_asked_or_may_cancel_withdraws_an_open_request() {
    let world = World::asked().await;
    let plane = &world.plane;
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let reason = words("A newer version is on its way.");
    for ctx in [&developer, &world.approver] {
        let refused = approvals::withdraw(&plane.cp, ctx, &reason).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    let short = approvals::withdraw(&plane.cp, &operator, &words("no")).await;
    assert!(matches!(short, Err(Error::Invalid(_))));
    approvals::withdraw(&plane.cp, &operator, &reason)
        .await
        .unwrap();
    let again = approvals::withdraw(&plane.cp, &operator, &reason).await;
    assert_eq!(conflict(again), Conflict::AlreadyDecided);
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Withdrawn));
    world.expect(2, DeploymentState::Cleaned).await;

    let number = deployments::promote(&plane.cp, &developer, &TestPlane::form(1))
        .await
        .unwrap();
    world.settle().await;
    let own = ApprovalForm {
        number: number.to_string(),
        ..reason
    };
    approvals::withdraw(&plane.cp, &developer, &own)
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(plane.approval(number).await, Some(ApprovalState::Withdrawn));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_decision_after_the_end_of_its_deployment_is_refused() {
    let world = World::live().await;
    let plane = &world.plane;
    world.push_code("print('second')\n").await;
    world.settle().await;
    let form = plane.approval_form(&world.approver, 4).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    deployments::cancel(&plane.cp, &operator, &TestPlane::form(4))
        .await
        .unwrap();
    let late = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(late), Conflict::AlreadyDecided);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_approval_that_arrives_after_a_rollback_began_is_refused() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    world.push_code("print('third')\n").await;
    world.settle().await;
    let form = plane.approval_form(&world.approver, 6).await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let back = rollbacks::start(&plane.cp, &operator, &TestPlane::back(4)).await;
    assert_eq!(back.unwrap(), 7);
    let late = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(late), Conflict::RollingBack);
    assert_eq!(plane.approval(6).await, Some(ApprovalState::Open));
    // Saying no stays possible.
    reject(plane, &world.approver, 6).await;
    world.settle().await;
    world.expect(7, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn approve_and_reject_at_once_come_to_one_of_them() {
    let world = World::asked().await;
    let plane = &world.plane;
    let second = plane.person("second@example.com", Role::Approver).await;
    let yes = plane.approval_form(&world.approver, 2).await;
    let no = DecisionForm {
        verdict: "reject".to_owned(),
        reason: "Not before the audit.".to_owned(),
        ..yes.clone()
    };
    let (one, two) = tokio::join!(
        approvals::decide(&plane.cp, &world.approver, &yes),
        approvals::decide(&plane.cp, &second, &no)
    );
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let why = conflict(if one.is_ok() { two } else { one });
    assert!(
        matches!(why, Conflict::AlreadyDecided | Conflict::Changed),
        "{why}"
    );
    assert_eq!(plane.count_events("approval_decided").await, 1);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn people_are_reminded_and_others_told_once_each_by_the_clock() {
    let world = asked_under("reminder_hours: 4, escalation_hours: 24").await;
    let plane = &world.plane;
    plane.person("ops@example.com", Role::Operator).await;
    world.settle().await;
    assert_eq!(plane.count_events("approval_reminded").await, 0);
    plane.clock.advance(Duration::hours(4));
    world.settle().await;
    world.settle().await;
    let told = |events: &[audit_log::LeafEvent], action: &str| {
        let of: Vec<_> = events
            .iter()
            .filter(|e| e.action == action)
            .cloned()
            .collect();
        assert_eq!(of.len(), 1, "{action}");
        of[0].detail.get("meant").cloned().unwrap()
    };
    assert_eq!(told(&plane.events().await, "approval_reminded"), "approver");
    assert_eq!(plane.count_events("approval_escalated").await, 0);
    plane.clock.advance(Duration::hours(20));
    world.settle().await;
    let meant = told(&plane.events().await, "approval_escalated");
    assert!(
        meant.contains("ops") && !meant.contains("approver"),
        "{meant}"
    );
    let shown = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
    assert!(shown.reminded_at.is_some() && shown.escalated_at.is_some());
    // Being reminded changes nothing of the question.
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn comments_are_written_by_those_who_work_there_while_it_waits() {
    let world = World::asked().await;
    let plane = &world.plane;
    let auditor = plane.person("auditor@example.com", Role::Auditor).await;
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let refused = approvals::comment(&plane.cp, &auditor, &words("I was here.")).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let text = "Which suite covers <b>this</b>?";
    approvals::comment(&plane.cp, &developer, &words(text))
        .await
        .unwrap();
    let long = "x".repeat(1_001);
    let long = approvals::comment(&plane.cp, &developer, &words(&long)).await;
    assert!(matches!(long, Err(Error::Invalid(_))));
    let shown = approvals::get(&plane.cp, &auditor, 2).await.unwrap();
    assert_eq!(shown.comments[0].text, text);
    assert!(!shown.can_comment);
    assert_eq!(plane.count_events("approval_commented").await, 1);
    reject(plane, &world.approver, 2).await;
    let late = approvals::comment(&plane.cp, &developer, &words("Too late")).await;
    assert_eq!(conflict(late), Conflict::AlreadyDecided);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_token_comments_and_withdraws_no_more_than_it_may_write() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let token = token_of(plane, &operator);
    approvals::comment(&plane.cp, &token, &words("From the pipeline."))
        .await
        .unwrap();
    approvals::withdraw(&plane.cp, &token, &words("The pipeline gave up."))
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Withdrawn));
    world.plane.finish().await;
}

async fn change_the_config(plane: &TestPlane) {
    let zero = "0".repeat(64);
    let copy = "INSERT INTO config_bundles (digest, body, created_at)";
    let other = format!("{copy} SELECT 'sha256:{zero}', body, created_at FROM config_bundles");
    plane.sql(&other).await.unwrap();
    let change = format!("UPDATE versions SET config_digest = 'sha256:{zero}'");
    plane.sql(&change).await.unwrap();
}

#[tokio::test]
async fn a_changed_variable_makes_the_question_stale_and_it_is_asked_again_under_its_number() {
    let world = World::asked().await;
    let plane = &world.plane;
    let old = plane.approval_form(&world.approver, 2).await;
    change_the_config(plane).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    let shown = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
    assert_eq!((shown.row.round, shown.row.state), (2, ApprovalState::Open));
    assert_eq!(shown.rounds[0].state, ApprovalState::Stale);
    assert_eq!(shown.rounds[1].changed, ["config"]);
    let events = plane.events().await;
    let settled = events
        .iter()
        .rfind(|e| e.action == "approval_settled")
        .unwrap();
    assert!(settled.reason.as_ref().unwrap().contains("config"));
    let late = approvals::decide(&plane.cp, &world.approver, &old).await;
    assert_eq!(conflict(late), Conflict::ManifestChanged);
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_decision_sees_for_itself_that_the_question_is_stale() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    change_the_config(plane).await;
    let decided = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert_eq!(conflict(decided), Conflict::ManifestChanged);
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Stale));
    assert_eq!(plane.count_events("approval_decided").await, 0);
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Open));
    world.plane.finish().await;
}

#[tokio::test]
async fn when_nobody_is_left_the_request_says_what_is_missing() {
    let world = World::asked().await;
    let plane = &world.plane;
    let both = [(Role::Developer, None), (Role::Approver, None)];
    let only = plane.person_with("only@example.com", &both, &[]).await;
    reject(plane, &world.approver, 2).await;
    world.settle().await;
    plane.sql("DELETE FROM role_grants WHERE user_id IN (SELECT id FROM users WHERE email = 'approver@example.com')").await.unwrap();
    let number = deployments::promote(&plane.cp, &only, &TestPlane::form(1))
        .await
        .unwrap();
    world.settle().await;
    let shown = approvals::get(&plane.cp, &only, number).await.unwrap();
    assert!(!shown.beyond.is_met() && shown.can_approve.is_empty());
    assert_eq!(shown.beyond.words(), "1 approval");
    let why = deployments::why(&plane.cp, &only, number).await.unwrap();
    let remedy = why
        .conditions
        .iter()
        .find(|c| c.text.contains("nobody is left"))
        .unwrap();
    assert!(remedy.remedy.starts_with("This rule cannot be met"));
    world.plane.finish().await;
}

#[tokio::test]
async fn what_stands_against_promoting_is_listed_with_what_would_meet_it() {
    let world = World::asked().await;
    let plane = &world.plane;
    let list = async |number| {
        deployments::why(&plane.cp, &world.approver, number)
            .await
            .unwrap()
    };
    let why = list(1).await;
    assert_eq!(why.title, "Before this can be promoted");
    let open: Vec<_> = why.conditions.iter().filter(|c| !c.met).collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].text.contains("now: #2") && !open[0].remedy.is_empty());
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let refused = deployments::promote(&plane.cp, &developer, &TestPlane::form(1)).await;
    assert_eq!(conflict(refused), Conflict::WrongState);

    reject(plane, &world.approver, 2).await;
    world.settle().await;
    assert_eq!(list(1).await.open, 0);
    let ended = list(2).await;
    assert!(ended.conditions[0].remedy.contains("Promote #1 again"));
    plane
        .sql("UPDATE gate_runs SET verdict = 'inconclusive' WHERE gate = 'relevance'")
        .await
        .unwrap();
    let why = list(1).await;
    let open: Vec<_> = why.conditions.iter().filter(|c| !c.met).collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].remedy.contains("as many cases"));
    let refused = deployments::promote(&plane.cp, &developer, &TestPlane::form(1)).await;
    assert_eq!(conflict(refused), Conflict::GatesNotSatisfied);
    world.plane.finish().await;
}

#[tokio::test]
async fn the_history_is_narrowed_by_agent_and_state() {
    let world = World::live().await;
    let plane = &world.plane;
    world.push_code("print('second')\n").await;
    world.settle().await;
    let inbox = async |agent: &str, state: &str| {
        let query = ApprovalQuery {
            agent: agent.to_owned(),
            state: state.to_owned(),
            ..ApprovalQuery::default()
        };
        let found = approvals::inbox(&plane.cp, &world.approver, &query)
            .await
            .unwrap();
        (found.yours.len(), found.decided.len())
    };
    assert_eq!(inbox("", "").await, (1, 1));
    assert_eq!(inbox("refund-assistant", "open").await, (1, 0));
    assert_eq!(inbox("", "consumed").await, (0, 1));
    assert_eq!(inbox("", "rejected").await, (0, 0));
    assert_eq!(inbox("nobody", "").await, (0, 0));
    world.plane.finish().await;
}
