//! Several servers and slow workers: the effect is the one of a single worker, and a stale write is refused (invariant 6).

use chrono::Duration;
use control_plane::Error;
use control_plane::fakes::Fault;
use control_plane::workers::{self, Status};
use domain::deployment::{DeploymentEvent as E, DeploymentState};
use domain::environment::Environment;
use tokio::task::JoinSet;

use crate::support::World;

/// The calls at which a worker falls asleep, with the state its deployment is in then.
const SLEEPY: [(&str, DeploymentState); 4] = [
    ("images.build", DeploymentState::Building),
    ("scanner.image_scan", DeploymentState::Checking),
    ("runtime.start", DeploymentState::Deploying),
    ("runtime.health", DeploymentState::Verifying),
];

/// Starts an activation and waits until its call to the outside waits.
async fn falls_asleep(world: &World, call: &str) -> JoinSet<Result<Status, Error>> {
    let cp = world.plane.cp.clone();
    let mut slow = JoinSet::new();
    slow.spawn(async move {
        let mut all = workers::all().into_iter();
        let worker = all.find(|w| w.name() == "advance_deployments").unwrap();
        worker.activate(&cp).await
    });
    tokio::select! {
        outcome = slow.join_next() => panic!("{call}: {outcome:?}"),
        () = world.plane.fakes.faults.hung() => {}
    }
    slow
}

#[tokio::test]
async fn the_write_of_a_worker_that_slept_through_its_lease_is_refused() {
    for (call, state) in SLEEPY {
        let world = World::new().await;
        let plane = &world.plane;
        plane.push(&world.agent, world.agent.files()).await;
        for worker in ["ingest_deliveries", "cut_versions"] {
            plane.activate(worker).await.unwrap();
        }
        while plane.state(1).await != state {
            plane.activate("advance_deployments").await.unwrap();
        }
        plane.fakes.faults.next(call, 1, Fault::Waits);
        let mut slow = falls_asleep(&world, call).await;
        plane.clock.advance(Duration::seconds(31));
        world.settle().await;
        world.expect(1, DeploymentState::Live).await;
        let events = plane.events().await.len();

        plane.fakes.faults.resume();
        let late = slow.join_next().await.unwrap().unwrap();
        assert!(
            matches!(late, Err(Error::Fenced | Error::Conflict { .. })),
            "{call}: {late:?}"
        );
        assert_eq!(plane.events().await.len(), events, "{call}");
        world.expect(1, DeploymentState::Live).await;
        assert_eq!(
            plane.arrows(1).await,
            [
                E::BuildStarted,
                E::Built,
                E::ChecksPassed,
                E::Deployed,
                E::Verified
            ]
        );
        assert_eq!(plane.fakes.runtime.starts("clearance-1"), 1);
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_worker_that_slept_while_its_deployment_was_cancelled_leaves_nothing() {
    for fault in [Fault::Waits, Fault::WaitsBefore] {
        for (call, state) in SLEEPY {
            cancelled_during(call, state, fault).await;
        }
    }
}

async fn cancelled_during(call: &'static str, state: DeploymentState, fault: Fault) {
    let world = World::new().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    for worker in ["ingest_deliveries", "cut_versions"] {
        plane.activate(worker).await.unwrap();
    }
    while plane.state(1).await != state {
        plane.activate("advance_deployments").await.unwrap();
    }
    plane.fakes.faults.next(call, 1, fault);
    let mut slow = falls_asleep(&world, call).await;
    let operator = plane.person("ops@example.com", domain::actor::Role::Operator);
    let operator = operator.await;
    let form = control_plane::testing::TestPlane::form(1);
    control_plane::deployments::cancel(&plane.cp, &operator, &form)
        .await
        .unwrap();
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    plane.fakes.faults.resume();
    let late = slow.join_next().await.unwrap().unwrap();
    assert!(late.is_err(), "{call}: {late:?}");
    world.expect(1, DeploymentState::Cleaned).await;
    assert!(plane.fakes.runtime.names().is_empty(), "{call} {fault:?}");
    assert!(
        plane.fakes.identities.names().is_empty(),
        "{call} {fault:?}"
    );
    assert!(plane.fakes.images.names().is_empty(), "{call} {fault:?}");
    world.plane.finish().await;
}

#[tokio::test]
async fn three_servers_have_the_effect_of_one() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    tokio::join!(plane.settle(), plane.settle(), plane.settle());
    plane.settle_all().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    plane.approve(&world.approver, 2).await.unwrap();
    tokio::join!(plane.settle(), plane.settle(), plane.settle());
    plane.settle_all().await;
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1, 2]);
    for name in ["clearance-1", "clearance-2"] {
        assert_eq!(plane.fakes.runtime.starts(name), 1, "{name}");
    }
    assert_eq!(plane.fakes.faults.count("images.build"), 1);
    assert_eq!(plane.count_events("approval_opened").await, 1);
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(2)
    );
    let tags = plane.fakes.faults.count("git.write_tag");
    assert_eq!(tags, 3, "each tag once");
    world.plane.finish().await;
}

#[tokio::test]
async fn many_agents_at_once_do_not_get_in_each_others_way() {
    let world = World::new().await;
    let plane = &world.plane;
    let mut agents = Vec::new();
    for number in 0..5 {
        let agent = plane.agent(&format!("agent-{number}")).await;
        plane.push(&agent, agent.files()).await;
        agents.push(agent);
    }
    tokio::join!(plane.settle(), plane.settle(), plane.settle());
    plane.settle_all().await;
    for agent in &agents {
        assert!(plane.live(agent, Environment::NonProd).await.is_some());
    }
    let mut numbers = plane.numbers().await;
    numbers.dedup();
    assert_eq!(numbers.len(), 10);
    world.plane.finish().await;
}
