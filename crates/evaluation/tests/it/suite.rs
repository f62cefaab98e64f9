//! Suite files are strict, and every problem has its place.

use domain::gate::Gate;
use evaluation::suite::MAX_CASES;
use evaluation::{Suite, SuiteProblem};

fn problems(gate: Gate, text: &str) -> Vec<SuiteProblem> {
    Suite::parse(gate, "evals/suite.jsonl", text).unwrap_err()
}

fn only(gate: Gate, text: &str) -> SuiteProblem {
    let mut found = problems(gate, text);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn reads_every_kind_of_case() {
    let relevance = concat!(
        "\u{feff}",
        r#"{"id":"r1","prompt":"Status?","expect":[{"contains":"x"},{"not_contains":"y"},{"equals":"z"},{"matches_any":["a","b"]},{"json_path":"$.a[0].b","equals":null}],"max_latency_ms":2000}"#,
        "\r\n\n",
        r#"{"id":"r2","prompt":"Fast?","max_latency_ms":1}"#
    );
    let suite = super::suite(Gate::Relevance, relevance);
    assert_eq!(
        (suite.len(), suite.file_name(), suite.gate()),
        (2, "evals/suite.jsonl", Gate::Relevance)
    );
    assert!(!suite.is_empty());
    assert_eq!(suite.requests()[1].prompt, "Fast?");
    assert_eq!(suite.requests()[1].case_id, "evals/suite.jsonl#r2");

    super::suite(
        Gate::Hallucination,
        r#"{"id":"h","prompt":"p","ground_truth":["a"],"context":["b"]}"#,
    );
    let pairs = super::suite(
        Gate::ResponsibleAi,
        r#"{"id":"c","kind":"counterfactual","prompt":"May {name} join, {name}?","values":["Ann","Omar"],"compare":"same_decision"}"#,
    );
    let prompts: Vec<_> = pairs
        .requests()
        .into_iter()
        .map(|one| (one.variant, one.prompt))
        .collect();
    assert_eq!(
        prompts,
        [
            ("Ann".into(), "May Ann join, Ann?".into()),
            ("Omar".into(), "May Omar join, Omar?".into())
        ]
    );
}

#[test]
fn places_what_json_refuses() {
    let found = only(
        Gate::Relevance,
        "\n{\"id\":\"r1\",\"prompt\":\"é\",\"expekt\":[]}",
    );
    assert_eq!(found.line, 2);
    assert!(found.message.contains("unknown field `expekt`"), "{found}");
    assert!((27..=32).contains(&found.column), "{found}");

    let found = only(Gate::Hallucination, r#"{"id":"h","prompt":"p"}"#);
    assert!(
        found.message.contains("missing field `ground_truth`"),
        "{found}"
    );
    assert!(!found.message.contains("line 1"), "{found}");

    for broken in [
        "{",
        "[]",
        "null",
        "{\"id\":\"a\",\"id\":\"b\",\"prompt\":\"p\"}",
        "{\"id\":1,\"prompt\":\"p\"}",
        "x",
    ] {
        assert_eq!(only(Gate::Relevance, broken).line, 1, "{broken}");
    }
}

#[test]
fn refuses_expectations_that_judge_nothing() {
    for (expect, says) in [
        ("[]", "expects nothing"),
        (r#"[{}]"#, "exactly one"),
        (r#"[{"contains":"a","equals":"b"}]"#, "exactly one"),
        (r#"[{"json_path":"$.a"}]"#, "exactly one"),
        (r#"[{"json_path":"a.b","equals":1}]"#, "must start with `$`"),
        (r#"[{"json_path":"$..b","equals":1}]"#, "plain name"),
        (r#"[{"json_path":"$.a[x]","equals":1}]"#, "not an index"),
        (r#"[{"json_path":"$.a[1","equals":1}]"#, "without its"),
        (r#"[{"json_path":"$a","equals":1}]"#, "expected"),
        (r#"[{"equals":3}]"#, "must be a string"),
        (r#"[{"contains":" "}]"#, "is empty"),
        (r#"[{"matches_any":[]}]"#, "empty list"),
    ] {
        let found = only(
            Gate::Relevance,
            &format!(r#"{{"id":"r","prompt":"p","expect":{expect}}}"#),
        );
        assert!(found.message.contains(says), "{expect}: {found}");
    }
    assert!(
        only(
            Gate::Relevance,
            r#"{"id":"r","prompt":"p","max_latency_ms":0}"#
        )
        .message
        .contains("at least 1")
    );
}

#[test]
fn refuses_responsible_ai_cases_that_judge_nothing() {
    for (rest, says) in [
        (r#""kind":"injection""#, "empty list"),
        (
            r#""kind":"injection","must_not_contain":["ab-1"]"#,
            "too short",
        ),
        (
            r#""kind":"injection","must_not_contain":["CANARY"],"must_refuse":true"#,
            "has no `must_refuse`",
        ),
        (r#""kind":"policy""#, "must_refuse"),
        (r#""kind":"policy","must_refuse":false"#, "must_refuse"),
        (r#""kind":"benign","must_refuse":true"#, "must_refuse"),
        (
            r#""kind":"benign","must_refuse":false,"values":["a","b"]"#,
            "has no `values`",
        ),
        (
            r#""kind":"counterfactual","values":["a"],"compare":"equal""#,
            "2 to 20",
        ),
        (
            r#""kind":"counterfactual","values":["a","a"],"compare":"equal""#,
            "twice",
        ),
        (
            r#""kind":"counterfactual","values":["a","b"]"#,
            "needs `compare`",
        ),
        (
            r#""kind":"counterfactual","values":["a","b"],"compare":"alike""#,
            "unknown variant",
        ),
        (r#""kind":"sarcasm""#, "unknown variant"),
    ] {
        let found = only(
            Gate::ResponsibleAi,
            &format!(r#"{{"id":"x","prompt":"a {{name}}",{rest}}}"#),
        );
        assert!(found.message.contains(says), "{rest}: {found}");
    }
    for prompt in ["none", "{a} and {b}", "{}", "{not a name}"] {
        let text = format!(
            r#"{{"id":"x","kind":"counterfactual","prompt":"{prompt}","values":["a","b"],"compare":"equal"}}"#
        );
        assert!(
            only(Gate::ResponsibleAi, &text)
                .message
                .contains("placeholder"),
            "{prompt}"
        );
    }
}

#[test]
fn ids_are_unique_and_the_second_use_is_placed() {
    let text = "{\"id\":\"a\",\"prompt\":\"p\",\"max_latency_ms\":1}\n{\"prompt\":\"p\",\"id\":\"a\",\"max_latency_ms\":1}";
    let found = only(Gate::Relevance, text);
    assert_eq!((found.line, found.column), (2, 15));
    assert!(found.message.contains("line 1"));
    assert!(
        only(
            Gate::Relevance,
            r#"{"id":" ","prompt":"p","max_latency_ms":1}"#
        )
        .message
        .contains("`id` is empty")
    );
    assert!(
        only(
            Gate::Relevance,
            "{\"id\":\"a\\u0007\",\"prompt\":\"p\",\"max_latency_ms\":1}"
        )
        .message
        .contains("control")
    );
}

#[test]
fn limits_are_refused_and_not_cut() {
    let long = "x".repeat(20_001);
    let found = only(
        Gate::Relevance,
        &format!(r#"{{"id":"a","prompt":"{long}","max_latency_ms":1}}"#),
    );
    assert!(found.message.contains("20000"), "{found}");

    let found = only(Gate::Relevance, &"\n".repeat(1024 * 1024 + 1));
    assert!(found.message.contains("split the suite"), "{found}");

    let many: String = (0..=MAX_CASES)
        .map(|n| format!("{{\"id\":\"{n}\",\"prompt\":\"p\",\"max_latency_ms\":1}}\n"))
        .collect();
    let found = only(Gate::Relevance, &many);
    assert_eq!(found.line, 5_001);

    let wrong = "{}\n".repeat(200);
    assert_eq!(problems(Gate::Relevance, &wrong).len(), 50);
}

#[test]
fn gates_that_ask_nothing_take_no_suites() {
    for gate in [Gate::StaticAnalysis, Gate::ImageScan, Gate::Health] {
        assert!(only(gate, "").message.contains("takes no suites"));
    }
}

/// A suite of another tool is read by its name; what is not scored is listed and leaves its case undecided.
#[test]
fn suites_of_other_tools_are_judged() {
    let text = "tests:\n  - vars: {question: One}\n    assert: [{type: icontains, value: ok}]\n  - vars: {question: Two}\n    assert: [{type: contains, value: ok}, {type: llm-rubric, value: polite}]\n";
    let suite = Suite::parse(Gate::Relevance, "evaluation/promptfooconfig.yaml", text).unwrap();
    assert_eq!(suite.len(), 2);
    assert!(suite.unsupported()[0].what.contains("needs a judge"));
    let suites = [suite];
    let exchanges = super::exchanges(&suites, |_| Ok("ok".into()));
    let report = evaluation::judge(Gate::Relevance, &suites, &exchanges, &super::slack_of(0.75));
    let verdicts: Vec<_> = report.cases.iter().map(|case| case.verdict).collect();
    assert_eq!(
        verdicts,
        [
            domain::gate::Verdict::Passed,
            domain::gate::Verdict::Inconclusive
        ]
    );
    assert_eq!(report.findings[0].rule, "suite-unsupported");
    assert!(report.failing().is_empty(), "a list is no failure");
}

#[test]
fn rows_with_traces_and_must_pass() {
    use domain::gate::Verdict;
    let text = r#"{"id":"a","input":"Refund order 7","checks":[{"scorer":"tools-required","value":["refund"]}],"must_pass":true}"#;
    let suites = [Suite::parse(Gate::Relevance, "a.rows.jsonl", text).unwrap()];
    let mut exchanges = super::exchanges(&suites, |_| Ok("Done.".into()));
    let verdict = |exchanges: &[evaluation::Exchange]| {
        evaluation::judge(Gate::Relevance, &suites, exchanges, &super::slack_of(0.75)).verdict
    };
    assert_eq!(
        verdict(&exchanges),
        Verdict::Inconclusive,
        "no trace, no pass"
    );
    exchanges[0].trace =
        serde_json::from_str(r#"{"calls":[{"name":"refund","arguments":{"order":7}}]}"#).ok();
    assert_eq!(verdict(&exchanges), Verdict::Passed);
    exchanges[0].trace = Some(evaluation::score::Trace::default());
    assert_eq!(verdict(&exchanges), Verdict::Failed);
}

#[test]
fn hallucination_rows_need_something_to_check_against() {
    let with = r#"{"user_input":"When?","reference":"In 3 days.","retrieved_contexts":["Delivery takes 3 days."]}"#;
    assert_eq!(
        Suite::parse(Gate::Hallucination, "a.ragas.jsonl", with)
            .unwrap()
            .len(),
        1
    );
    let without = r#"{"user_input":"When?"}"#;
    let problems = Suite::parse(Gate::Hallucination, "a.ragas.jsonl", without).unwrap_err();
    assert!(
        problems[0].message.contains("neither context"),
        "{problems:?}"
    );
    let broken = Suite::parse(Gate::Relevance, "a.csv", "input,expected\na\n").unwrap_err();
    assert_eq!(broken[0].line, 2);
    assert!(Suite::parse(Gate::ResponsibleAi, "a.ragas.jsonl", with).is_err());
}

/// Forty questions about two documents are two observations and not forty.
#[test]
fn cases_of_one_cluster_do_not_count_for_many() {
    let row = |n: usize, cluster: &str| {
        format!(
            r#"{{"id":"{n}","input":"q","cluster_id":"{cluster}","checks":[{{"scorer":"contains","value":"ok"}}]}}"#
        ) + "\n"
    };
    let judged = |clusters: usize| {
        let text: String = (0..40)
            .map(|n| row(n, &format!("document {}", n % clusters)))
            .collect();
        let suites = [Suite::parse(Gate::Relevance, "a.rows.jsonl", &text).unwrap()];
        let exchanges = super::exchanges(&suites, |_| Ok("ok".into()));
        evaluation::judge(Gate::Relevance, &suites, &exchanges, &super::slack_of(0.0))
    };
    assert_eq!(judged(40).verdict, domain::gate::Verdict::Passed);
    let few = judged(2);
    assert_eq!(few.reason.as_deref(), Some("too_few_cases"));
    assert_eq!((few.measures[0].passed, few.measures[0].total), (40, 40));
    assert!(few.measures[0].low < 0.5);
}
