//! Roles held for a time: who gives them, what they are good for, and that they end.

use chrono::Duration;
use control_plane::testing::TEAM;
use control_plane::{Error, OpCtx, deployments, elevations, people, tokens};
use domain::actor::{Actor, Role};
use domain::authz::Action;
use domain::elevation::ElevationState;
use domain::error::{Conflict, Exclusion, FieldProblem};
use domain::form::elevation::{ElevationDecisionForm, ElevationForm, TakeAwayForm};
use domain::form::person::TokenForm;

use crate::support::{World, conflict};

fn ask(role: &str, hours: &str) -> ElevationForm {
    ElevationForm {
        wanted_role: role.to_owned(),
        team: TEAM.to_owned(),
        hours: hours.to_owned(),
        reason: "The refunds are stuck, I look into it.".to_owned(),
    }
}

fn answer(number: i64, verdict: &str) -> ElevationDecisionForm {
    ElevationDecisionForm {
        number: number.to_string(),
        verdict: verdict.to_owned(),
        reason: "Read and understood.".to_owned(),
    }
}

fn id(ctx: &OpCtx) -> domain::id::UserId {
    ctx.actor().user().unwrap()
}

async fn viewer(world: &World) -> OpCtx {
    let plane = &world.plane;
    plane.person("viewer@example.com", Role::Viewer).await
}

/// A viewer who is operator for so many hours, given by the approver.
async fn elevated(world: &World, hours: &str) -> (OpCtx, i64) {
    let (plane, person) = (&world.plane, viewer(world).await);
    let number = elevations::request(&plane.cp, &person, &ask("operator", hours)).await;
    let number = number.unwrap();
    let given = elevations::decide(&plane.cp, &world.approver, &answer(number, "approve")).await;
    assert_eq!(given.unwrap(), ElevationState::Active);
    (plane.again(id(&person)).await, number)
}

fn is_operator(ctx: &OpCtx, world: &World) -> bool {
    let held = ctx.actor().roles(Some(world.plane.team));
    held.contains(&Role::Operator)
}

#[tokio::test]
async fn an_elevation_counts_as_a_grant_and_ends_by_the_clock() {
    let world = World::asked().await;
    let plane = &world.plane;
    let (person, number) = elevated(&world, "2").await;
    assert!(is_operator(&person, &world));
    let shown = people::frame(&plane.cp, &person).await.unwrap();
    assert_eq!(shown.elevations[0].number, number);
    plane.clock.advance(Duration::minutes(119));
    assert!(is_operator(&plane.again(id(&person)).await, &world));
    // The same session, one minute later: no worker has run, and the next click is refused.
    plane.clock.advance(Duration::minutes(1));
    let next_click = plane.again(id(&person)).await;
    assert!(!is_operator(&next_click, &world));
    let mut form = control_plane::testing::TestPlane::form(2);
    form.reason = "It must not go on like this.".to_owned();
    let refused = deployments::cancel(&plane.cp, &next_click, &form).await;
    assert!(matches!(
        refused,
        Err(Error::Forbidden {
            action: Action::Rollback
        })
    ));
    let seen = elevations::list(&plane.cp, &next_click, "").await.unwrap();
    assert!(seen.open.is_empty());
    assert_eq!(seen.past[0].state, ElevationState::Expired);
    plane.activate("expire_elevations").await.unwrap();
    assert_eq!(plane.count_events("elevation_ended").await, 1);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn nobody_gives_themselves_a_role() {
    let world = World::new().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let number = elevations::request(&plane.cp, &admin, &ask("operator", "1")).await;
    let number = number.unwrap();
    let own = elevations::decide(&plane.cp, &admin, &answer(number, "approve")).await;
    assert!(matches!(
        own,
        Err(Error::Excluded {
            rule: Exclusion::OwnElevation
        })
    ));
    assert_eq!(plane.count_events("refused").await, 1);
    let nobody = viewer(&world).await;
    let other = elevations::decide(&plane.cp, &nobody, &answer(number, "approve")).await;
    assert!(matches!(other, Err(Error::Forbidden { .. })));
    assert!(!is_operator(&plane.again(id(&admin)).await, &world));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_token_never_gains_by_elevation() {
    let world = World::new().await;
    let plane = &world.plane;
    let (person, _) = elevated(&world, "8").await;
    let form = TokenForm {
        name: "script".to_owned(),
        scopes: "read write".to_owned(),
        days: "1".to_owned(),
    };
    let token = tokens::create(&plane.cp, &person, &form).await.unwrap();
    let actor = tokens::actor(&plane.cp, &token.text)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(actor, Actor::Token { .. }));
    assert!(!actor.roles(Some(plane.team)).contains(&Role::Operator));
    let asked = elevations::request(&plane.cp, &plane.ctx(actor), &ask("operator", "1")).await;
    assert!(matches!(asked, Err(Error::Forbidden { .. })));
    world.plane.finish().await;
}

#[tokio::test]
async fn approver_and_administrator_cannot_be_asked_for() {
    let world = World::new().await;
    let person = viewer(&world).await;
    for role in ["approver", "administrator", "auditor", "king"] {
        let asked = elevations::request(&world.plane.cp, &person, &ask(role, "1")).await;
        let Err(Error::Invalid(fields)) = asked else {
            panic!("{asked:?}")
        };
        assert_eq!(fields.get("wanted_role"), Some(FieldProblem::UnknownChoice));
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn hours_are_bounded_by_the_policy() {
    let world = World::new().await;
    let person = viewer(&world).await;
    for hours in ["9", "0"] {
        let asked = elevations::request(&world.plane.cp, &person, &ask("operator", hours)).await;
        let Err(Error::Invalid(fields)) = asked else {
            panic!("{asked:?}")
        };
        assert_eq!(fields.get("hours"), Some(FieldProblem::OutOfRange));
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_time_that_runs_is_not_made_longer() {
    let world = World::new().await;
    let plane = &world.plane;
    let (person, number) = elevated(&world, "2").await;
    let again = elevations::request(&plane.cp, &person, &ask("operator", "8")).await;
    assert_eq!(conflict(again), Conflict::HeldAlready);
    let twice = elevations::decide(&plane.cp, &world.approver, &answer(number, "approve")).await;
    assert_eq!(conflict(twice), Conflict::Changed);
    world.plane.finish().await;
}

#[tokio::test]
async fn asking_twice_is_one_request_and_an_unanswered_one_expires() {
    let world = World::new().await;
    let plane = &world.plane;
    let person = viewer(&world).await;
    let first = elevations::request(&plane.cp, &person, &ask("operator", "1")).await;
    let second = elevations::request(&plane.cp, &person, &ask("operator", "1")).await;
    assert_eq!(first.unwrap(), second.unwrap());
    assert_eq!(plane.count_events("elevation_requested").await, 1);
    plane.clock.advance(Duration::hours(24));
    let late = elevations::decide(&plane.cp, &world.approver, &answer(1, "approve")).await;
    assert_eq!(conflict(late), Conflict::Changed);
    let anew = elevations::request(&plane.cp, &person, &ask("operator", "1")).await;
    assert_eq!(anew.unwrap(), 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn either_side_ends_it_early_and_others_do_not() {
    let world = World::new().await;
    let plane = &world.plane;
    let (person, number) = elevated(&world, "2").await;
    let stranger = plane.person("other@example.com", Role::Operator).await;
    let refused = elevations::end(&plane.cp, &stranger, &answer(number, "")).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let ended = elevations::end(&plane.cp, &person, &answer(number, "")).await;
    assert_eq!(ended.unwrap(), ElevationState::Ended);
    assert!(!is_operator(&plane.again(id(&person)).await, &world));
    // A repeated click has the effect of one.
    let again = elevations::end(&plane.cp, &world.approver, &answer(number, "")).await;
    assert_eq!(again.unwrap(), ElevationState::Ended);
    assert_eq!(plane.count_events("elevation_ended").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let world = World::new().await;
    let plane = &world.plane;
    let (person, admin) = (
        viewer(&world).await,
        plane.person("admin@example.com", Role::Administrator).await,
    );
    let number = elevations::request(&plane.cp, &person, &ask("operator", "1")).await;
    let (yes, no) = (answer(number.unwrap(), "approve"), answer(1, "reject"));
    let (a, b) = tokio::join!(
        elevations::decide(&plane.cp, &world.approver, &yes),
        elevations::decide(&plane.cp, &admin, &no)
    );
    let won = [&a, &b].into_iter().filter(|o| o.is_ok()).count();
    assert_eq!(won, 1, "{a:?} {b:?}");
    let lost = if a.is_ok() { b } else { a };
    assert_eq!(conflict(lost), Conflict::Changed);
    assert_eq!(plane.count_events("elevation_decided").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_elevated_person_decides_no_approval() {
    let world = World::asked().await;
    let (person, _) = elevated(&world, "2").await;
    let decided = world.plane.approve(&person, 2).await;
    assert!(matches!(
        decided,
        Err(Error::Forbidden {
            action: Action::Decide
        })
    ));
    world.plane.finish().await;
}

#[tokio::test]
async fn standing_roles_that_nobody_used_are_named_and_taken_away() {
    let world = World::asked().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let idle = plane.person("idle@example.com", Role::Operator).await;
    plane.approve(&world.approver, 2).await.unwrap();
    plane.clock.advance(Duration::days(29));
    let shown = elevations::list(&plane.cp, &plane.again(id(&admin)).await, "").await;
    assert_eq!(shown.unwrap().unused.unwrap(), []);
    // The approver decided 30 days ago and not since; the administrator did nothing at all; a viewer would not count.
    plane.clock.advance(Duration::days(2));
    let shown = elevations::list(&plane.cp, &admin, "").await.unwrap();
    let unused = shown.unused.unwrap();
    let named: Vec<_> = unused.iter().map(|u| (u.person.as_str(), u.role)).collect();
    assert_eq!(
        named,
        [
            ("admin", Role::Administrator),
            ("approver", Role::Approver),
            ("idle", Role::Operator)
        ]
    );
    assert_eq!(
        elevations::list(&plane.cp, &idle, "").await.unwrap().unused,
        None
    );
    let take = |grant: &str| TakeAwayForm {
        grant: grant.to_owned(),
        reason: "Nobody used it for a month.".to_owned(),
    };
    let last = elevations::take_away(&plane.cp, &admin, &take(&unused[0].id)).await;
    assert_eq!(conflict(last), Conflict::LastAdministrator);
    let refused = elevations::take_away(&plane.cp, &idle, &take(&unused[2].id)).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    elevations::take_away(&plane.cp, &admin, &take(&unused[2].id))
        .await
        .unwrap();
    assert!(!is_operator(&plane.again(id(&idle)).await, &world));
    assert_eq!(plane.count_events("role_taken_away").await, 1);
    world.settle().await;
    world.plane.finish().await;
}
