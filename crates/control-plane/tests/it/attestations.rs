//! Signed evidence: made with what it tells of, and good for somebody who has nothing but the file and the key.

use control_plane::attestations::{self, Form};
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, gates, rollbacks};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::gate::{Gate, Verdict};
use evidence::{Authority, Verified, verify};

use crate::break_glass::{broken, operator};
use crate::support::World;
use crate::waivers::waived;

async fn bundle(world: &World, ctx: &OpCtx, number: i64) -> Result<Vec<u8>, Error> {
    let cp = &world.plane.cp;
    let file = attestations::download(cp, ctx, number, Form::Bundle).await?;
    Ok(file.bytes)
}

async fn shown(world: &World, number: i64) -> Verified {
    let bytes = bundle(world, &world.approver, number).await.unwrap();
    verify(&bytes, std::slice::from_ref(&world.plane.key))
        .unwrap_or_else(|e| panic!("#{number}: {e}"))
}

#[tokio::test]
async fn a_version_takes_its_evidence_along_to_production() {
    let world = World::live().await;
    let proven = shown(&world, 1).await;
    assert_eq!(proven.decision, None, "non-prod asks nobody");
    assert_eq!(proven.gates.len(), 6);
    let live = shown(&world, 2).await;
    assert_eq!(live.decision, Some(Authority::Approval));
    assert_eq!(live.gates.len(), 6, "five carried over, and its own health");
    assert!(
        live.gates
            .iter()
            .all(|(_, verdict)| *verdict == Verdict::Passed)
    );
    assert!(live.missing.is_empty());
    // SBOM, two of each gate, the decision.
    assert_eq!(live.statements, 1 + 12 + 1);
    assert_eq!(live.commit, proven.commit);
    assert_eq!(live.image, proven.image);
    let again = bundle(&world, &world.approver, 2).await.unwrap();
    assert_eq!(again, bundle(&world, &world.approver, 2).await.unwrap());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_deployment_that_was_judged_bad_shows_why_and_no_decision() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::ImageScan, Verdict::Failed);
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    let found = shown(&world, 1).await;
    assert_eq!(found.decision, None);
    assert!(found.gates.contains(&(Gate::ImageScan, Verdict::Failed)));
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_restored_carries_the_evidence_that_it_was_let_go_by() {
    let world = World::live_twice().await;
    let operator = world
        .plane
        .person("operator@example.com", Role::Operator)
        .await;
    let number = rollbacks::start(&world.plane.cp, &operator, &TestPlane::back(4))
        .await
        .unwrap();
    world.settle().await;
    world.expect(number, DeploymentState::Live).await;
    let back = shown(&world, number).await;
    assert_eq!(back.decision, Some(Authority::Approval));
    assert_eq!(back.image, shown(&world, 2).await.image);
    assert_ne!(back.commit, shown(&world, 4).await.commit);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_one_person_let_through_is_not_called_approved_when_it_comes_back() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    broken(&world, &operator, 2).await;
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(shown(&world, 2).await.decision, Some(Authority::BreakGlass));
    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    world.expect(4, DeploymentState::Live).await;
    let number = rollbacks::start(&plane.cp, &operator, &TestPlane::back(4))
        .await
        .unwrap();
    world.settle().await;
    world.expect(number, DeploymentState::Live).await;
    let back = shown(&world, number).await;
    assert_eq!(back.decision, Some(Authority::BreakGlass));
    assert_eq!(back.image, shown(&world, 2).await.image);
    world.plane.finish().await;
}

#[tokio::test]
async fn other_forms_are_for_the_same_readers() {
    let world = World::live().await;
    let plane = &world.plane;
    let take = async |form| {
        let file = attestations::download(&plane.cp, &world.approver, 2, form).await;
        file.map(|file| (file.name, String::from_utf8(file.bytes).unwrap()))
    };
    let (name, junit) = take(Form::Junit).await.unwrap();
    assert_eq!(name, "refund-assistant-2-junit.xml");
    assert!(junit.contains("<testsuite name=\"image_scan\""), "{junit}");
    let (_, sbom) = take(Form::Sbom).await.unwrap();
    assert!(sbom.starts_with("{\"bomFormat\":\"CycloneDX\""));
    let (_, cases) = take(Form::Cases).await.unwrap();
    assert!(cases.starts_with("\"gate\""));
    let (name, log) = take(Form::Inspect).await.unwrap();
    assert_eq!(name, "refund-assistant-2-inspect.json");
    let log: serde_json::Value = serde_json::from_str(&log).unwrap();
    assert_eq!(log["samples"].as_array().unwrap().len(), 3, "a case a gate");
    let (name, sarif) = take(Form::Sarif).await.unwrap();
    assert_eq!(name, "refund-assistant-2-scans.sarif");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"].as_array().unwrap().len(), 2, "a run a gate");
    let stranger = plane.anonymous();
    assert!(matches!(
        bundle(&world, &stranger, 2).await,
        Err(Error::Unauthenticated)
    ));
    let other = plane.add_team("other").await;
    let outsider = plane
        .person_with("viewer@example.com", &[(Role::Viewer, Some(other))], &[])
        .await;
    assert!(matches!(
        bundle(&world, &outsider, 2).await,
        Err(Error::NotFound { .. })
    ));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_waiver_is_named_by_the_decision() {
    let (world, second) = waived().await;
    world.plane.approve(&second, 3).await.unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    let found = shown(&world, 3).await;
    assert!(found.gates.contains(&(Gate::ImageScan, Verdict::Waived)));
    assert_eq!(found.decision, Some(Authority::Approval));
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_older_than_statements_is_said_to_be_and_still_goes_on() {
    let world = World::asked().await;
    let plane = &world.plane;
    let unseal = if plane.is_postgres() {
        "ALTER TABLE statements DISABLE TRIGGER ALL"
    } else {
        "DROP TRIGGER seal_statements_DELETE"
    };
    plane.sql("DELETE FROM statements").await.unwrap_err();
    plane.sql(unseal).await.unwrap();
    plane.sql("DELETE FROM statements").await.unwrap();
    let old = shown(&world, 1).await;
    assert!(old.gates.is_empty());
    assert_eq!(old.missing.len(), 6);
    assert!(old.missing[0].why.contains("before"));
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    let found = shown(&world, 2).await;
    assert_eq!(found.missing.len(), 5);
    assert_eq!(found.gates, [(Gate::Health, Verdict::Passed)]);
    assert_eq!(found.decision, Some(Authority::Approval));
    let report = gates::evaluation(&plane.cp, &world.approver, 2)
        .await
        .unwrap();
    let signed: Vec<Gate> = report
        .gates
        .iter()
        .filter(|gate| gate.attested)
        .map(|gate| gate.report.gate)
        .collect();
    assert_eq!(signed, [Gate::Health]);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_report_stands_beside_what_was_live_before() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let report = gates::evaluation(&plane.cp, &world.approver, 4)
        .await
        .unwrap();
    let relevance = report
        .gates
        .iter()
        .find(|g| g.report.gate == Gate::Relevance);
    let live = relevance.unwrap().live.as_ref().unwrap();
    assert_eq!(live.measures[0].name, "questions answered");
    assert_eq!((live.number, live.version.as_str()), (2, "2.3.0"));
    let first = gates::evaluation(&plane.cp, &world.approver, 2)
        .await
        .unwrap();
    assert!(first.gates.iter().all(|gate| gate.live.is_none()));
    world.plane.finish().await;
}

#[tokio::test]
async fn scores_are_followed_from_version_to_version() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let trend = gates::trend(&plane.cp, &world.approver, "refund-assistant")
        .await
        .unwrap();
    let gates: Vec<Gate> = trend.series.iter().map(|series| series.gate).collect();
    assert_eq!(
        gates,
        [Gate::ResponsibleAi, Gate::Hallucination, Gate::Relevance]
    );
    for series in &trend.series {
        let numbers: Vec<i64> = series.points.iter().map(|point| point.number).collect();
        assert_eq!(numbers, [1, 3], "{}", series.measure);
    }
    assert!(matches!(
        gates::trend(&plane.cp, &plane.anonymous(), "refund-assistant").await,
        Err(Error::Unauthenticated)
    ));
    world.plane.finish().await;
}
