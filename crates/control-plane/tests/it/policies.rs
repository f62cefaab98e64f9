//! Policies: who changes them, and how.

use chrono::Duration;
use control_plane::{Error, OpCtx, policies};
use domain::actor::Role;
use domain::authz::Action;
use domain::error::{Conflict, Exclusion};
use domain::form::policy::{PolicyDecisionForm, PolicyForm};
use domain::policy::{PolicyState, STANDARD};
use domain::view::policy::PolicyRefusal;

use control_plane::testing::TestPlane;

use crate::support::{World, conflict, token_of};

/// The built-in document with parts replaced.
pub(crate) fn with(parts: &[(&str, &str)]) -> String {
    parts.iter().fold(STANDARD.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

pub(crate) fn form(text: &str) -> PolicyForm {
    PolicyForm {
        text: text.to_owned(),
        reason: "The auditors asked for it.".to_owned(),
    }
}

pub(crate) fn answer(version: i32, verdict: &str, against: i32) -> PolicyDecisionForm {
    PolicyDecisionForm {
        number: version.to_string(),
        verdict: verdict.to_owned(),
        reason: "Read and compared.".to_owned(),
        against: against.to_string(),
        password: String::new(),
    }
}

/// Two administrators.
pub(crate) async fn administrators(plane: &TestPlane) -> (OpCtx, OpCtx) {
    let one = plane.person("first.admin@example.com", Role::Administrator);
    let one = one.await;
    let other = plane.person("second.admin@example.com", Role::Administrator);
    (one, other.await)
}

/// Makes a document the active policy, as version 2.
pub(crate) async fn adopt(world: &World, text: &str) {
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    let version = policies::propose(&plane.cp, &one, &form(text)).await;
    assert_eq!(version.unwrap(), 2);
    let decided = policies::decide(&plane.cp, &other, &answer(2, "approve", 1)).await;
    assert_eq!(decided.unwrap(), PolicyState::Active);
}

pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> PolicyRefusal {
    match outcome {
        Err(Error::Policy(refusal)) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn forbidden<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> bool {
    let action = Action::Administer;
    matches!(outcome, Err(Error::Forbidden { action: a }) if *a == action)
}

/// The versions with where they are, newest first.
async fn versions(plane: &TestPlane) -> Vec<(i32, PolicyState)> {
    let list = policies::list(&plane.cp, &plane.system()).await.unwrap();
    list.rows.iter().map(|r| (r.version, r.state)).collect()
}

#[tokio::test]
async fn a_version_is_proposed_by_one_and_decided_by_another_administrator() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    assert_eq!(versions(plane).await, [(1, PolicyState::Active)]);
    let text = with(&[
        ("quorum: 1", "quorum: 1 # still one"),
        ("approval_hours: 72", "approval_hours: 24"),
    ]);
    let version = policies::propose(&plane.cp, &one, &form(&text)).await;
    assert_eq!(version.unwrap(), 2);

    let own = policies::decide(&plane.cp, &one, &answer(2, "approve", 1)).await;
    let rule = Exclusion::Proposer;
    assert!(
        matches!(own, Err(Error::Excluded { rule: r }) if r == rule),
        "{own:?}"
    );
    let refused = plane.events().await.pop().unwrap();
    assert_eq!(refused.reason.as_deref(), Some("proposer"));
    let approver = policies::decide(&plane.cp, &world.approver, &answer(2, "approve", 1)).await;
    assert!(forbidden(&approver), "{approver:?}");
    assert!(forbidden(
        &policies::propose(&plane.cp, &world.approver, &form(&text)).await
    ));

    let decided = policies::decide(&plane.cp, &other, &answer(2, "approve", 1)).await;
    assert_eq!(decided.unwrap(), PolicyState::Active);
    let now = [(2, PolicyState::Active), (1, PolicyState::Superseded)];
    assert_eq!(versions(plane).await, now);
    let again = policies::decide(&plane.cp, &other, &answer(2, "reject", 1)).await;
    assert_eq!(conflict(again), Conflict::Changed);
    for action in ["policy_proposed", "policy_decided"] {
        assert_eq!(plane.count_events(action).await, 1, "{action}");
    }
    let shown = policies::get(&plane.cp, &other, 1).await.unwrap();
    assert_eq!((shown.active, shown.text.as_str()), (2, STANDARD));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_policy_is_decided_with_a_recent_sign_in_as_an_approval_is() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    let text = with(&[(
        "freeze: []",
        "freeze: []\n  approval: {sign_in_minutes: 60}",
    )]);
    let version = policies::propose(&plane.cp, &one, &form(&text)).await;
    assert_eq!(version.unwrap(), 2);
    plane.clock.advance(Duration::minutes(5));
    let shown = policies::get(&plane.cp, &other, 2).await.unwrap();
    assert_eq!(shown.sign_in_too_old, None, "five minutes are recent");
    plane.clock.advance(Duration::seconds(1));
    for verdict in ["approve", "reject"] {
        let late = policies::decide(&plane.cp, &other, &answer(2, verdict, 1)).await;
        assert!(
            matches!(late, Err(Error::SignInTooOld { minutes: 5 })),
            "{late:?}"
        );
    }
    let shown = policies::get(&plane.cp, &other, 2).await.unwrap();
    assert_eq!(shown.sign_in_too_old, Some(5));
    assert_eq!(plane.count_events("policy_decided").await, 0);
    let fresh = plane.fresh(&other);
    policies::decide(&plane.cp, &fresh, &answer(2, "approve", 1))
        .await
        .unwrap();

    // What is in force says how recent; a proposal says it for later.
    policies::propose(&plane.cp, &one, &form(STANDARD))
        .await
        .unwrap();
    plane.clock.advance(Duration::minutes(59));
    let decided = policies::decide(&plane.cp, &fresh, &answer(3, "reject", 2)).await;
    assert_eq!(decided.unwrap(), PolicyState::Rejected);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_token_of_an_administrator_neither_proposes_nor_decides() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    policies::propose(&plane.cp, &one, &form(STANDARD))
        .await
        .unwrap();
    let token = token_of(plane, &other);
    assert!(forbidden(
        &policies::propose(&plane.cp, &token, &form(STANDARD)).await
    ));
    let answer = answer(2, "approve", 1);
    assert!(forbidden(
        &policies::decide(&plane.cp, &token, &answer).await
    ));
    assert!(forbidden(
        &policies::withdraw(&plane.cp, &token, &answer).await
    ));
    assert!(policies::get(&plane.cp, &token, 2).await.is_ok());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_wrong_document_changes_nothing_and_says_where() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, _) = administrators(plane).await;
    let text = with(&[("quorum: 1", "quorum: 0")]);
    let wrong = refusal(policies::propose(&plane.cp, &one, &form(&text)).await);
    let problem = wrong.problems.first().unwrap();
    assert!(problem.line > 10 && problem.column == 11, "{problem:?}");
    assert_eq!(versions(plane).await, [(1, PolicyState::Active)]);
    assert_eq!(plane.count_events("policy_proposed").await, 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_quorum_that_nobody_can_meet_is_refused_with_the_team_and_the_people() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    let text = with(&[("quorum: 1", "quorum: 2")]);
    let wrong = refusal(policies::propose(&plane.cp, &one, &form(&text)).await);
    let team = wrong.teams.first().unwrap();
    assert_eq!((team.team.as_str(), team.needed), ("payments", 2));
    assert_eq!(team.people, ["approver"]);

    plane.person("second@example.com", Role::Approver).await;
    policies::propose(&plane.cp, &one, &form(&text))
        .await
        .unwrap();
    // A team without a second person came between: the proposal is not approved either.
    let lonely = plane.add_team("lonely").await;
    let shown = policies::get(&plane.cp, &other, 2).await.unwrap();
    assert!(shown.approvers.iter().all(|t| t.enough() && t.spare() == 0));
    let gone = "DELETE FROM role_grants WHERE user_id IN (SELECT id FROM users WHERE email = 'second@example.com')";
    plane.sql(gone).await.unwrap();
    let late = policies::decide(&plane.cp, &other, &answer(2, "approve", 1)).await;
    assert_eq!(refusal(late).teams.len(), 2, "{lonely}");
    assert_eq!(versions(plane).await[1], (1, PolicyState::Active));
    world.plane.finish().await;
}

#[tokio::test]
async fn of_two_decisions_at_once_one_counts() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    let third = plane
        .person("third.admin@example.com", Role::Administrator)
        .await;
    for _ in 0..2 {
        policies::propose(&plane.cp, &one, &form(STANDARD))
            .await
            .unwrap();
    }
    let (same, as_well) = (answer(2, "approve", 1), answer(3, "approve", 1));
    let (a, b, c) = tokio::join!(
        policies::decide(&plane.cp, &other, &same),
        policies::decide(&plane.cp, &third, &same),
        policies::decide(&plane.cp, &third, &as_well),
    );
    let won = [&a, &b, &c].iter().filter(|o| o.is_ok()).count();
    assert_eq!(won, 1, "{a:?} {b:?} {c:?}");
    let now = versions(plane).await;
    let active = now
        .iter()
        .filter(|(_, s)| *s == PolicyState::Active)
        .count();
    assert_eq!(active, 1, "{now:?}");
    assert_eq!(plane.count_events("policy_decided").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_decision_is_about_the_difference_that_was_shown() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    for _ in 0..3 {
        policies::propose(&plane.cp, &one, &form(STANDARD))
            .await
            .unwrap();
    }
    policies::decide(&plane.cp, &other, &answer(2, "approve", 1))
        .await
        .unwrap();
    let stale = policies::decide(&plane.cp, &other, &answer(3, "approve", 1)).await;
    assert_eq!(conflict(stale), Conflict::Changed);
    policies::decide(&plane.cp, &other, &answer(3, "approve", 2))
        .await
        .unwrap();
    let theirs = policies::withdraw(&plane.cp, &other, &answer(4, "", 0)).await;
    assert!(forbidden(&theirs), "{theirs:?}");
    policies::withdraw(&plane.cp, &one, &answer(4, "", 0))
        .await
        .unwrap();
    let late = policies::decide(&plane.cp, &other, &answer(4, "approve", 3)).await;
    assert_eq!(conflict(late), Conflict::Changed);
    let now = versions(plane).await;
    assert_eq!(
        now[..2],
        [(4, PolicyState::Withdrawn), (3, PolicyState::Active)]
    );
    assert!(now[2..].iter().all(|(_, s)| *s == PolicyState::Superseded));
    world.plane.finish().await;
}
