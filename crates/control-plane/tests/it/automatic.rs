//! Rollbacks that Clearance begins by itself: only for what is judged bad, only when nothing else is under way, once, and
//! never in a circle.

use chrono::TimeDelta;
use control_plane::fakes::{Fault, Start};
use control_plane::ports::PortErrorKind;
use control_plane::{Error, OpCtx, findings, incidents, rollbacks};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::error::{Conflict, FieldProblem};
use domain::form::deployment::BreachForm;
use domain::form::query::{FindingQuery, IncidentQuery};
use domain::incident::{IncidentCause, IncidentState};
use domain::runtime::RuntimeHealth;
use domain::view::incident::IncidentRow;

use crate::support::{World, conflict};

/// Looks as often at what is live as it takes to judge it, 15 s apart, without doing anything about it.
async fn looks(world: &World, times: usize) {
    for _ in 0..times {
        world.plane.activate("watch_runtimes").await.unwrap();
        world.plane.clock.advance(TimeDelta::seconds(15));
    }
}

fn sick(world: &World, number: i64) {
    let name = format!("clearance-{number}");
    world
        .plane
        .fakes
        .runtime
        .set_health(&name, RuntimeHealth::Unhealthy);
}

async fn auditor(world: &World) -> OpCtx {
    world.plane.person("audit@example.com", Role::Auditor).await
}

async fn incidents_of(world: &World, ctx: &OpCtx) -> Vec<IncidentRow> {
    let listed = incidents::list(&world.plane.cp, ctx, &IncidentQuery::default()).await;
    listed.unwrap().rows
}

/// The sentences of the open findings of one kind.
async fn left(world: &World, ctx: &OpCtx) -> Vec<String> {
    let query = FindingQuery {
        kind: "not_rolled_back".to_owned(),
        ..FindingQuery::default()
    };
    let found = findings::list(&world.plane.cp, ctx, &query).await.unwrap();
    found.rows.into_iter().map(|row| row.what).collect()
}

/// The second version asks for another scope and has another prompt; it is live in production as #4.
async fn two_versions() -> World {
    let world = World::live().await;
    let mut files = world.agent.files_with("prompts/system.md", "Bolder.\n");
    let manifest = world.agent.manifest(&["orders:read", "orders:write"]);
    files.insert("clearance.yaml".to_owned(), manifest);
    world.plane.push(&world.agent, files).await;
    world.settle().await;
    world.plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    world
}

#[tokio::test]
async fn a_version_whose_health_fails_in_production_is_rolled_back_in_all_four_parts() {
    let world = two_versions().await;
    let plane = &world.plane;
    let auditor = auditor(&world).await;
    let before = plane.fakes.runtime.order("clearance-4").unwrap();
    sick(&world, 4);
    // Every time that the workers run they look once more.
    looks(&world, 1).await;
    world.settle().await;
    assert_eq!(
        plane.numbers().await,
        [1, 2, 3, 4],
        "two looks judge nothing"
    );
    looks(&world, 1).await;
    world.settle().await;

    world.expect(5, DeploymentState::Live).await;
    world.expect(4, DeploymentState::RolledBack).await;
    // Runtime, config bundle, scopes, registry: each as the earlier manifest says.
    let order = plane.fakes.runtime.order("clearance-5").unwrap();
    assert_eq!(
        Some(order.image_digest.clone()),
        plane.version(2).await.image
    );
    assert_ne!(order.image_digest, before.image_digest);
    assert_eq!(plane.authorised(5).await, plane.authorised(2).await);
    let (client, _, scopes) = plane.identity(5).await.unwrap();
    assert_eq!(scopes, ["orders:read"]);
    assert_eq!(plane.fakes.identities.scopes(&client), Some(scopes));
    let live = plane.live(&world.agent, Environment::Production).await;
    assert_eq!(live, Some(5));
    assert_eq!(plane.version(5).await, plane.version(2).await);

    assert!(plane.version(4).await.held);
    let opened = incidents_of(&world, &auditor).await;
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0].state, IncidentState::Mitigated);
    assert_eq!(
        (opened[0].cause, opened[0].deployment),
        (IncidentCause::Health, Some(4))
    );
    let events = plane.events().await;
    let asked = events.iter().rfind(|e| e.action == "deployment_requested");
    assert_eq!(asked.unwrap().actor.kind, "system");
    assert!(left(&world, &auditor).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn what_was_rolled_back_by_itself_is_held_when_it_is_pushed_again() {
    let world = two_versions().await;
    let plane = &world.plane;
    sick(&world, 4);
    looks(&world, 3).await;
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    world.push_code("print('something else')\n").await;
    world.settle().await;
    let mut files = world.agent.files_with("prompts/system.md", "Bolder.\n");
    let manifest = world.agent.manifest(&["orders:read", "orders:write"]);
    files.insert("clearance.yaml".to_owned(), manifest);
    plane.push(&world.agent, files).await;
    world.settle().await;
    let last = *plane.numbers().await.last().unwrap();
    world.expect(last, DeploymentState::Cleaned).await;
    assert!(world.why(last).await.contains("held"));
    world.plane.finish().await;
}

#[tokio::test]
async fn one_healthy_look_forgets_the_bad_ones_and_silence_is_no_bad_look() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    sick(&world, 4);
    looks(&world, 2).await;
    plane
        .fakes
        .runtime
        .set_health("clearance-4", RuntimeHealth::Healthy);
    looks(&world, 1).await;
    sick(&world, 4);
    looks(&world, 1).await;
    let silent = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("runtime.health", 20, silent);
    looks(&world, 5).await;
    plane.fakes.faults.clear();
    world.settle().await;
    assert_eq!(plane.numbers().await, [1, 2, 3, 4]);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_agent_that_stops_again_and_again_is_judged_bad() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    for _ in 0..3 {
        plane
            .fakes
            .runtime
            .set_health("clearance-4", RuntimeHealth::Stopped);
        looks(&world, 1).await;
    }
    plane.activate("roll_back_failing").await.unwrap();
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    world.expect(4, DeploymentState::RolledBack).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn there_is_no_rollback_of_a_rollback_and_no_second_try() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let auditor = auditor(&world).await;
    sick(&world, 4);
    plane.fakes.runtime.set_start(Start::Stops);
    looks(&world, 3).await;
    world.settle().await;
    world.expect(5, DeploymentState::Cleaned).await;
    world.expect(4, DeploymentState::Live).await;
    assert!(plane.version(4).await.held, "held from the first moment");
    for _ in 0..5 {
        looks(&world, 1).await;
        world.settle().await;
    }
    assert_eq!(plane.numbers().await, [1, 2, 3, 4, 5]);
    let said = left(&world, &auditor).await;
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("no second try"), "{said:?}");
    assert_eq!(
        incidents_of(&world, &auditor).await[0].state,
        IncidentState::Open
    );

    // A person can; and what is restored is not left again by itself.
    plane.fakes.runtime.set_start(Start::Healthy);
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let back = control_plane::testing::TestPlane::back(4);
    rollbacks::start(&plane.cp, &operator, &back).await.unwrap();
    world.settle().await;
    world.expect(6, DeploymentState::Live).await;
    assert!(left(&world, &auditor).await.is_empty());
    assert_eq!(
        incidents_of(&world, &auditor).await[0].state,
        IncidentState::Mitigated
    );
    sick(&world, 6);
    looks(&world, 4).await;
    world.settle().await;
    world.expect(6, DeploymentState::Live).await;
    let said = left(&world, &auditor).await;
    assert!(said[0].contains("restored by a rollback"), "{said:?}");
    assert_eq!(incidents_of(&world, &auditor).await.len(), 2);
    // It is well again: the finding ends by itself.
    plane
        .fakes
        .runtime
        .set_health("clearance-6", RuntimeHealth::Healthy);
    looks(&world, 1).await;
    world.settle().await;
    assert!(left(&world, &auditor).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn what_cannot_be_restored_is_left_and_said_so() {
    // The first version has no target, and the target of the second one lost its image.
    let world = World::live().await;
    let auditor_ctx = auditor(&world).await;
    sick(&world, 2);
    looks(&world, 3).await;
    world.settle().await;
    assert!(left(&world, &auditor_ctx).await[0].contains("No earlier version"));
    assert_eq!(world.plane.numbers().await, [1, 2]);
    world.plane.finish().await;

    let world = World::live_twice().await;
    let auditor_ctx = auditor(&world).await;
    let image = world.plane.version(2).await.image.unwrap();
    world.plane.fakes.images.drop_image(&image);
    sick(&world, 4);
    looks(&world, 3).await;
    world.settle().await;
    assert!(left(&world, &auditor_ctx).await[0].contains("cannot be restored"));
    assert_eq!(world.plane.numbers().await, [1, 2, 3, 4]);
    world.expect(4, DeploymentState::Live).await;
    assert!(!world.plane.version(4).await.held);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_failure_that_is_old_is_left_to_people() {
    let world = World::live_twice().await;
    let auditor = auditor(&world).await;
    sick(&world, 4);
    looks(&world, 2).await;
    // Clearance was away for half an hour.
    world.plane.clock.advance(TimeDelta::minutes(30));
    looks(&world, 1).await;
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    let said = left(&world, &auditor).await;
    assert!(said[0].contains("20 minutes"), "{said:?}");
    world.plane.finish().await;
}

#[tokio::test]
async fn nothing_is_rolled_back_while_something_is_under_way_and_a_question_is_not_under_way() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    world.push_code("print('third')\n").await;
    world.settle().await;
    world.expect(6, DeploymentState::AwaitingApproval).await;
    let silent = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("runtime.start", 1, silent);
    plane.approve(&world.approver, 6).await.unwrap();
    plane.settle().await;
    world.expect(6, DeploymentState::Deploying).await;
    sick(&world, 4);
    for _ in 0..3 {
        plane.activate("watch_runtimes").await.unwrap();
        plane.clock.advance(TimeDelta::seconds(6));
        plane.activate("roll_back_failing").await.unwrap();
    }
    assert_eq!(plane.numbers().await, [1, 2, 3, 4, 5, 6], "settled first");
    plane.settle_all().await;
    world.expect(6, DeploymentState::Live).await;
    world.expect(4, DeploymentState::Superseded).await;
    assert_eq!(plane.numbers().await, [1, 2, 3, 4, 5, 6]);
    world.plane.finish().await;
}

fn breach(number: i64, observed_at: &str) -> BreachForm {
    BreachForm {
        agent: "refund-assistant".to_owned(),
        number: number.to_string(),
        reason: "Hallucination 0.871, needs 0.920.".to_owned(),
        observed_at: observed_at.to_owned(),
    }
}

#[tokio::test]
async fn a_reported_breach_rolls_back_within_the_same_limits() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let refused = rollbacks::report_breach(&plane.cp, &viewer, &breach(4, "")).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    // Neither non-prod, nor what is not live any more, nor another agent's.
    for number in [3, 2] {
        let refused = rollbacks::report_breach(&plane.cp, &operator, &breach(number, "")).await;
        assert_eq!(conflict(refused), Conflict::WrongState);
    }
    let future = breach(4, "2030-01-01T00:00:00Z");
    let refused = rollbacks::report_breach(&plane.cp, &operator, &future).await;
    match refused {
        Err(Error::Invalid(fields)) => {
            assert_eq!(
                fields.get("observed_at"),
                Some(FieldProblem::DateOutOfRange)
            );
        }
        other => panic!("{other:?}"),
    }
    for _ in 0..2 {
        rollbacks::report_breach(&plane.cp, &operator, &breach(4, ""))
            .await
            .unwrap();
    }
    assert_eq!(plane.count_events("breach_reported").await, 1);
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    world.expect(4, DeploymentState::RolledBack).await;
    let opened = incidents_of(&world, &viewer).await;
    assert_eq!(opened[0].cause, IncidentCause::Evaluation);
    assert!(opened[0].title.contains("0.871"));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_breach_that_was_seen_long_ago_is_left_to_people() {
    let world = World::live_twice().await;
    let operator = world.plane.person("ops@example.com", Role::Operator).await;
    let cp = &world.plane.cp;
    let old = breach(4, "2026-03-02T08:00:00Z");
    rollbacks::report_breach(cp, &operator, &old).await.unwrap();
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    assert!(left(&world, &operator).await[0].contains("20 minutes"));
    world.plane.finish().await;
}
