//! Relevance: deterministic expectations.

use domain::gate::{Gate, Verdict};
use evaluation::{Exchange, Thresholds, judge};

fn verdict_of(expect: &str, answer: &str) -> (Verdict, String) {
    let text = format!(r#"{{"id":"r","prompt":"p","expect":[{expect}]}}"#);
    let report = super::run(Gate::Relevance, &text, |_| Ok(answer.to_owned()));
    let case = super::case(&report, "r");
    (case.verdict, case.why.clone())
}

#[test]
fn each_expectation_has_both_outcomes() {
    for (expect, passes, fails) in [
        (
            r#"{"contains":"Working Days"}"#,
            "five WORKING days",
            "five days",
        ),
        (
            r#"{"not_contains":"guarantee"}"#,
            "we try",
            "We GUARANTEE it",
        ),
        (r#"{"equals":"42"}"#, " 42\n", "42."),
        (
            r#"{"matches_any":["yes","certainly"]}"#,
            "Certainly not a problem",
            "no",
        ),
        (
            r#"{"json_path":"$.status","equals":"ok"}"#,
            r#"{"status":"ok"}"#,
            r#"{"status":"OK"}"#,
        ),
        (
            r#"{"json_path":"$.a[1].b","equals":3}"#,
            "```json\n{\"a\":[0,{\"b\":3}]}\n```",
            r#"{"a":[{"b":3}]}"#,
        ),
        (
            r#"{"json_path":"$.a","equals":null}"#,
            r#"{"a":null}"#,
            "{}",
        ),
        (
            r#"{"json_path":"$.a","equals":1}"#,
            r#"{"a":1}"#,
            "not JSON",
        ),
        (r#"{"contains":"it's"}"#, "it\u{2019}s", "it is"),
    ] {
        assert_eq!(
            verdict_of(expect, passes).0,
            Verdict::Passed,
            "{expect} on {passes}"
        );
        let (verdict, why) = verdict_of(expect, fails);
        assert_eq!(verdict, Verdict::Failed, "{expect} on {fails}");
        assert!(
            !why.starts_with(char::is_lowercase) && why.ends_with('.'),
            "{why}"
        );
    }
}

#[test]
fn an_empty_answer_never_passes() {
    assert_eq!(
        verdict_of(r#"{"not_contains":"x"}"#, " \n").0,
        Verdict::Failed
    );
}

#[test]
fn a_slow_answer_fails_with_both_times() {
    let suites = [super::suite(
        Gate::Relevance,
        r#"{"id":"r","prompt":"p","max_latency_ms":100}"#,
    )];
    let at = |latency_ms| {
        let exchange = Exchange {
            case_id: "r".into(),
            variant: String::new(),
            outcome: Ok("hi".into()),
            trace: None,
            latency_ms,
        };
        judge(
            Gate::Relevance,
            &suites,
            &[exchange],
            &Thresholds::default(),
        )
        .cases
        .remove(0)
    };
    assert_eq!(at(100).verdict, Verdict::Passed);
    let slow = at(101);
    assert_eq!((slow.verdict, slow.latency_ms), (Verdict::Failed, 101));
    assert!(
        slow.why.contains("101 ms") && slow.why.contains("100 ms"),
        "{}",
        slow.why
    );
}
