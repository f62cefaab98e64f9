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
        .judge(Gate::ResponsibleAi, bar(1.0), &suites, &exchanges)
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
        .judge(Gate::Relevance, bar(0.9), &suites, &given)
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
