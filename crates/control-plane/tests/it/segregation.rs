//! The report on separation of duties: its figures are those of a history that is counted by hand, and what the log does not say is
//! not made up.

use chrono::Duration;
use control_plane::testing::TEAM;
use control_plane::{Error, OpCtx, elevations, people, segregation, stand_ins};
use domain::actor::Role;
use domain::error::Exclusion;
use domain::form::elevation::{ElevationDecisionForm, ElevationForm};
use domain::form::group::StandInForm;
use domain::form::person::{PersonForm, RoleForm};
use domain::form::query::SegregationQuery;
use domain::segregation::{ConflictKind, FigureKind, Via};
use domain::view::segregation::{Conflict, Place, SegregationReport};

use crate::approvals::{excluded, reject};
use crate::support::World;

const WHY: &str = "They look after the agent now.";

fn person(email: &str, role: &str, team: &str) -> PersonForm {
    PersonForm {
        name: email.split('@').next().unwrap().to_owned(),
        email: email.to_owned(),
        password: "correct-horse-battery-staple".to_owned(),
        role: role.to_owned(),
        team: team.to_owned(),
    }
}

async fn ask(world: &World, by: &OpCtx, query: &SegregationQuery) -> SegregationReport {
    // A period ends before its last moment.
    world.plane.clock.advance(Duration::seconds(1));
    let found = segregation::report(&world.plane.cp, by, query).await;
    found.unwrap()
}

fn figure(report: &SegregationReport, kind: FigureKind) -> &[u64] {
    let found = report.did.iter().find(|figure| figure.kind == kind);
    &found.unwrap().events
}

fn found(report: &SegregationReport, kind: ConflictKind) -> &Conflict {
    let mut all = report.conflicts.iter();
    all.find(|conflict| conflict.kind == kind).unwrap()
}

/// A context of somebody whom an administrator added.
async fn added(world: &World, admin: &OpCtx, email: &str, role: &str, team: &str) -> OpCtx {
    let plane = &world.plane;
    let form = person(email, role, team);
    people::add(&plane.cp, admin, &form).await.unwrap();
    let people = people::list(&plane.cp, admin).await.unwrap();
    let row = people.into_iter().find(|row| row.email == email).unwrap();
    plane.again(row.id.parse().unwrap()).await
}

#[tokio::test]
async fn figures_and_conflicts_are_those_of_a_history_counted_by_hand() {
    let world = World::asked().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    // Of the world's own approver the log says that they were added, and of no role: so it was in older versions.
    let ann = added(&world, &admin, "ann@example.com", "approver", TEAM).await;
    let bob = added(&world, &admin, "bob@example.com", "approver", "").await;
    let cleo = added(&world, &admin, "cleo@example.com", "viewer", "").await;
    let both = RoleForm {
        email: "bob@example.com".to_owned(),
        role: "developer".to_owned(),
        team: TEAM.to_owned(),
        reason: WHY.to_owned(),
    };
    people::give_role(cp, &admin, &both).await.unwrap();

    // Whoever wrote the commit is an approver too, and is refused.
    let author = plane.person("author@example.com", Role::Approver).await;
    assert_eq!(excluded(&world, &author, 2).await, Exclusion::CommitAuthor);

    // Three decisions, one of them in the name of Ann, one with a role that the log does not know.
    plane.approve(&ann, 2).await.unwrap();
    world.settle().await;
    world.push_code("print('second')\n").await;
    world.settle().await;
    let away = StandInForm {
        email: "cleo@example.com".to_owned(),
        from: String::new(),
        until: "2026-03-03 09:00".to_owned(),
        reason: "On holiday".to_owned(),
    };
    stand_ins::name(cp, &ann, &away).await.unwrap();
    let cleo = plane.again(cleo.actor().user().unwrap()).await;
    reject(plane, &cleo, 4).await;
    world.settle().await;
    world.push_code("print('third')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 6).await.unwrap();
    world.settle().await;

    // Bob asks for a role and cannot give it to himself.
    let form = ElevationForm {
        wanted_role: "operator".to_owned(),
        team: TEAM.to_owned(),
        hours: "2".to_owned(),
        reason: WHY.to_owned(),
    };
    let number = elevations::request(cp, &bob, &form).await.unwrap();
    let answer = ElevationDecisionForm {
        number: number.to_string(),
        verdict: "approve".to_owned(),
        reason: WHY.to_owned(),
    };
    assert!(elevations::decide(cp, &bob, &answer).await.is_err());
    elevations::decide(cp, &ann, &answer).await.unwrap();

    let report = ask(&world, &admin, &SegregationQuery::default()).await;
    let events = plane.events().await;
    let at = |index: &u64| &events[usize::try_from(*index).unwrap()];
    for (kind, count, action) in [
        (FigureKind::Approved, 2, "approval_decided"),
        (FigureKind::Rejected, 1, "approval_decided"),
        (FigureKind::OnBehalf, 1, "approval_decided"),
        (FigureKind::WaiverGiven, 0, "waiver_given"),
        (FigureKind::GlassBroken, 0, "glass_broken"),
    ] {
        let indexes = figure(&report, kind);
        assert_eq!(indexes.len(), count, "{kind}");
        assert!(indexes.iter().all(|i| at(i).action == action), "{kind}");
    }
    let decided =
        figure(&report, FigureKind::Approved).len() + figure(&report, FigureKind::Rejected).len();
    assert_eq!(decided, plane.count_events("approval_decided").await);

    for kind in ConflictKind::ALL.iter().filter(|kind| kind.must_be_none()) {
        assert!(found(&report, *kind).rows.is_empty(), "{kind}: {report:?}");
    }
    let [unknown] = &found(&report, ConflictKind::RoleNotHeld).rows[..] else {
        panic!("one decision with a role that the log does not know: {report:?}")
    };
    assert_eq!(unknown.person, "approver");
    let refused = &found(&report, ConflictKind::RefusedAttempt).rows;
    let who: Vec<&str> = refused.iter().map(|row| row.person.as_str()).collect();
    assert_eq!(who, ["author", "bob"]);
    assert!(
        refused
            .iter()
            .all(|row| at(&row.events[0]).action == "refused")
    );
    assert_eq!(plane.count_events("refused").await, 2);
    // Of one team only the one that names an agent of it is sure.
    let of_team = SegregationQuery {
        team: TEAM.to_owned(),
        ..SegregationQuery::default()
    };
    let of_team = ask(&world, &admin, &of_team).await;
    let sure = found(&of_team, ConflictKind::RefusedAttempt);
    assert_eq!((sure.rows.len(), sure.not_known), (1, true));
    assert!(
        sure.rows[0].what.starts_with("refund-assistant #2"),
        "{sure:?}"
    );
    let both = &found(&report, ConflictKind::BothDuties).rows;
    assert_eq!(both.len(), 1, "{both:?}");
    assert_eq!(both[0].person, "bob");
    assert!(
        both[0].what.contains(TEAM) && both[0].events.len() == 3,
        "{both:?}"
    );

    let could = |name: &str, via| {
        let mut rows = report.could.iter();
        rows.find(|row| row.person == name && row.via == via)
    };
    assert_eq!(
        could("ann", Via::Person).unwrap().place,
        Place::Team(TEAM.to_owned())
    );
    assert_eq!(could("bob", Via::Person).unwrap().place, Place::EveryTeam);
    let stand_in = could("cleo", Via::StandIn).unwrap();
    assert_eq!(
        (stand_in.role, stand_in.by.as_deref()),
        (Role::Approver, Some("ann"))
    );
    assert_eq!(could("bob", Via::Elevation).unwrap().role, Role::Operator);
    assert!(
        could("admin", Via::Person).is_none(),
        "the log does not say it"
    );

    // A period before everything has roles of nobody, and nothing that was done.
    let before = SegregationQuery {
        to: "2026-03-01".to_owned(),
        ..SegregationQuery::default()
    };
    let early = ask(&world, &admin, &before).await;
    assert!(early.could.is_empty());
    assert!(early.did.iter().all(|figure| figure.events.is_empty()));
    plane.clock.advance(Duration::hours(30));
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_report_of_one_team_has_what_is_of_it_and_is_for_those_who_may_see_it() {
    let world = World::live().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let care = plane.add_team("care").await;
    added(&world, &admin, "cara@example.com", "approver", "care").await;
    added(&world, &admin, "ann@example.com", "approver", TEAM).await;
    let theirs = [(Role::Auditor, Some(care))];
    let auditor = plane.person_with("auditor@example.com", &theirs, &[]).await;
    let of = |team: &str| SegregationQuery {
        team: team.to_owned(),
        ..SegregationQuery::default()
    };
    // Who may export of one team alone, and names none, gets that one.
    for query in [of(""), of("care")] {
        let report = ask(&world, &auditor, &query).await;
        assert_eq!(report.team.as_deref(), Some("care"));
        assert_eq!(report.teams, ["care"]);
        assert!(figure(&report, FigureKind::Approved).is_empty());
        let people: Vec<&str> = report.could.iter().map(|row| row.person.as_str()).collect();
        assert_eq!(people, ["cara@example.com"]);
        assert!(!found(&report, ConflictKind::RefusedAttempt).not_known);
    }
    let whole = ask(&world, &admin, &of(TEAM)).await;
    assert_eq!(figure(&whole, FigureKind::Approved).len(), 1);
    for (by, team) in [(&auditor, TEAM), (&admin, "nowhere")] {
        let hidden = segregation::report(&plane.cp, by, &of(team)).await;
        assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    }
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    for team in ["", TEAM] {
        let refused = segregation::report(&plane.cp, &viewer, &of(team)).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    let stranger = segregation::report(&plane.cp, &plane.anonymous(), &of("")).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn the_first_role_of_a_person_is_recorded_with_its_team() {
    let plane = control_plane::testing::TestPlane::new().await;
    let first = person("first@example.com", "", "");
    let id = people::set_up(&plane.cp, &plane.anonymous(), &first)
        .await
        .unwrap();
    let admin = plane.again(id).await;
    let form = person("ann@example.com", "approver", TEAM);
    people::add(&plane.cp, &admin, &form).await.unwrap();
    let events = plane.events().await;
    let teams: Vec<Option<&String>> = events
        .iter()
        .filter(|event| event.action == "user_created")
        .map(|event| event.detail.get("team"))
        .collect();
    assert_eq!(
        teams,
        [Some(&"every team".to_owned()), Some(&TEAM.to_owned())]
    );
    plane.clock.advance(Duration::seconds(1));
    let report = segregation::report(&plane.cp, &admin, &SegregationQuery::default()).await;
    let could = report.unwrap().could;
    assert_eq!(could.len(), 2);
    assert!(could.iter().all(|row| row.begun.is_some()));
    plane.finish().await;
}
