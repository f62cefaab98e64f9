//! The engines behind the gates: looked at by a worker, shown to whoever reads anything.

use chrono::TimeDelta;
use control_plane::{Error, engines, gates};
use domain::engine::EngineState;
use domain::gate::Gate;

use crate::support::World;

#[tokio::test]
async fn engines_are_shown_as_they_were_found_and_looked_at_again_later() {
    let world = World::new().await;
    let plane = &world.plane;
    let before = engines::list(&plane.cp, &world.approver).await.unwrap();
    assert_eq!((before.looked_at, before.engines.len()), (None, 0));

    plane.activate("watch_engines").await.unwrap();
    let first = engines::list(&plane.cp, &world.approver).await.unwrap();
    let names: Vec<&str> = first.engines.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["fake-scanner 1", "fake-evaluator 1"]);
    assert!(
        first
            .engines
            .iter()
            .all(|one| one.state == EngineState::Ready)
    );

    plane.clock.advance(TimeDelta::minutes(5));
    plane.activate("watch_engines").await.unwrap();
    let same = engines::list(&plane.cp, &world.approver).await.unwrap();
    assert_eq!(same, first, "five minutes are no news");
    plane.clock.advance(TimeDelta::minutes(6));
    plane.activate("watch_engines").await.unwrap();
    let again = engines::list(&plane.cp, &world.approver).await.unwrap();
    assert_ne!(again.looked_at, first.looked_at);
    assert_eq!(again.engines, first.engines, "none twice");

    let stranger = engines::list(&plane.cp, &plane.anonymous()).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    let stranger = engines::catalogues(&plane.cp, &plane.anonymous());
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_risk_without_a_check_is_said_to_have_none() {
    let world = World::new().await;
    let all = engines::catalogues(&world.plane.cp, &world.approver).unwrap();
    let risks = all.iter().flat_map(|one| &one.risks);
    let tested: Vec<(&str, Gate)> = risks
        .clone()
        .flat_map(|risk| {
            risk.checks
                .iter()
                .map(|check| (risk.id.as_str(), check.gate))
        })
        .collect();
    let gate = Gate::StaticAnalysis;
    assert_eq!(tested, [("LLM05", gate), ("ASI05", gate)]);
    assert!(risks.clone().count() > 20, "the rest stands there as well");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_report_is_shown_with_what_its_engine_was_measured_to_do() {
    let world = World::live().await;
    let plane = &world.plane;
    let shown = gates::evaluation(&plane.cp, &world.approver, 2)
        .await
        .unwrap();
    let measured = |gate| {
        let one = shown.gates.iter().find(|one| one.report.gate == gate);
        one.unwrap().accuracy.len()
    };
    assert_eq!(measured(Gate::StaticAnalysis), 1);
    assert_eq!(measured(Gate::Relevance), 0);
    world.plane.finish().await;
}
