//! What a comparison with the live version does to a gate's verdict: it only takes away.

use domain::gate::{AgainstLive, Gate, LiveStanding, Report, Verdict};

fn report(verdict: Verdict) -> Report {
    Report {
        gate: Gate::Relevance,
        verdict,
        reason: (verdict != Verdict::Passed).then(|| "its own".to_owned()),
        summary: "9 of 10 cases passed.".to_owned(),
        engine: "test 1".to_owned(),
        basis: Vec::new(),
        measures: Vec::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        against_live: None,
    }
}

fn live(standing: LiveStanding) -> AgainstLive {
    AgainstLive {
        version: "1.2.0".to_owned(),
        number: 7,
        evidence_digest: "sha256:00".to_owned(),
        pairs: 640,
        passed: 582,
        live_passed: 602,
        difference: -0.031,
        low: -0.059,
        high: -0.002,
        p_value: 0.03,
        margin: 0.05,
        standing,
        newly_failing: 30,
        newly_failing_cases: Vec::new(),
        unpaired: 0,
        needed: None,
    }
}

#[test]
fn every_standing_and_verdict_come_to_what_is_written_here() {
    use LiveStanding::{NotWorse, PerhapsWorse, Unclear, Worse};
    use Verdict::{Errored, Failed, Inconclusive, Passed, Waived};
    let expected = |standing, verdict| match (standing, verdict) {
        (Worse, Passed) => (Failed, Some("worse_than_live")),
        (Worse, Inconclusive) => (Failed, Some("worse_than_live_incomplete")),
        (PerhapsWorse, Passed) => (Inconclusive, Some("perhaps_worse_than_live")),
        (_, Passed) => (Passed, None),
        (_, other) => (other, Some("its own")),
    };
    for standing in [NotWorse, Unclear, PerhapsWorse, Worse] {
        for verdict in [Passed, Failed, Inconclusive, Errored, Waived] {
            let held = report(verdict).held_against(live(standing));
            let found = (held.verdict, held.reason.as_deref());
            assert_eq!(found, expected(standing, verdict), "{standing} {verdict}");
            assert!(held.against_live.is_some());
        }
    }
}

#[test]
fn what_fails_for_it_alone_can_be_waived_and_what_lacks_cases_cannot() {
    let worse = |verdict| report(verdict).held_against(live(LiveStanding::Worse));
    assert!(worse(Verdict::Passed).waivable());
    assert!(!worse(Verdict::Inconclusive).waivable());
}

#[test]
fn the_numbers_are_said_in_one_sentence() {
    let held = report(Verdict::Passed).held_against(live(LiveStanding::Worse));
    assert_eq!(
        held.summary,
        "Worse than live by more than the margin, v1.2.0: live 94.1 %, this 90.9 %, difference -3.1 points (-5.9 to -0.2), 640 pairs. 9 of 10 cases passed."
    );
}

#[test]
fn evidence_without_a_comparison_has_the_bytes_that_it_always_had() {
    let text = serde_json::to_string(&report(Verdict::Passed)).unwrap();
    assert!(!text.contains("against_live"));
    assert!(serde_json::from_str::<Report>(&text).is_ok());
}
