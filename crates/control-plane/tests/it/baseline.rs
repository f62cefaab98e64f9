//! What the file gates are told that the live version has: its findings, but not those that it only has by leave.

use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::form::waiver::WaiverForm;
use domain::gate::{Finding, Gate, Severity, Standing, Verdict};

use crate::support::World;

fn finding(rule: &str, severity: Severity, standing: Standing) -> Finding {
    let mut one = Finding::new(
        rule,
        severity,
        "Something is odd here.",
        "agent.py",
        Some(1),
    );
    one.fingerprint = format!("print of {rule}");
    one.standing = standing;
    one
}

fn known(world: &World, gate: Gate) -> Vec<String> {
    let known = world.plane.fakes.verdicts.known(gate);
    known.into_iter().map(|one| one.rule).collect()
}

#[tokio::test]
async fn findings_of_the_live_version_are_known_to_the_next() {
    let world = World::new().await;
    let plane = &world.plane;
    let verdicts = &plane.fakes.verdicts;
    for (rule, severity, standing) in [
        ("light", Severity::Medium, Standing::New),
        ("known", Severity::High, Standing::Known),
        ("suppressed", Severity::High, Standing::Suppressed),
    ] {
        verdicts.find(Gate::StaticAnalysis, finding(rule, severity, standing));
    }
    verdicts.find(
        Gate::ImageScan,
        finding("package", Severity::Low, Standing::New),
    );
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    assert!(
        known(&world, Gate::StaticAnalysis).is_empty(),
        "nothing is live in production"
    );
    world.push_code("print('second')\n").await;
    world.settle().await;
    assert!(
        known(&world, Gate::ImageScan).is_empty(),
        "what only non-prod saw was approved by nobody"
    );
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    world.push_code("print('third')\n").await;
    world.settle().await;
    // What the code suppressed would outlive its end.
    assert_eq!(known(&world, Gate::StaticAnalysis), ["light", "known"]);
    assert_eq!(known(&world, Gate::ImageScan), ["package"]);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_needed_a_waiver_is_new_again() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::ImageScan, Verdict::Failed);
    let light = finding("light", Severity::Medium, Standing::New);
    plane.fakes.verdicts.find(Gate::ImageScan, light);
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    let giver = plane.person("second@example.com", Role::Approver).await;
    for environment in ["non_prod", "production"] {
        let form = WaiverForm {
            deployment: "1".to_owned(),
            gate: "image_scan".to_owned(),
            finding: "fake-rule".to_owned(),
            location: "agent.py".to_owned(),
            environment: environment.to_owned(),
            until: "2026-03-10".to_owned(),
            reason: "The code is not reachable.".to_owned(),
        };
        control_plane::waivers::give(&plane.cp, &giver, &form)
            .await
            .unwrap();
    }
    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 3).await.unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    world.push_code("print('third')\n").await;
    world.settle().await;
    assert_eq!(known(&world, Gate::ImageScan), ["light"]);
    world.plane.finish().await;
}
