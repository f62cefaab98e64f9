//! How people are asked: groups, one person with two accounts, reasons, a recent sign-in, and roles that change.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, approvals, deployments, findings, groups, people, policies};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::deployment::DeploymentState;
use domain::error::{Conflict, Exclusion, FieldProblem};
use domain::form::approval::DecisionForm;
use domain::form::group::{AddressForm, GroupForm, MemberForm};
use domain::form::policy::PolicyDecisionForm;
use domain::form::query::FindingQuery;

use crate::approvals::excluded;
use crate::policies::{administrators, adopt, form, refusal, with};
use crate::support::{World, conflict};

/// The built-in policy with a block of approval rules.
pub(crate) fn policy(block: &str) -> String {
    with(&[(
        "freeze: []",
        &format!("freeze: []\n  approval: {{ {block} }}"),
    )])
}

/// A group with people in it.
pub(crate) async fn group(plane: &TestPlane, slug: &str, people: &[&str]) {
    let email = format!("admin-of-{slug}@example.com");
    let admin = plane.person(&email, Role::Administrator).await;
    let made = GroupForm {
        slug: slug.to_owned(),
        name: slug.to_owned(),
    };
    groups::create(&plane.cp, &admin, &made).await.unwrap();
    for email in people {
        let member = MemberForm {
            slug: slug.to_owned(),
            email: (*email).to_owned(),
        };
        groups::add(&plane.cp, &admin, &member).await.unwrap();
    }
}

/// A world in which a policy with this block holds, and #2 asks under it.
pub(crate) async fn asked_under(block: &str) -> World {
    let world = World::new().await;
    adopt(&world, &policy(block)).await;
    ask(&world).await;
    world
}

pub(crate) async fn ask(world: &World) {
    world.plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
}

#[tokio::test]
async fn the_quorum_is_not_met_before_every_group_has_approved() {
    let world = World::new().await;
    let plane = &world.plane;
    let guard = plane.person("guard@example.com", Role::Approver).await;
    group(plane, "security", &["guard@example.com"]).await;
    let rule = policy("required: [{ group: security, count: 1 }]");
    adopt(&world, &rule).await;
    ask(&world).await;

    let first = plane.approve(&world.approver, 2).await.unwrap();
    assert_eq!(
        first,
        ApprovalState::Open,
        "one of one, but not of the group"
    );
    let shown = approvals::get(&plane.cp, &guard, 2).await.unwrap();
    assert_eq!(shown.lacking.words(), "1 approval, 1 of group security");
    assert_eq!(shown.can_approve, ["guard (group security)"]);
    assert!(shown.beyond.is_met());
    let why = deployments::why(&plane.cp, &guard, 2).await.unwrap();
    let open = |text: &str| {
        why.conditions
            .iter()
            .any(|c| !c.met && c.text.contains(text))
    };
    assert!(
        open("1 of group security, only guard can give it"),
        "{why:?}"
    );

    let second = plane.approve(&guard, 2).await.unwrap();
    assert_eq!(second, ApprovalState::Approved);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_group_that_no_approver_is_in_cannot_be_asked_for_and_the_people_are_named() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, _) = administrators(plane).await;
    let rule = policy("required: [{ group: security, count: 2 }]");
    let unknown = refusal(policies::propose(&plane.cp, &one, &form(&rule)).await);
    assert!(unknown.problems[0].message.contains("no group `security`"));

    plane.person("reader@example.com", Role::Viewer).await;
    let people = ["approver@example.com", "reader@example.com"];
    group(plane, "security", &people).await;
    let short = refusal(policies::propose(&plane.cp, &one, &form(&rule)).await);
    let team = &short.teams[0];
    assert_eq!(team.group.as_deref(), Some("security"));
    assert_eq!(
        (team.needed, team.people.as_slice()),
        (2, &["approver".to_owned()][..])
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn quorum_2_counts_one_person_with_two_accounts_once() {
    let world = World::new().await;
    let plane = &world.plane;
    let approver = [(Role::Approver, None)];
    let double = plane.person_with("double@example.com", &approver, &["Approver@example.com"]);
    let double = double.await;
    let two = with(&[("quorum: 1", "quorum: 2")]);
    let (one, _) = administrators(plane).await;
    let short = refusal(policies::propose(&plane.cp, &one, &form(&two)).await);
    assert_eq!(
        short.teams[0].people.len(),
        1,
        "two accounts are one person"
    );

    let third = plane.person("third@example.com", Role::Approver).await;
    adopt_again(&world, &two).await;
    ask(&world).await;
    let first = plane.approve(&world.approver, 2).await.unwrap();
    assert_eq!(first, ApprovalState::Open);
    assert_eq!(
        excluded(&world, &double, 2).await,
        Exclusion::AlreadyDecided
    );
    assert_eq!(
        plane.approve(&third, 2).await.unwrap(),
        ApprovalState::Approved
    );
    world.settle().await;
    world.plane.finish().await;
}

/// Like [`adopt`], by administrators who are there.
async fn adopt_again(world: &World, text: &str) {
    let plane = &world.plane;
    let one = plane
        .person("third.admin@example.com", Role::Administrator)
        .await;
    let other = plane
        .person("fourth.admin@example.com", Role::Administrator)
        .await;
    let version = policies::propose(&plane.cp, &one, &form(text))
        .await
        .unwrap();
    let answer = PolicyDecisionForm {
        number: version.to_string(),
        verdict: "approve".to_owned(),
        reason: String::new(),
        against: "1".to_owned(),
        password: String::new(),
    };
    policies::decide(&plane.cp, &other, &answer).await.unwrap();
}

#[tokio::test]
async fn an_address_that_is_linked_later_binds_as_well() {
    let world = World::asked().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let link = AddressForm {
        email: "approver@example.com".to_owned(),
        git_email: "Author@example.com".to_owned(),
    };
    let own = people::link_address(&plane.cp, &world.approver, &link).await;
    assert!(matches!(own, Err(Error::Forbidden { .. })));
    people::link_address(&plane.cp, &admin, &link)
        .await
        .unwrap();
    assert_eq!(
        excluded(&world, &world.approver, 2).await,
        Exclusion::CommitAuthor
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_decision_needs_a_recent_sign_in() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    plane.clock.advance(Duration::minutes(5));
    let now = approvals::decide(
        &plane.cp,
        &world.approver,
        &DecisionForm {
            manifest_digest: "sha256:00".to_owned(),
            ..form.clone()
        },
    )
    .await;
    assert_eq!(
        conflict(now),
        Conflict::ManifestChanged,
        "five minutes are recent"
    );
    plane.clock.advance(Duration::seconds(1));
    let late = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert!(
        matches!(late, Err(Error::SignInTooOld { minutes: 5 })),
        "{late:?}"
    );
    let shown = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
    assert_eq!(shown.sign_in_too_old, Some(5));
    assert_eq!(plane.count_events("approval_decided").await, 0);
    let fresh = plane.fresh(&world.approver);
    approvals::decide(&plane.cp, &fresh, &form).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn the_policy_says_how_recent_a_sign_in_is_and_whether_an_approval_says_why() {
    let world = asked_under("sign_in_minutes: 60, reason: true").await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    plane.clock.advance(Duration::minutes(59));
    let silent = approvals::decide(&plane.cp, &world.approver, &form).await;
    let Err(Error::Invalid(fields)) = silent else {
        panic!("{silent:?}")
    };
    assert_eq!(fields.get("reason"), Some(FieldProblem::Required));
    let short = DecisionForm {
        reason: "fine".to_owned(),
        ..form.clone()
    };
    let short = approvals::decide(&plane.cp, &world.approver, &short).await;
    let Err(Error::Invalid(fields)) = short else {
        panic!("{short:?}")
    };
    assert_eq!(fields.get("reason"), Some(FieldProblem::TooShort));
    let said = DecisionForm {
        reason: "The tests cover the new tool.".to_owned(),
        ..form
    };
    approvals::decide(&plane.cp, &world.approver, &said)
        .await
        .unwrap();
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_role_that_is_lost_between_page_and_click_decides_nothing() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    plane
        .sql("UPDATE role_grants SET role = 'viewer'")
        .await
        .unwrap();
    let late = approvals::decide(&plane.cp, &world.approver, &form).await;
    assert!(matches!(late, Err(Error::Forbidden { .. })), "{late:?}");
    let last = plane.events().await.pop().unwrap();
    assert_eq!(
        (last.action.as_str(), last.reason.as_deref()),
        ("refused", Some("decide"))
    );
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Open));
    world.plane.finish().await;
}

/// The open findings about rules: what each says.
async fn rules_found(world: &World, state: &str) -> Vec<String> {
    let plane = &world.plane;
    let query = FindingQuery {
        kind: "unsatisfiable_rule".to_owned(),
        state: state.to_owned(),
        ..FindingQuery::default()
    };
    let admin = plane.system();
    let found = findings::list(&plane.cp, &admin, &query).await.unwrap();
    found.rows.into_iter().map(|row| row.what).collect()
}

#[tokio::test]
async fn a_rule_that_people_cannot_meet_any_more_is_found_within_one_reconcile_and_ends_by_itself()
{
    let world = World::new().await;
    let plane = &world.plane;
    plane.person("guard@example.com", Role::Approver).await;
    group(plane, "security", &["guard@example.com"]).await;
    let rule = policy("required: [{ group: security, count: 1 }]");
    adopt(&world, &rule).await;
    plane.activate("watch_rules").await.unwrap();
    assert!(rules_found(&world, "open").await.is_empty());

    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let member = MemberForm {
        slug: "security".to_owned(),
        email: "guard@example.com".to_owned(),
    };
    groups::remove(&plane.cp, &admin, &member).await.unwrap();
    plane.activate("watch_rules").await.unwrap();
    let found = rules_found(&world, "open").await;
    assert_eq!(found.len(), 1, "{found:?}");
    let says = "Team payments could never give 1 approval of group security, which policy v2 asks for; who may: nobody.";
    assert_eq!(found[0], says);

    groups::add(&plane.cp, &admin, &member).await.unwrap();
    plane.activate("watch_rules").await.unwrap();
    assert!(rules_found(&world, "open").await.is_empty());
    assert_eq!(rules_found(&world, "resolved").await.len(), 1);
    world.plane.finish().await;
}
