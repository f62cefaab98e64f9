//! Standing in: a right for a time, in another's name, and no way around anything.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, approvals, stand_ins};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::deployment::DeploymentState;
use domain::error::{Exclusion, FieldProblem};
use domain::form::group::{EndStandInForm, StandInForm};

use crate::approval_rules::{group, policy};
use crate::approvals::{excluded, reject};
use crate::policies::{adopt, with};
use crate::support::{World, token_of};

fn stand_in(email: &str, until: &str) -> StandInForm {
    StandInForm {
        email: email.to_owned(),
        from: String::new(),
        until: until.to_owned(),
        reason: "On holiday".to_owned(),
    }
}

/// The clock of these tests begins on 2 March 2026, 09:00.
const TOMORROW: &str = "2026-03-03 09:00";

async fn named(plane: &TestPlane, absent: &OpCtx, email: &str) {
    let form = stand_in(email, TOMORROW);
    stand_ins::name(&plane.cp, absent, &form).await.unwrap();
}

/// A fresh context of a person, with what they may now.
async fn again(plane: &TestPlane, ctx: &OpCtx) -> OpCtx {
    plane.again(ctx.actor().user().unwrap()).await
}

fn problem(outcome: Result<(), Error>, field: &str) -> Option<FieldProblem> {
    match outcome {
        Err(Error::Invalid(fields)) => fields.get(field),
        other => panic!("not invalid: {other:?}"),
    }
}

#[tokio::test]
async fn a_stand_in_decides_in_the_name_of_whoever_is_away_and_only_for_that_time() {
    let world = World::asked().await;
    let plane = &world.plane;
    let sam = plane.person("sam@example.com", Role::Viewer).await;
    named(plane, &world.approver, "sam@example.com").await;
    let sam = again(plane, &sam).await;
    assert_eq!(approvals::waiting_for(&plane.cp, &sam).await.unwrap(), 1);
    let shown = approvals::get(&plane.cp, &sam, 2).await.unwrap();
    assert_eq!(shown.on_behalf_of.as_deref(), Some("approver"));
    assert!(shown.can_approve.contains(&"sam (for approver)".to_owned()));
    assert_eq!(
        plane.approve(&sam, 2).await.unwrap(),
        ApprovalState::Approved
    );
    let events = plane.events().await;
    let decided = events
        .iter()
        .find(|e| e.action == "approval_decided")
        .unwrap();
    assert_eq!(decided.actor.name, "sam");
    assert_eq!(decided.detail.get("on_behalf_of_name").unwrap(), "approver");
    let shown = approvals::get(&plane.cp, &sam, 2).await.unwrap();
    assert_eq!(shown.decisions[0].on_behalf_of.as_deref(), Some("approver"));
    world.settle().await;

    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.clock.advance(Duration::hours(24));
    let form = plane.approval_form(&world.approver, 4).await;
    let late = approvals::decide(&plane.cp, &plane.fresh(&sam), &form).await;
    assert!(matches!(late, Err(Error::Forbidden { .. })), "{late:?}");
    assert_eq!(
        approvals::waiting_for(&plane.cp, &again(plane, &sam).await)
            .await
            .unwrap(),
        0
    );
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn standing_in_is_no_way_around_the_separation_of_duties() {
    let world = World::new().await;
    let plane = &world.plane;
    // The author is an approver, so is nobody's fool: a friend is to approve for them.
    let author = plane.person("author@example.com", Role::Approver).await;
    let friend = plane.person("friend@example.com", Role::Viewer).await;
    named(plane, &author, "friend@example.com").await;
    // And the approver, who has no part in it, names the committer.
    let committer = plane.person("commits@example.com", Role::Viewer).await;
    named(plane, &world.approver, "commits@example.com").await;
    let commit = control_plane::fakes::NewCommit {
        files: world.agent.files(),
        committer: "commits@example.com".to_owned(),
        ..control_plane::fakes::NewCommit::default()
    };
    plane.push_commit(&world.agent, commit).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    let friend = again(plane, &friend).await;
    assert_eq!(
        excluded(&world, &friend, 2).await,
        Exclusion::StandsForExcluded
    );
    let committer = again(plane, &committer).await;
    assert_eq!(excluded(&world, &committer, 2).await, Exclusion::Committer);
    reject(plane, &world.approver, 2).await;
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_stand_in_and_whoever_is_away_are_one_voice_in_a_quorum() {
    let world = World::new().await;
    let plane = &world.plane;
    let second = plane.person("second@example.com", Role::Approver).await;
    let sam = plane.person("sam@example.com", Role::Viewer).await;
    adopt(&world, &with(&[("quorum: 1", "quorum: 2")])).await;
    named(plane, &world.approver, "sam@example.com").await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let sam = again(plane, &sam).await;
    assert_eq!(plane.approve(&sam, 2).await.unwrap(), ApprovalState::Open);
    assert_eq!(
        excluded(&world, &world.approver, 2).await,
        Exclusion::AlreadyDecided
    );
    assert_eq!(excluded(&world, &sam, 2).await, Exclusion::AlreadyDecided);
    assert_eq!(
        plane.approve(&second, 2).await.unwrap(),
        ApprovalState::Approved
    );
    world.settle().await;

    world.push_code("print('second')\n").await;
    world.settle().await;
    assert_eq!(
        plane.approve(&world.approver, 4).await.unwrap(),
        ApprovalState::Open
    );
    assert_eq!(
        excluded(&world, &sam, 4).await,
        Exclusion::StandsForExcluded
    );
    reject(plane, &second, 4).await;
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_approver_brings_in_the_group_of_whoever_they_stand_in_for() {
    let world = World::new().await;
    let plane = &world.plane;
    let guard = plane.person("guard@example.com", Role::Approver).await;
    group(plane, "security", &["guard@example.com"]).await;
    let rule = policy("required: [{ group: security, count: 1 }]");
    adopt(&world, &rule).await;
    named(plane, &guard, "approver@example.com").await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let state = plane.approve(&world.approver, 2).await.unwrap();
    assert_eq!(state, ApprovalState::Approved);
    let shown = approvals::get(&plane.cp, &guard, 2).await.unwrap();
    assert_eq!(shown.decisions[0].on_behalf_of.as_deref(), Some("guard"));
    assert_eq!(shown.decisions[0].groups, ["security"]);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn only_a_role_of_ones_own_can_be_stood_in_for() {
    let world = World::asked().await;
    let plane = &world.plane;
    let viewer = plane.person("sam@example.com", Role::Viewer).await;
    plane.person("next@example.com", Role::Viewer).await;
    let form = stand_in("next@example.com", TOMORROW);
    let refused = stand_ins::name(&plane.cp, &viewer, &form).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let token = token_of(plane, &world.approver);
    let refused = stand_ins::name(&plane.cp, &token, &form).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));

    named(plane, &world.approver, "sam@example.com").await;
    let sam = again(plane, &viewer).await;
    let passed_on = stand_ins::name(&plane.cp, &sam, &form).await;
    assert!(
        matches!(passed_on, Err(Error::Forbidden { .. })),
        "{passed_on:?}"
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_stand_in_is_somebody_else_for_a_bounded_time_one_at_a_time() {
    let world = World::new().await;
    let plane = &world.plane;
    let approver = &world.approver;
    let role = [(Role::Viewer, None)];
    plane
        .person_with("alias@example.com", &role, &["approver@example.com"])
        .await;
    plane.person("sam@example.com", Role::Viewer).await;
    let name = async |form: &StandInForm| stand_ins::name(&plane.cp, approver, form).await;
    for email in ["approver@example.com", "alias@example.com"] {
        let outcome = name(&stand_in(email, TOMORROW)).await;
        assert_eq!(problem(outcome, "email"), Some(FieldProblem::SamePerson));
    }
    let outcome = name(&stand_in("nobody@example.com", TOMORROW)).await;
    assert_eq!(problem(outcome, "email"), Some(FieldProblem::UnknownChoice));
    for until in ["2026-03-01 09:00", "2026-06-02 09:00", "soon", ""] {
        let outcome = name(&stand_in("sam@example.com", until)).await;
        assert_eq!(
            problem(outcome, "until"),
            Some(FieldProblem::BadTime),
            "{until}"
        );
    }
    named(plane, approver, "sam@example.com").await;
    let outcome = name(&stand_in("sam@example.com", "2026-03-04 09:00")).await;
    assert_eq!(problem(outcome, "until"), Some(FieldProblem::Taken));
    let later = StandInForm {
        from: "2026-03-03T09:00".to_owned(),
        ..stand_in("sam@example.com", "2026-03-04T09:00:00Z")
    };
    name(&later).await.unwrap();
    assert_eq!(plane.count_events("stand_in_named").await, 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn ending_it_takes_the_right_away_at_once() {
    let world = World::asked().await;
    let plane = &world.plane;
    let sam = plane.person("sam@example.com", Role::Viewer).await;
    let other = plane.person("other@example.com", Role::Approver).await;
    named(plane, &world.approver, "sam@example.com").await;
    let sam = again(plane, &sam).await;
    let form = plane.approval_form(&sam, 2).await;
    let rows = stand_ins::list(&plane.cp, &sam).await.unwrap();
    assert!(stand_ins::list(&plane.cp, &other).await.unwrap().is_empty());
    let end = EndStandInForm {
        id: rows[0].id.clone(),
    };
    let refused = stand_ins::end(&plane.cp, &other, &end).await;
    assert!(matches!(refused, Err(Error::NotFound { .. })));
    stand_ins::end(&plane.cp, &world.approver, &end)
        .await
        .unwrap();
    let late = approvals::decide(&plane.cp, &sam, &form).await;
    assert!(matches!(late, Err(Error::Forbidden { .. })), "{late:?}");
    assert_eq!(plane.count_events("stand_in_ended").await, 1);
    world.plane.finish().await;
}
