//! The gates that ask cases are held against the version that is live in the same environment, over its stored answers.

use control_plane::gates;
use control_plane::ports::runtime::Invocation;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::gate::{AgainstLive, Gate, LiveStanding, Verdict};

use crate::support::World;

/// From now on every answer of the agent is bad, though each gate by itself calls it passed.
fn turn_bad(world: &World) {
    world.plane.fakes.runtime.set_answer(|_, _| {
        Ok(Invocation {
            status: 200,
            body: "{\"result\":\"Nonsense.\"}".to_owned(),
            latency_ms: 5,
        })
    });
}

async fn compared(world: &World, number: i64, gate: Gate) -> (Verdict, Option<AgainstLive>) {
    let page = gates::evaluation(&world.plane.cp, &world.approver, number).await;
    let gates = page.unwrap().gates;
    let found = gates.into_iter().find(|one| one.report.gate == gate);
    let found = found.unwrap();
    (found.verdict, found.report.against_live)
}

#[tokio::test]
async fn a_version_that_is_worse_than_live_fails_and_says_so() {
    let world = World::live().await;
    let plane = &world.plane;
    let (_, first) = compared(&world, 1, Gate::Relevance).await;
    assert_eq!(first, None, "nothing was live");
    let asked = plane.fakes.faults.count("runtime.invoke");
    turn_bad(&world);
    world.push_code("print('worse')\n").await;
    world.settle().await;
    world.expect(3, DeploymentState::Cleaned).await;
    let (verdict, live) = compared(&world, 3, Gate::Relevance).await;
    let live = live.unwrap();
    assert_eq!(verdict, Verdict::Failed);
    assert_eq!(
        (live.number, live.standing, live.pairs, live.live_passed),
        (1, LiveStanding::Worse, 1, 1)
    );
    assert!((live.margin - 0.05).abs() < 1e-9, "the default");
    let again = plane.fakes.faults.count("runtime.invoke") - asked;
    assert!(again <= asked, "the live version is not asked: {again}");
    assert!(world.why(3).await.contains("Worse than live"));
    let still = plane.live(&world.agent, Environment::NonProd).await;
    assert_eq!(still, Some(1));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_version_as_good_as_live_is_compared_and_passes() {
    let world = World::live().await;
    world.push_code("print('second')\n").await;
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    let (verdict, live) = compared(&world, 3, Gate::Hallucination).await;
    let live = live.unwrap();
    assert_eq!(
        (verdict, live.number, live.standing),
        (Verdict::Passed, 1, LiveStanding::NotWorse)
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn what_restores_an_earlier_version_is_not_compared() {
    let world = World::live_twice().await;
    let operator = world
        .plane
        .person("ops@example.com", domain::actor::Role::Operator)
        .await;
    let back = control_plane::testing::TestPlane::back(4);
    control_plane::rollbacks::start(&world.plane.cp, &operator, &back)
        .await
        .unwrap();
    turn_bad(&world);
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    world.plane.finish().await;
}
