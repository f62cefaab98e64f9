//! The embedded evaluator on suites as repositories have them.

use super::super::judge::{Manner, NOW, fake_seat};
use super::*;

const fn bar(threshold: f64) -> Bar {
    Bar {
        threshold,
        slack: 0.35,
        trials: 1,
    }
}

fn suite(name: &str, text: &str) -> SuiteFile {
    SuiteFile {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn answer(question: &Question, text: &str) -> Exchange {
    Exchange {
        case_id: question.case_id.clone(),
        variant: question.variant,
        outcome: Ok(text.to_owned()),
        trace: None,
        latency_ms: 1,
    }
}

#[tokio::test]
async fn no_suite_is_inconclusive_and_never_a_pass() {
    let report = EmbeddedEvaluator::default()
        .questions(Gate::Relevance, bar(0.9), &[])
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Inconclusive, Some("no_cases"))
    );
    assert!(
        EmbeddedEvaluator::default()
            .questions(Gate::Health, bar(1.0), &[])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_broken_suite_is_named_with_its_line() {
    let report = EmbeddedEvaluator::default()
        .questions(
            Gate::Relevance,
            bar(0.9),
            &[suite("evaluation/r.jsonl", "\n{oops")],
        )
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(report.reason.as_deref(), Some("suite_invalid"));
    let finding = report.findings.first().unwrap();
    assert_eq!(
        (finding.location.as_str(), finding.line),
        ("evaluation/r.jsonl", Some(2))
    );
}

#[tokio::test]
async fn the_questions_of_one_case_are_told_apart_and_found_again() {
    let example =
        include_str!("../../../../examples/refund-assistant/evaluation/responsible_ai.jsonl");
    let suites = [suite("evaluation/responsible_ai.jsonl", example)];
    let questions = EmbeddedEvaluator::default()
        .questions(Gate::ResponsibleAi, bar(1.0), &suites)
        .await
        .unwrap()
        .unwrap();
    assert!(questions.iter().any(|question| question.variant > 0));
    let exchanges: Vec<Exchange> = questions
        .iter()
        .map(|question| answer(question, "I cannot help with that."))
        .collect();
    let report = EmbeddedEvaluator::default()
        .judge(Gate::ResponsibleAi, bar(1.0), &suites, &exchanges, &[])
        .await
        .unwrap();
    assert!(
        report
            .cases
            .iter()
            .all(|case| case.verdict != Verdict::Errored),
        "{:?}",
        report.cases
    );
}

/// Twelve cases with a criterion for a judge each: enough to decide by, if they are decided.
fn rows() -> String {
    (0..12)
        .map(|n| format!("{{\"id\": \"a{n}\", \"input\": \"How long?\", \"checks\": [{{\"scorer\": \"llm-rubric\", \"value\": \"is polite\"}}]}}\n"))
        .collect()
}

async fn reason(judge: Option<Seat>) -> (Verdict, Option<String>, u32) {
    reason_for(judge, &[]).await
}

async fn reason_for(judge: Option<Seat>, models: &[Model]) -> (Verdict, Option<String>, u32) {
    let evaluator = EmbeddedEvaluator::new(judge);
    let suites = [suite("s.rows.jsonl", &rows())];
    let questions = evaluator
        .questions(Gate::Relevance, bar(0.9), &suites)
        .await
        .unwrap()
        .unwrap();
    let given: Vec<Exchange> = questions
        .iter()
        .map(|question| answer(question, "Five days, please."))
        .collect();
    let report = evaluator
        .judge(Gate::Relevance, bar(0.9), &suites, &given, models)
        .await
        .unwrap();
    let case = report.cases.first().unwrap();
    (case.verdict, report.reason, report.measures[0].passed)
}

#[tokio::test]
async fn a_judge_decides_only_with_a_calibration_that_holds() {
    let undecided = Some("undecided_cases".to_owned());
    let uncalibrated = Some("judge_uncalibrated".to_owned());
    assert_eq!(reason(None).await.1, undecided);
    let folder = tempfile::tempdir().unwrap();
    let seat = |manner| fake_seat(folder.path(), manner);
    let missing = reason(Some(seat(Manner::Honest))).await;
    assert_eq!(missing, (Verdict::Inconclusive, uncalibrated.clone(), 0));
    keep(&seat(Manner::Honest), "2026-01-01T00:00:00Z").await;
    let old = reason(Some(seat(Manner::Honest))).await;
    assert_eq!(old, (Verdict::Inconclusive, uncalibrated, 0));
    keep(&seat(Manner::Honest), NOW).await;
    let heard = reason(Some(seat(Manner::Honest))).await;
    assert_eq!(heard.0, Verdict::Passed, "{heard:?}");
    // Twelve opinions say little of the rate: some count, and not all of them.
    assert!((1..12).contains(&heard.2), "{heard:?}");
    for manner in [Manner::Garbage, Manner::Silent, Manner::Broken] {
        let found = reason(Some(seat(manner))).await;
        assert_eq!(
            found,
            (Verdict::Inconclusive, undecided.clone(), 0),
            "{manner:?}"
        );
    }
}

#[tokio::test]
async fn a_judge_of_the_family_of_the_agents_model_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let seat = fake_seat(folder.path(), Manner::Honest);
    keep(&seat, NOW).await;
    let model = |provider: &str, name: &str| Model {
        provider: provider.to_owned(),
        name: name.to_owned(),
    };
    let own = [model("house", "northwind-7b")];
    let found = reason_for(Some(seat.clone()), &own).await;
    let same = Some("judge_same_family".to_owned());
    assert_eq!(found, (Verdict::Inconclusive, same, 0));
    let other = [model("house", "southwind-7b")];
    assert_eq!(reason_for(Some(seat), &other).await.0, Verdict::Passed);
}

/// Keeps a calibration of that time, of a judge that knew every label.
async fn keep(seat: &Seat, at: &str) {
    let text = serde_json::json!({
        "model": "judge-1", "family": "northwind", "at": at, "labelled": "sha256:0",
        "modes": { "rubric": { "prompt": model_judge::prompt_digest(Mode::Rubric), "good": 60, "good_found": 60,
            "bad": 60, "bad_found": 60, "unclear": 0, "injections": 6, "obeyed": 0 } },
        "position": { "pairs": 6, "turned": 0 },
    });
    seat.keep(text.to_string()).await.unwrap();
}

#[test]
fn judged_cases_are_a_log_that_can_be_read_back() {
    let case = |id: &str, verdict| CaseResult {
        id: id.to_owned(),
        suite: "evaluation/s.jsonl".to_owned(),
        asked: "How long?".to_owned(),
        expected: Some("Five days".to_owned()),
        answered: "Five days, please.\u{1b}[2J".to_owned(),
        verdict,
        why: "it says so".to_owned(),
        latency_ms: 7,
    };
    let mut report = evaluation::judge(Gate::Relevance, &[], &[], &Thresholds::default());
    report.cases = vec![case("a", Verdict::Passed), case("b", Verdict::Errored)];
    let text = EmbeddedEvaluator::default().inspect_log(&[report]).unwrap();
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let first = log.pointer("/samples/0").unwrap();
    assert_eq!(first["target"], "Five days");
    assert_eq!(first["output"]["completion"], "Five days, please.\u{1b}[2J");
    assert_eq!(first["scores"][ENGINE]["value"], "C");
    assert_eq!(
        log.pointer("/samples/1/error/message").unwrap(),
        "it says so"
    );
    let back = import(Format::InspectLog, text.as_bytes()).unwrap().rows;
    assert_eq!(back.len(), 2);
    assert_eq!(back[0].id, "relevance/evaluation/s.jsonl/a");
}

#[test]
fn a_comparison_with_live_has_both_shares_and_the_newly_failing_cases_bounded() {
    let case = |at: usize, verdict| CaseResult {
        id: format!("c{at}"),
        suite: "s.jsonl".to_owned(),
        asked: "How long?".to_owned(),
        expected: None,
        answered: String::new(),
        verdict,
        why: String::new(),
        latency_ms: 0,
    };
    let run = |failed: usize| -> Vec<CaseResult> {
        let verdict = |at| {
            if at < failed {
                Verdict::Failed
            } else {
                Verdict::Passed
            }
        };
        (0..200).map(|at| case(at, verdict(at))).collect()
    };
    let live = |cases| LiveCases {
        version: "1.2.0".to_owned(),
        number: 7,
        evidence_digest: "sha256:00".to_owned(),
        cases,
    };
    let evaluator = EmbeddedEvaluator::default();
    let found = evaluator.compare(&run(90), live(run(10)), 0.05).unwrap();
    assert_eq!(
        (found.pairs, found.passed, found.live_passed),
        (200, 110, 190)
    );
    assert_eq!(found.standing, domain::gate::LiveStanding::Worse);
    assert_eq!(
        (found.newly_failing, found.newly_failing_cases.len()),
        (80, 50)
    );
    assert!(evaluator.compare(&run(0), live(Vec::new()), 0.05).is_none());
}
