//! The driver: workers that run by themselves, woken by commits, and stop when they are told.

use std::time::Duration;

use control_plane::workers::Driver;
use domain::deployment::DeploymentState;
use domain::environment::Environment;

use crate::support::World;

/// More than any machine needs; reached only when something hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for a deployment to be somewhere, by the topics that pages wait by.
async fn until(world: &World, number: i64, state: DeploymentState) {
    let mut topics = world.plane.cp.topics();
    let reached = async {
        loop {
            let numbers = world.plane.numbers().await;
            if numbers.contains(&number) && world.plane.state(number).await == state {
                return;
            }
            topics.recv().await.ok();
        }
    };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    assert!(reached.is_ok(), "#{number} never was {state}");
}

#[tokio::test]
async fn two_drivers_carry_a_push_to_production_and_stop() {
    let world = World::new().await;
    let plane = &world.plane;
    let drivers = [Driver::start(&plane.cp), Driver::start(&plane.cp)];
    plane.push(&world.agent, world.agent.files()).await;
    until(&world, 2, DeploymentState::AwaitingApproval).await;
    plane.approve(&world.approver, 2).await.unwrap();
    until(&world, 2, DeploymentState::Live).await;
    for driver in drivers {
        driver.stop(PATIENCE).await;
    }
    world.settle().await;
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(2)
    );
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 1);
    world.plane.finish().await;
}
