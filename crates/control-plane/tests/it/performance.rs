//! The four measures on what really went live, was rolled back, and was an incident.

use chrono::TimeDelta;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, incidents, performance, rollbacks};
use domain::actor::Role;
use domain::form::query::performance::PerformanceQuery;
use domain::view::performance::Performance;

use crate::incidents::opening;
use crate::support::World;

fn query(team: &str) -> PerformanceQuery {
    PerformanceQuery {
        team: team.to_owned(),
        ..PerformanceQuery::default()
    }
}

async fn report(plane: &TestPlane, ctx: &OpCtx) -> Performance {
    // A period ends before its last moment.
    plane.clock.advance(TimeDelta::seconds(1));
    performance::report(&plane.cp, ctx, &query(""))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_change_that_was_rolled_back_failed_and_is_restored_by_the_rollback() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let found = report(plane, &operator).await;
    assert_eq!((found.all.changes, found.all.failed), (2, 0));
    assert!(found.all.lead_seconds.is_some() && found.all.restore_seconds.is_none());
    assert_eq!(found.teams.len(), 1);

    let back = TestPlane::back(4);
    rollbacks::start(&plane.cp, &operator, &back).await.unwrap();
    plane.clock.advance(TimeDelta::seconds(7));
    world.settle().await;
    let found = report(plane, &operator).await;
    // Going back is no change.
    assert_eq!(
        (found.all.changes, found.all.failed, found.all.not_restored),
        (2, 1, 0)
    );
    assert!(found.all.restore_seconds.unwrap() >= 7, "{:?}", found.all);
    assert_eq!(found.failed[0].number, 4);
    assert_eq!(found.weeks.iter().map(|week| week.failed).sum::<usize>(), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_incident_counts_against_what_was_live_until_it_does_no_harm() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let number = incidents::open(cp, &operator, &opening("It pays refunds twice"))
        .await
        .unwrap();
    let found = report(plane, &operator).await;
    assert_eq!((found.all.failed, found.all.not_restored), (1, 1));
    incidents::mitigate(cp, &operator, &crate::incidents::on(number))
        .await
        .unwrap();
    let found = report(plane, &operator).await;
    assert_eq!((found.all.failed, found.all.not_restored), (1, 0));
    assert!(found.all.restore_seconds.is_some());
    world.plane.finish().await;
}

#[tokio::test]
async fn each_sees_the_changes_of_their_teams_alone() {
    let world = World::live().await;
    let plane = &world.plane;
    plane.clock.advance(TimeDelta::seconds(1));
    let elsewhere = plane.add_team("elsewhere").await;
    let roles = [(Role::Viewer, Some(elsewhere))];
    let stranger = plane.person_with("stranger@example.com", &roles, &[]).await;
    let found = performance::report(&plane.cp, &stranger, &query(""))
        .await
        .unwrap();
    assert_eq!(found.all.changes, 0);
    assert_eq!(found.choices, ["elsewhere"]);
    let team = report(plane, &world.approver).await.teams[0].team.clone();
    for team in [team.as_str(), "no-such-team"] {
        let hidden = performance::report(&plane.cp, &stranger, &query(team)).await;
        assert!(
            matches!(hidden, Err(Error::NotFound { .. })),
            "{team}: {hidden:?}"
        );
    }
    let nobody = performance::report(&plane.cp, &plane.anonymous(), &query("")).await;
    assert!(matches!(nobody, Err(Error::Unauthenticated)));
    world.plane.finish().await;
}
