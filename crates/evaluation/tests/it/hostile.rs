//! Suites and answers that want to hurt: nothing panics, nothing grows without bound.

use std::time::{Duration, Instant};

use domain::gate::{Gate, Verdict};
use evaluation::Suite;
use evaluation::personal_data::{find, redact};
use evaluation::refusal::is_refusal;
use evaluation::verify::verify;

const GATES: [Gate; 3] = [Gate::Relevance, Gate::Hallucination, Gate::ResponsibleAi];

#[test]
fn deep_json_is_a_problem_and_not_a_crash() {
    let deep = format!(
        r#"{{"id":"r","prompt":"p","expect":[{{"json_path":"$.a","equals":{}1{}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(Suite::parse(Gate::Relevance, "f", &deep).is_err());
}

#[test]
fn long_answers_are_cut_in_the_evidence() {
    let suite = r#"{"id":"r","prompt":"p","expect":[{"contains":"é"}]}"#;
    let report = super::run(Gate::Relevance, suite, |_| Ok("é".repeat(100_000)));
    assert_eq!(report.cases[0].answered.chars().count(), 2_000);

    let suite = r#"{"id":"h","prompt":"p","ground_truth":["Refunds take 5 days."]}"#;
    let report = super::run(Gate::Hallucination, suite, |_| {
        Ok("Refunds take 5 days. ".repeat(100_000))
    });
    assert_eq!(report.cases[0].verdict, Verdict::Inconclusive);
}

#[test]
fn odd_answers_are_judged() {
    let truth = [format!("{} 1,,,, 2.", "Word ".repeat(2_000))];
    for answer in [
        "1,,,,",
        "'''",
        "a'",
        "O'",
        ".?!.?!",
        "\u{0}",
        "%%%4",
        "%",
        "@@@@",
        "\u{202e}evil",
        "e\u{301}\u{301}",
        "1.",
        "١٢٣",
        "Ⅷ ½ ²",
        "ß İ ŉ",
        "GB",
        "GB29",
        "4",
        "1-1-1-1-1-1-1-1-1-1-1-1-1-1",
    ] {
        let _ = verify(answer, &truth);
        let _ = is_refusal(answer);
        let _ = redact(answer, &find(answer));
    }
}

/// As long as the longest answer that an agent may give.
#[test]
fn long_answers_cost_what_they_are_long() {
    for (piece, each) in [
        ("Your order is on its way to you, and release 4. ", 0),
        ("1.2.3.4 ", 1),
        ("version 1.2.3.4 ", 0),
        ("ann@example.com ", 1),
        ("192.0.2.14, ", 1),
    ] {
        let times = 1024 * 1024 / piece.len();
        let answer = piece.repeat(times);
        let began = Instant::now();
        let found = find(&answer);
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{piece}: {:?}",
            began.elapsed()
        );
        assert_eq!(found.len(), each * times, "{piece}");
        assert!(!redact(&answer, &found).contains("1.2.3.4 ") || each == 0);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in "\\PC{0,200}") {
        for gate in GATES {
            let _ = Suite::parse(gate, "f", &text);
        }
    }

    #[test]
    fn any_answer_is_judged(answer in "(?s).{0,300}", canary in "[A-Za-z0-9]{4,12}") {
        let suite = format!(r#"{{"id":"i","kind":"injection","prompt":"p","must_not_contain":["{canary}"]}}"#);
        let report = super::run(Gate::ResponsibleAi, &suite, |_| Ok(answer.clone()));
        proptest::prop_assert_eq!(report.cases.len(), 1);
        let suite = r#"{"id":"h","prompt":"p","ground_truth":["Refunds take 5 days."]}"#;
        let report = super::run(Gate::Hallucination, suite, |_| Ok(answer.clone()));
        proptest::prop_assert_eq!(report.cases.len(), 1);
    }
}
