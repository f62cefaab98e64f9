//! Findings: one at a time about a thing, opened only when it is sure, ended by themselves, and looked away from only by
//! those who may.

use chrono::TimeDelta;
use control_plane::findings::{self, Found};
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx};
use domain::actor::Role;
use domain::error::{Conflict, FieldProblem};
use domain::finding::{FindingKind, FindingState, SubjectKind};
use domain::form::finding::{FindingForm, FindingOwnerForm};
use domain::form::query::FindingQuery;
use domain::view::finding::FindingRow;

use crate::support::conflict;

fn rule(plane: &TestPlane) -> Found {
    let what = "Two approvals are asked for, and one person could give them.";
    Found::new(
        FindingKind::UnsatisfiableRule,
        SubjectKind::Team,
        "payments",
        what,
    )
    .team(plane.team)
}

fn stray(name: &str) -> Found {
    let what = format!("{name} runs, and nobody registered it.");
    Found::new(
        FindingKind::UnregisteredRuntime,
        SubjectKind::Runtime,
        name,
        what,
    )
}

async fn raise(plane: &TestPlane, found: &Found) -> FindingState {
    let ctx = &plane.system();
    let raised = plane.cp.transact("test::raise", ctx, |tx| async move {
        findings::raise(&tx, ctx, found).await
    });
    raised.await.unwrap()
}

async fn reconcile(plane: &TestPlane, kind: FindingKind, seen: &[Found]) {
    let ctx = &plane.system();
    let done = plane.cp.transact("test::reconcile", ctx, |tx| async move {
        findings::reconcile(&tx, ctx, &[kind], seen).await
    });
    done.await.unwrap();
}

async fn listed(plane: &TestPlane, ctx: &OpCtx, state: &str) -> Vec<FindingRow> {
    let query = FindingQuery {
        state: state.to_owned(),
        ..FindingQuery::default()
    };
    findings::list(&plane.cp, ctx, &query).await.unwrap().rows
}

fn form(number: i64, until: &str) -> FindingForm {
    FindingForm {
        number: number.to_string(),
        until: until.to_owned(),
        reason: "It is moved next week.".to_owned(),
    }
}

#[tokio::test]
async fn the_same_thing_is_one_finding_and_ends_when_it_is_over() {
    let plane = TestPlane::new().await;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let kind = FindingKind::UnsatisfiableRule;
    for _ in 0..3 {
        reconcile(&plane, kind, &[rule(&plane)]).await;
    }
    let open = listed(&plane, &auditor, "").await;
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].number, open[0].sightings), (1, 3));
    assert_eq!(open[0].team.as_deref(), Some("payments"));
    assert_eq!(plane.count_events("finding_raised").await, 1);

    reconcile(&plane, kind, &[]).await;
    reconcile(&plane, kind, &[]).await;
    assert!(listed(&plane, &auditor, "").await.is_empty());
    let ended = listed(&plane, &auditor, "resolved").await;
    assert_eq!(ended.len(), 1);
    assert_eq!(plane.count_events("finding_resolved").await, 1);

    // Again is another one, with its own beginning.
    plane.clock.advance(TimeDelta::hours(1));
    assert_eq!(raise(&plane, &rule(&plane)).await, FindingState::Open);
    let again = listed(&plane, &auditor, "").await;
    assert_eq!(again[0].number, 2);
    assert_ne!(again[0].first_seen, ended[0].first_seen);
    plane.finish().await;
}

#[tokio::test]
async fn what_a_list_misses_once_or_twice_is_no_finding() {
    let plane = TestPlane::new().await;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let kind = FindingKind::UnregisteredRuntime;
    for _ in 0..2 {
        reconcile(&plane, kind, &[stray("stranger")]).await;
        plane.clock.advance(TimeDelta::minutes(1));
    }
    reconcile(&plane, kind, &[]).await;
    assert!(listed(&plane, &auditor, "any").await.is_empty());
    assert_eq!(plane.count_events("finding_raised").await, 0);
    // The count begins anew, and three in a row are one.
    for expected in [
        FindingState::Suspected,
        FindingState::Suspected,
        FindingState::Open,
    ] {
        plane.clock.advance(TimeDelta::minutes(1));
        assert_eq!(raise(&plane, &stray("stranger")).await, expected);
    }
    plane.finish().await;
}

#[tokio::test]
async fn two_looks_at_the_same_moment_are_one_sighting() {
    let plane = TestPlane::new().await;
    for _ in 0..5 {
        assert_eq!(
            raise(&plane, &stray("stranger")).await,
            FindingState::Suspected
        );
    }
    plane.finish().await;
}

#[tokio::test]
async fn an_ignored_finding_is_open_again_after_its_day() {
    let plane = TestPlane::new().await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    raise(&plane, &rule(&plane)).await;
    findings::ignore(&plane.cp, &operator, &form(1, "2026-03-09"))
        .await
        .unwrap();
    let again = findings::ignore(&plane.cp, &operator, &form(1, "2026-03-09")).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    assert_eq!(raise(&plane, &rule(&plane)).await, FindingState::Ignored);
    plane.activate("sweep").await.unwrap();
    assert!(listed(&plane, &operator, "").await.is_empty());

    plane
        .clock
        .advance_to("2026-03-10T00:00:00Z".parse().unwrap());
    plane.activate("sweep").await.unwrap();
    let open = listed(&plane, &operator, "").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].ignored_until, None);
    assert_eq!(plane.count_events("finding_woken").await, 1);
    // Ignored ones end by themselves too.
    findings::ignore(&plane.cp, &operator, &form(1, "2026-03-20"))
        .await
        .unwrap();
    reconcile(&plane, FindingKind::UnsatisfiableRule, &[]).await;
    assert_eq!(listed(&plane, &operator, "resolved").await.len(), 1);
    plane.finish().await;
}

#[tokio::test]
async fn a_day_that_is_past_or_far_away_or_none_is_refused_by_name() {
    let plane = TestPlane::new().await;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    raise(&plane, &rule(&plane)).await;
    let cases = [
        ("", FieldProblem::Required),
        ("tomorrow", FieldProblem::BadDate),
        ("2026-03-01", FieldProblem::DateOutOfRange),
        ("2027-03-01", FieldProblem::DateOutOfRange),
        ("+262142-12-31", FieldProblem::BadDate),
    ];
    for (day, problem) in cases {
        match findings::ignore(&plane.cp, &operator, &form(1, day)).await {
            Err(Error::Invalid(fields)) => assert_eq!(fields.get("until"), Some(problem), "{day}"),
            other => panic!("{day}: {other:?}"),
        }
    }
    assert_eq!(listed(&plane, &operator, "").await.len(), 1);
    plane.finish().await;
}

#[tokio::test]
async fn a_team_sees_its_own_findings_and_nobody_looks_away_without_the_role() {
    let plane = TestPlane::new().await;
    let other = plane.add_team("sales").await;
    let seller = plane
        .person_with("seller@example.com", &[(Role::Operator, Some(other))], &[])
        .await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    raise(&plane, &rule(&plane)).await;
    for _ in 0..3 {
        raise(&plane, &stray("stranger")).await;
        plane.clock.advance(TimeDelta::minutes(1));
    }
    assert!(listed(&plane, &seller, "any").await.is_empty());
    assert_eq!(listed(&plane, &viewer, "").await.len(), 2);
    for number in [1, 2] {
        let hidden = findings::get(&plane.cp, &seller, number).await;
        assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
        let hidden = findings::ignore(&plane.cp, &seller, &form(number, "2026-03-09")).await;
        assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
        let refused = findings::ignore(&plane.cp, &viewer, &form(number, "2026-03-09")).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
        assert!(
            !findings::get(&plane.cp, &viewer, number)
                .await
                .unwrap()
                .can_act
        );
    }
    assert_eq!(plane.count_events("refused").await, 2);
    plane.finish().await;
}

#[tokio::test]
async fn a_hostile_name_is_bounded_and_made_visible() {
    let plane = TestPlane::new().await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let name = format!("a\u{202e}b\u{7}{}", "x".repeat(5_000));
    let other = format!("a\u{202e}b\u{7}{}y", "x".repeat(5_000));
    for _ in 0..3 {
        raise(&plane, &stray(&name)).await;
        raise(&plane, &stray(&other)).await;
        plane.clock.advance(TimeDelta::minutes(1));
    }
    let rows = listed(&plane, &viewer, "").await;
    assert_eq!(rows.len(), 2, "names that differ late are two things");
    for row in rows {
        assert!(
            row.subject.starts_with("a\u{fffd}b\u{fffd}x"),
            "{}",
            row.subject
        );
        assert!(row.subject.chars().count() <= 200 && row.what.chars().count() <= 1_000);
    }
    plane.finish().await;
}

#[tokio::test]
async fn a_finding_is_given_to_a_person_of_its_team_who_is_told() {
    let plane = TestPlane::new().await;
    plane.fakes.notifier.with_mail();
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let elsewhere = plane.add_team("elsewhere").await;
    let dev = plane
        .person_with(
            "dev@example.com",
            &[(Role::Developer, Some(plane.team))],
            &[],
        )
        .await;
    let far = plane
        .person_with("far@example.com", &[(Role::Operator, Some(elsewhere))], &[])
        .await;
    raise(&plane, &rule(&plane)).await;
    let give = async |ctx: &OpCtx, owner: &str| {
        let form = FindingOwnerForm {
            number: "1".to_owned(),
            owner: owner.to_owned(),
        };
        findings::assign(&plane.cp, ctx, &form).await
    };
    assert!(matches!(
        give(&dev, "dev@example.com").await,
        Err(Error::Forbidden { .. })
    ));
    assert!(matches!(
        give(&far, "far@example.com").await,
        Err(Error::NotFound { .. })
    ));
    for stranger in ["far@example.com", "nobody@example.com", "x"] {
        let Err(Error::Invalid(fields)) = give(&operator, stranger).await else {
            panic!("{stranger}")
        };
        assert_eq!(fields.get("owner"), Some(FieldProblem::UnknownChoice));
    }
    let shown = findings::get(&plane.cp, &operator, 1).await.unwrap();
    assert_eq!(shown.row.owner, None);
    let names: Vec<&str> = shown.owners.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["dev", "ops"], "people of the team alone");
    let shown = findings::get(&plane.cp, &dev, 1).await.unwrap();
    assert!(
        shown.owners.is_empty(),
        "who may not give it is offered nobody"
    );

    give(&operator, "DEV@example.com ").await.unwrap();
    let id = dev.actor().user().unwrap().to_string();
    give(&operator, &id).await.unwrap();
    assert_eq!(plane.count_events("finding_owned").await, 1, "once");
    assert_eq!(
        listed(&plane, &dev, "").await[0].owner.as_deref(),
        Some("dev")
    );
    // Whoever sees it again changes nothing about whose it is.
    raise(&plane, &rule(&plane)).await;
    let shown = findings::get(&plane.cp, &operator, 1).await.unwrap();
    assert_eq!(shown.row.owner.as_deref(), Some("dev"));
    plane.settle().await;
    let told = plane.fakes.notifier.mailbox("dev@example.com");
    assert!(
        told.iter().any(|title| title.contains("to dev")),
        "{told:?}"
    );

    give(&operator, "").await.unwrap();
    assert_eq!(listed(&plane, &dev, "").await[0].owner, None);
    reconcile(&plane, FindingKind::UnsatisfiableRule, &[]).await;
    assert_eq!(
        conflict(give(&operator, "ops@example.com").await),
        Conflict::WrongState
    );
    plane.finish().await;
}
