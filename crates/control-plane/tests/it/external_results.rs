//! Results that somebody else's engine came to: they count where the policy trusts the signer, and nowhere else.

use audit_log::CheckpointKey;
use chrono::Duration;
use control_plane::attestations::{self, Form};
use control_plane::{Error, OpCtx, gates};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::{Conflict, FieldProblem};
use domain::gate::{Gate, Measure, Report, Verdict};
use domain::view::evaluation::HandedIn;
use evidence::{Envelope, RESULT_TYPE, Statement, Subjects, verify};
use serde_json::json;

use crate::policies::{adopt, with};
use crate::support::{World, conflict};

fn signer(seed: u8) -> CheckpointKey {
    CheckpointKey::from_seed("ci.example/results", &[seed; 32]).unwrap()
}

/// The policy has somebody else judge relevance.
fn document() -> String {
    let block = format!(
        "external_results:\n  - signer: nightly\n    key: {}\n    gates: [relevance]\n    wait_minutes: 60\nnon_prod:\n",
        signer(3).verifier_key()
    );
    with(&[("non_prod:\n", &block)])
}

/// A version that waits for a result as #1.
async fn waiting() -> (World, OpCtx) {
    let world = World::new().await;
    adopt(&world, &document()).await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Verifying).await;
    let developer = plane.person("ci@example.com", Role::Developer).await;
    (world, developer)
}

fn report(gate: Gate, verdict: Verdict, value: f64) -> Report {
    Report {
        gate,
        verdict,
        reason: None,
        summary: "judged elsewhere".to_owned(),
        engine: "nightly-evaluation 4.2".to_owned(),
        basis: Vec::new(),
        measures: vec![Measure {
            name: "cases".to_owned(),
            passed: 1,
            total: 1,
            value,
            low: 0.2,
            high: 1.0,
            threshold: 0.9,
            verdict,
            needed: None,
        }],
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}

async fn subjects(world: &World) -> Subjects {
    let found = world.plane.version(1).await;
    let proven = attestations::download(&world.plane.cp, &world.approver, 1, Form::Bundle).await;
    let shown = verify(
        &proven.unwrap().bytes,
        std::slice::from_ref(&world.plane.key),
    )
    .unwrap();
    assert_eq!(found.image, Some(format!("sha256:{}", shown.image)));
    Subjects {
        commit: shown.commit,
        image: shown.image,
        config_bundle: shown.config_bundle,
    }
}

fn envelope(seed: u8, subjects: &Subjects, deployment: i64, report: &Report) -> String {
    let predicate = json!({ "deployment": deployment, "report": report });
    let statement = Statement::new(subjects, RESULT_TYPE, predicate);
    Envelope::sign(&signer(seed), statement.bytes().unwrap()).line()
}

async fn hand_in(world: &World, ctx: &OpCtx, envelope: &str) -> Result<HandedIn, Error> {
    attestations::hand_in(&world.plane.cp, ctx, 1, envelope.as_bytes()).await
}

fn problem(outcome: Result<HandedIn, Error>) -> FieldProblem {
    match outcome {
        Err(Error::Invalid(errors)) => errors.get("envelope").unwrap(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_trusted_result_takes_the_place_of_the_engine_and_is_shown_as_such() {
    let (world, ci) = waiting().await;
    let plane = &world.plane;
    let good = report(Gate::Relevance, Verdict::Passed, 1.0);
    let line = envelope(3, &subjects(&world).await, 1, &good);
    let taken = hand_in(&world, &ci, &line).await.unwrap();
    assert_eq!(
        (taken.gate, taken.signer.as_str()),
        (Gate::Relevance, "nightly")
    );
    assert_eq!(
        hand_in(&world, &ci, &line).await.unwrap(),
        taken,
        "the same again"
    );
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    for number in [1, 2] {
        let file = attestations::download(&plane.cp, &world.approver, number, Form::Bundle).await;
        let shown = verify(&file.unwrap().bytes, std::slice::from_ref(&plane.key)).unwrap();
        assert_eq!(shown.external, [(Gate::Relevance, "nightly".to_owned())]);
        let report = gates::evaluation(&plane.cp, &world.approver, number)
            .await
            .unwrap();
        let gate = report
            .gates
            .iter()
            .find(|g| g.report.gate == Gate::Relevance);
        assert_eq!(gate.unwrap().external.as_deref(), Some("nightly"));
        assert_eq!(gate.unwrap().report, good);
    }
    assert_eq!(plane.count_events("result_handed_in").await, 1);
    let late = report(Gate::Relevance, Verdict::Passed, 0.95);
    let late = envelope(3, &subjects(&world).await, 1, &late);
    let refused = hand_in(&world, &ci, &late).await;
    assert_eq!(conflict(refused), Conflict::NotAwaited);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_result_that_says_no_ends_the_deployment() {
    let (world, ci) = waiting().await;
    let bad = report(Gate::Relevance, Verdict::Failed, 0.4);
    let line = envelope(3, &subjects(&world).await, 1, &bad);
    hand_in(&world, &ci, &line).await.unwrap();
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    assert!(world.why(1).await.starts_with("Relevance"));
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_not_to_be_trusted_is_refused_with_its_reason() {
    let (world, ci) = waiting().await;
    let build = subjects(&world).await;
    let good = report(Gate::Relevance, Verdict::Passed, 1.0);
    let other = Subjects {
        commit: "00".repeat(20),
        ..build.clone()
    };
    let low = report(Gate::Relevance, Verdict::Passed, 0.5);
    let theirs = report(Gate::Hallucination, Verdict::Passed, 1.0);
    let waived = report(Gate::Relevance, Verdict::Waived, 1.0);
    let refused = [
        ("{}".to_owned(), FieldProblem::BadEnvelope),
        (envelope(4, &build, 1, &good), FieldProblem::UnknownSigner),
        (envelope(3, &other, 1, &good), FieldProblem::OtherBuild),
        (envelope(3, &build, 2, &good), FieldProblem::OtherDeployment),
        (envelope(3, &build, 1, &theirs), FieldProblem::NotTheirGate),
        (envelope(3, &build, 1, &waived), FieldProblem::Contradiction),
        (envelope(3, &build, 1, &low), FieldProblem::BelowThreshold),
    ];
    for (line, wanted) in refused {
        assert_eq!(problem(hand_in(&world, &ci, &line).await), wanted);
    }
    let viewer = world.plane.person("viewer@example.com", Role::Viewer).await;
    let line = envelope(3, &build, 1, &good);
    assert!(matches!(
        hand_in(&world, &viewer, &line).await,
        Err(Error::Forbidden { .. })
    ));
    world.settle().await;
    world.expect(1, DeploymentState::Verifying).await;
    assert_eq!(world.plane.count_events("result_handed_in").await, 0);
}

#[tokio::test]
async fn a_result_that_does_not_come_keeps_the_version_out_of_production() {
    let (world, _) = waiting().await;
    let plane = &world.plane;
    plane.clock.advance(Duration::minutes(59));
    world.settle().await;
    world.expect(1, DeploymentState::Verifying).await;
    plane.clock.advance(Duration::minutes(2));
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1], "not promoted");
    let report = gates::evaluation(&plane.cp, &world.approver, 1)
        .await
        .unwrap();
    let gate = report
        .gates
        .iter()
        .find(|g| g.report.gate == Gate::Relevance);
    assert_eq!(gate.unwrap().verdict, Verdict::Inconclusive);
    assert_eq!(
        gate.unwrap().report.reason.as_deref(),
        Some("external_missing")
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_policy_that_trusts_nobody_takes_nothing() {
    let world = World::asked().await;
    let ci = world.plane.person("ci@example.com", Role::Developer).await;
    let good = report(Gate::Relevance, Verdict::Passed, 1.0);
    let line = envelope(3, &subjects(&world).await, 1, &good);
    assert_eq!(
        problem(hand_in(&world, &ci, &line).await),
        FieldProblem::UnknownSigner
    );
    world.plane.finish().await;
}
