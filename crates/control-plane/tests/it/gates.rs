//! Gates: failed, inconclusive and errored are three different things, and none of them touches what is live (invariant 5).

use control_plane::deployments;
use control_plane::fakes::{Fault, Start};
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use domain::actor::Role;
use domain::deployment::{DeploymentEvent, DeploymentState, Step};
use domain::environment::Environment;
use domain::error::Conflict;
use domain::gate::{Gate, Verdict};
use domain::identity::IdentityState;
use domain::runtime::RuntimeHealth;

use crate::support::{World, conflict};

/// Nothing of a deployment is left, and what was live is as it was.
async fn gone_without_trace(world: &World, number: i64) {
    let plane = &world.plane;
    world.expect(number, DeploymentState::Cleaned).await;
    let receipt = plane.receipt(number).await.expect("a receipt");
    assert_eq!(receipt.left.len(), 0, "{receipt:?}");
    assert_eq!(receipt.created, receipt.gone, "{receipt:?}");
    let name = format!("clearance-{number}");
    assert!(!plane.fakes.runtime.names().contains(&name));
    if let Some((client, state, _)) = plane.identity(number).await {
        assert_eq!(state, IdentityState::Revoked);
        assert!(!plane.fakes.identities.names().contains(&client));
    }
}

#[tokio::test]
async fn each_failing_gate_ends_the_deployment_and_leaves_nothing() {
    for gate in [
        Gate::StaticAnalysis,
        Gate::ImageScan,
        Gate::ResponsibleAi,
        Gate::Hallucination,
        Gate::Relevance,
    ] {
        let world = World::new().await;
        let plane = &world.plane;
        plane.fakes.verdicts.set(gate, Verdict::Failed);
        plane.push(&world.agent, world.agent.files()).await;
        world.settle().await;
        gone_without_trace(&world, 1).await;
        assert!(plane.arrows(1).await.contains(&DeploymentEvent::Failed));
        let failure = plane.failure(1).await.unwrap();
        assert!(failure.message.starts_with(gate.label()), "{failure:?}");
        assert_eq!(failure.findings.len(), 1);
        assert_eq!(plane.numbers().await, [1], "not promoted");
        assert!(plane.fakes.images.names().is_empty());
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_failing_gate_of_a_new_version_leaves_the_live_ones_untouched() {
    let world = World::live().await;
    let plane = &world.plane;
    let before = plane.fakes.runtime.names();
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    world.push_code("print('worse')\n").await;
    world.settle().await;
    gone_without_trace(&world, 3).await;
    world.expect(1, DeploymentState::Live).await;
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(
        plane.live(&world.agent, Environment::NonProd).await,
        Some(1)
    );
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(2)
    );
    assert_eq!(plane.fakes.runtime.names(), before);
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 1);
    for number in [1, 2] {
        let (client, state, _) = plane.identity(number).await.unwrap();
        assert_eq!(state, IdentityState::Active);
        assert!(plane.fakes.identities.scopes(&client).is_some());
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn an_inconclusive_gate_stays_in_non_prod_and_is_not_promoted_by_anybody() {
    let world = World::new().await;
    let plane = &world.plane;
    let inconclusive = Verdict::Inconclusive;
    plane.fakes.verdicts.set(Gate::Hallucination, inconclusive);
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1]);
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let promoted = deployments::promote(&plane.cp, &developer, &TestPlane::form(1)).await;
    assert_eq!(conflict(promoted), Conflict::GatesNotSatisfied);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_engine_that_errs_is_tried_again_and_then_says_nothing_about_the_agent() {
    let world = World::new().await;
    let plane = &world.plane;
    let refused = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("evaluator.judge", 2, refused);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle_all().await;
    world.expect(1, DeploymentState::Live).await;
    world.expect(2, DeploymentState::AwaitingApproval).await;

    plane.fakes.faults.next("evaluator.judge", 3, refused);
    world.push_code("print('second')\n").await;
    plane.settle_all().await;
    world.expect(3, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1, 2, 3], "an errored gate is open");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_question_that_is_not_answered_is_asked_again() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let asked = plane.fakes.faults.count("runtime.invoke");
    assert!(asked > 0);

    let refused = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("runtime.invoke", 2, refused);
    world.push_code("print('second')\n").await;
    world.settle().await;
    assert_eq!(plane.fakes.faults.count("runtime.invoke"), 2 * asked + 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_was_answered_before_a_kill_is_not_asked_again() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let asked = plane.fakes.faults.count("runtime.invoke");
    assert!(asked > 1, "{asked}");

    for (call, again) in [("evaluator.judge", 0), ("runtime.invoke", 1)] {
        let before = plane.fakes.faults.count("runtime.invoke");
        plane.fakes.faults.next(call, 1, Fault::HangsAfter);
        world.push_code(&format!("print('{call}')\n")).await;
        plane.settle_all().await;
        let since = plane.fakes.faults.count("runtime.invoke") - before;
        assert_eq!(since, asked + again, "{call}");
    }
    assert_eq!(plane.answers_kept().await, 0, "they were judged");
    world.plane.finish().await;
}

#[tokio::test]
async fn an_agent_that_never_gets_healthy_or_stops_ends_without_trace() {
    for start in [Start::NeverHealthy, Start::Stops] {
        let world = World::live().await;
        let plane = &world.plane;
        plane.fakes.runtime.set_start(start);
        world.push_code("print('sick')\n").await;
        world.settle().await;
        gone_without_trace(&world, 3).await;
        let failure = plane.failure(3).await.unwrap();
        assert_eq!(failure.step, Step::Health);
        // It has its start time of one second, by the clock; what stopped is not waited for.
        let calls = plane.fakes.faults.calls();
        let looks = calls
            .iter()
            .filter(|call| call.line() == "runtime.health clearance-3")
            .count();
        let expected = match start {
            Start::Stops => 1,
            Start::NeverHealthy | Start::Healthy => 7,
        };
        assert_eq!(looks, expected, "{start:?}");
        assert!(failure.message.contains("its last word"), "{failure:?}");
        world.expect(2, DeploymentState::Live).await;
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_build_that_is_refused_fails_and_one_that_does_not_answer_errs() {
    let world = World::new().await;
    let plane = &world.plane;
    let rejected = Fault::Refused(PortErrorKind::Rejected);
    plane.fakes.faults.next("images.build", 1, rejected);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle_all().await;
    gone_without_trace(&world, 1).await;
    assert!(plane.arrows(1).await.contains(&DeploymentEvent::Failed));

    let silent = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("images.build", 5, silent);
    world.push_code("print('second')\n").await;
    plane.settle_all().await;
    gone_without_trace(&world, 2).await;
    assert!(plane.arrows(2).await.contains(&DeploymentEvent::Errored));
    assert_eq!(plane.fakes.faults.planned(), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_agent_that_stops_later_is_started_again_and_nothing_else_happens() {
    let world = World::live().await;
    let plane = &world.plane;
    let stopped = RuntimeHealth::Stopped;
    plane.fakes.runtime.set_health("clearance-2", stopped);
    world.settle().await;
    assert_eq!(plane.fakes.faults.count("runtime.revive"), 1);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    let health = plane.column("SELECT health FROM deployments WHERE number = 2");
    assert_eq!(health.await, ["healthy"]);
    world.plane.finish().await;
}
